"""Poseidon over the scalar field of BN254, bit for bit as circomlib computes it.

Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
Systems", USENIX Security 2021: section 4 (the permutation), appendix E (the Grain LFSR that draws round constants and
the Cauchy matrix). The parameters are circomlib's: x^5, 8 full rounds, partial rounds by width.
"""

import functools
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from verifier import SCALAR_MODULUS

MAX_INPUTS: Final = 16

_FULL_ROUNDS: Final = 8
_PARTIAL_ROUNDS: Final = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)  # for 1 to 16 inputs
_FIELD_BITS: Final = 254
_DISCARDED: Final = 160
"""Bits that the LFSR gives before the first that counts."""


def poseidon(inputs: Sequence[int]) -> int:
    """Hash 1 to 16 field elements to one: circomlib's `Poseidon(n)`.

    Raises:
        ValueError: no input, more than 16, or one outside the field. Values are not shown: they may be secret.
    """
    return poseidon_many(inputs, 1)[0]


def poseidon_many(inputs: Sequence[int], outputs: int, initial_state: int = 0) -> list[int]:
    """Hash 1 to 16 field elements to several: circomlib's `PoseidonEx(n, outputs)`.

    Args:
        inputs: n field elements.
        outputs: how many elements of the final state to return, at most n + 1. Who sees all n + 1 can invert
            the permutation.
        initial_state: first element of the state before the permutation.

    Returns:
        The first `outputs` elements of the permuted state.

    Raises:
        ValueError: as `poseidon`, or too many outputs.
    """
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise ValueError(f"Poseidon takes 1 to {MAX_INPUTS} inputs, not {len(inputs)}")
    if not 1 <= outputs <= len(inputs) + 1:
        raise ValueError("Poseidon gives at most one output more than it has inputs")
    state = [initial_state, *inputs]
    if not all(0 <= element < SCALAR_MODULUS for element in state):
        raise ValueError("a Poseidon input is outside the scalar field")
    return _permute(state)[:outputs]


def _permute(state: list[int]) -> list[int]:
    width = len(state)
    constants, matrix = _parameters(width)
    partial_rounds = _PARTIAL_ROUNDS[width - 2]
    first_partial = _FULL_ROUNDS // 2
    for round_ in range(_FULL_ROUNDS + partial_rounds):
        state = [element + constant for element, constant in zip(state, constants[round_], strict=True)]
        if first_partial <= round_ < first_partial + partial_rounds:
            state[0] = pow(state[0], 5, SCALAR_MODULUS)
        else:
            state = [pow(element, 5, SCALAR_MODULUS) for element in state]
        state = [sum(map(int.__mul__, row, state)) % SCALAR_MODULUS for row in matrix]
    return state


@functools.cache
def _parameters(width: int) -> tuple[list[list[int]], list[list[int]]]:
    """Round constants, one row a round, and the MDS matrix for a state of `width` elements."""
    rounds = _FULL_ROUNDS + _PARTIAL_ROUNDS[width - 2]
    draw = _grain_elements(width, _PARTIAL_ROUNDS[width - 2])
    constants: list[int] = []
    while len(constants) < rounds * width:
        element = next(draw)
        if element < SCALAR_MODULUS:  # constants are drawn by rejection; the matrix is drawn modulo r
            constants.append(element)
    xs = [next(draw) for _ in range(width)]
    ys = [next(draw) for _ in range(width)]
    matrix = [[pow(x + y, -1, SCALAR_MODULUS) for y in ys] for x in xs]
    return [constants[i * width : (i + 1) * width] for i in range(rounds)], matrix


def _grain_elements(width: int, partial_rounds: int) -> Iterator[int]:
    """Integers of 254 bits from the Grain LFSR in self-shrinking mode (appendix E)."""
    bits = islice(chain.from_iterable(_grain_pieces(width, partial_rounds)), _DISCARDED, None)
    kept = (bit for keep, bit in zip(bits, bits, strict=False) if keep == "1")
    while True:
        yield int("".join(islice(kept, _FIELD_BITS)), 2)


def _grain_pieces(width: int, partial_rounds: int) -> Iterator[str]:
    """The LFSR b[i+80] = b[i+62] + b[i+51] + b[i+38] + b[i+23] + b[i+13] + b[i], in ever longer pieces.

    Squaring a polynomial over GF(2) doubles its exponents, so the recurrence also holds with all distances times a
    power of two, and the newest tap is then 18 times that back: so many bits are computed at once.
    """
    # field = 1 (prime), S-box = 0 (x^alpha), n, t, R_F, R_P, thirty ones
    seed = f"{1:02b}{0:04b}{_FIELD_BITS:012b}{width:012b}{_FULL_ROUNDS:010b}{partial_rounds:010b}{'1' * 30}"
    stream, length = int(seed[::-1], 2), len(seed)  # bit i of `stream` is b[i]
    while True:
        scale = 1 << (length // 80).bit_length() - 1
        start, count = length - 80 * scale, 18 * scale
        fresh = 0
        for tap in (62, 51, 38, 23, 13, 0):
            fresh ^= stream >> start + tap * scale
        fresh &= (1 << count) - 1
        stream |= fresh << length
        length += count
        yield f"{fresh:0{count}b}"[::-1]
