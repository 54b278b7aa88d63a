"""Roots of polynomials of degree 2 modulo r."""

from typing import Final

from verifier import SCALAR_MODULUS

_TWO_ADICITY: Final = 28
_ODD_PART: Final = SCALAR_MODULUS >> _TWO_ADICITY
_NON_RESIDUE: Final = 5
"""The smallest number that is no square modulo r."""


def roots(square: int, slope: int, constant: int) -> list[int] | None:
    """The solutions x of square * x^2 + slope * x + constant = 0 modulo r.

    Returns:
        None when every x is a solution.
    """
    square, slope, constant = square % SCALAR_MODULUS, slope % SCALAR_MODULUS, constant % SCALAR_MODULUS
    if square:
        root = square_root(slope * slope - 4 * square * constant)
        half = pow(2 * square, -1, SCALAR_MODULUS)
        return [] if root is None else sorted({(sign * root - slope) * half % SCALAR_MODULUS for sign in (1, -1)})
    if slope:
        return [-constant * pow(slope, -1, SCALAR_MODULUS) % SCALAR_MODULUS]
    return [] if constant else None


def square_root(value: int) -> int | None:
    """A square root modulo r, by Tonelli and Shanks; None when there is none."""
    value %= SCALAR_MODULUS
    if value == 0:
        return 0
    if pow(value, SCALAR_MODULUS // 2, SCALAR_MODULUS) != 1:
        return None
    root = pow(value, (_ODD_PART + 1) // 2, SCALAR_MODULUS)
    rest = pow(value, _ODD_PART, SCALAR_MODULUS)  # root^2 = value * rest, and rest has order 2^k
    generator = pow(_NON_RESIDUE, _ODD_PART, SCALAR_MODULUS)
    for order in range(_TWO_ADICITY - 1, 0, -1):  # the order of rest divides 2^order, that of generator is 2^(order+1)
        if pow(rest, 1 << (order - 1), SCALAR_MODULUS) != 1:
            root = root * generator % SCALAR_MODULUS
            rest = rest * generator * generator % SCALAR_MODULUS
        generator = generator * generator % SCALAR_MODULUS
    return root
