"""The two prime fields of BN254, and how signed integers live in the scalar field."""

from typing import Final

SCALAR_MODULUS: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""r: circuits compute modulo r; public signals are below it."""

BASE_MODULUS: Final = 21888242871839275222246405745257275088696311157297823662689037894645226208583
"""q: coordinates of curve points are below it."""


def to_field(value: int) -> int:
    """Encode a signed integer as a field element: negative values as r - |value|.

    Args:
        value: integer with |value| < r / 2, so that the encoding can be undone.

    Raises:
        ValueError: when |value| is too large for a sign to survive. The value is not shown.
    """
    if 2 * abs(value) >= SCALAR_MODULUS:
        raise ValueError("integer too large to be encoded with a sign in the scalar field")
    return value % SCALAR_MODULUS


def from_field(element: int) -> int:
    """Decode a field element to the signed integer of smallest magnitude: inverse of `to_field`."""
    return element - SCALAR_MODULUS if 2 * element > SCALAR_MODULUS else element
