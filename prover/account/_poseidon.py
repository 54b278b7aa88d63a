"""Poseidon over the scalar field of BN254, bit for bit as circomlib computes it.

Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
Systems", USENIX Security 2021: section 4 (the permutation). The parameters are circomlib's: x^5, 8 full rounds, partial
rounds by width, and the constants that tools/poseidon_constants.py draws.

The native core permutes where it is installed. The permutation here is the reference, and does it elsewhere.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from prover.account._core import native_core
from verifier import SCALAR_MODULUS

MAX_INPUTS: Final = 16

FULL_ROUNDS: Final = 8
PARTIAL_ROUNDS: Final = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)  # for 1 to 16 inputs
CONSTANTS: Final = Path(__file__).with_name("_poseidon_constants.bin")
"""For each state from 2 to 17 elements: a row of round constants a round, then the rows of the MDS matrix. Every
element takes 32 bytes, big-endian."""

_ELEMENT_BYTES: Final = 32


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
    native = _native_permutation()
    if native is None:
        return _permute(state)[:outputs]
    permuted = native(b"".join(element.to_bytes(_ELEMENT_BYTES, "little") for element in state), len(state))
    return [
        int.from_bytes(permuted[at : at + _ELEMENT_BYTES], "little")
        for at in range(0, outputs * _ELEMENT_BYTES, _ELEMENT_BYTES)
    ]


@functools.cache
def _native_permutation() -> Callable[[bytes, int], bytes] | None:
    core = native_core()
    if core is None:
        return None
    permutation: Callable[[bytes, int], bytes] = core.poseidon_permutation
    return permutation


def _permute(state: list[int]) -> list[int]:
    width = len(state)
    constants, matrix = _parameters(width)
    partial_rounds = PARTIAL_ROUNDS[width - 2]
    first_partial = FULL_ROUNDS // 2
    for round_ in range(FULL_ROUNDS + partial_rounds):
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
    with CONSTANTS.open("rb") as file:
        file.seek(sum(map(_size, range(2, width))))
        data = file.read(_size(width))
    elements = [int.from_bytes(data[i : i + _ELEMENT_BYTES], "big") for i in range(0, len(data), _ELEMENT_BYTES)]
    rows = [elements[i : i + width] for i in range(0, len(elements), width)]
    return rows[:-width], rows[-width:]


def _size(width: int) -> int:
    """What the constants for a state of `width` elements take [bytes]."""
    rows = FULL_ROUNDS + PARTIAL_ROUNDS[width - 2] + width
    return rows * width * _ELEMENT_BYTES
