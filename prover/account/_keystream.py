"""How a state is hidden on chain: packed, and added to a keystream of the viewing key (spec ZS-51, ZS-52)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from prover.account._keys import Tag
from prover.account._poseidon import MAX_INPUTS, poseidon, poseidon_many
from prover.account._state import State, commit
from prover.market import BALANCE_BITS, QUOTE_BITS
from verifier import SCALAR_MODULUS, InputError, Shape

NO_STATE: Final = "ciphertext: it does not open to a state"

_BALANCE_DIGIT: Final = BALANCE_BITS + 1  # bits of a balance offset by 2^80, and likewise of quote
_QUOTE_DIGIT: Final = QUOTE_BITS + 1


@dataclass(frozen=True, slots=True)
class Keystream:
    """What one permutation gives for one state. Secret.

    Attributes:
        salt: of the state's commitment.
        elements: hide the state, one for each packed element.
    """

    salt: int = field(repr=False)
    elements: tuple[int, ...] = field(repr=False)


def cipher_elements(n: int) -> int:
    """How many field elements hold a state of n assets: three balances each, the last one a balance and quote."""
    return Shape.CIPHERTEXT.elements(n)


def require_encryptable(n: int) -> None:
    """Refuse a book whose states no keystream hides. Raises ValueError unless n is 13, 28 or 43."""
    if n % 15 != 13 or cipher_elements(n) + 1 > MAX_INPUTS:
        raise ValueError("states of 13, 28 or 43 assets can be encrypted")


def derive_keystream(view_key: int, rho: int, n: int) -> Keystream:
    """Salt and keystream: the permutation of (0, TAG_STREAM, viewKey, rho, 0, ..., 0), less its last element.

    Args:
        view_key: what owner and guardian share.
        rho: public, fresh for every state that the key hides.
        n: assets of the book: 13, 28 or 43.

    Raises:
        ValueError: a larger book, or a value outside the field.
    """
    require_encryptable(n)
    elements = cipher_elements(n)
    salt, *stream = poseidon_many([Tag.STREAM, view_key, rho] + [0] * (elements - 2), elements + 1)
    return Keystream(salt, tuple(stream))


def draw_rho(view_key: int, state: State) -> int:
    """A fresh public value for one attempt to post one state.

    It is drawn from the operating system *and* bound to the state, so that even a machine whose randomness repeats (a
    copied virtual machine, say) never hides two different states by the same keystream.
    """
    fresh = secrets.randbelow(SCALAR_MODULUS)
    return poseidon([Tag.RHO, view_key, commit(state, state.shorts, fresh)])


def encrypt_state(state: State, keystream: Keystream) -> tuple[int, ...]:
    """Packed state plus keystream, modulo r."""
    packed = pack_state(state)
    return tuple((p + k) % SCALAR_MODULUS for p, k in zip(packed, keystream.elements, strict=True))


def decrypt_state(ciphertext: Sequence[int], keystream: Keystream, n: int) -> State:
    """Undo `encrypt_state`.

    Raises:
        InputError: another key or rho hides it, or it is no ciphertext.
    """
    if len(ciphertext) != len(keystream.elements):
        raise InputError("ciphertext: of another book size")
    packed = [(c - k) % SCALAR_MODULUS for c, k in zip(ciphertext, keystream.elements, strict=True)]
    return unpack_state(packed, n)


def pack_state(state: State) -> list[int]:
    """Balances offset by 2^80, three of 81 bits an element; the last one with quote offset by 2^144 above it."""
    digits = [balance + (1 << BALANCE_BITS) for balance in state.balances]
    packed = [_join(digits[start : start + 3]) for start in range(0, len(digits) - 1, 3)]
    return [*packed, _join([digits[-1], state.quote + (1 << QUOTE_BITS)])]


def unpack_state(packed: Sequence[int], n: int) -> State:
    """Undo `pack_state`.

    Raises:
        InputError: what no valid state packs to.
    """
    *whole, last = packed
    digits = [digit for element in whole for digit in _split(element, [_BALANCE_DIGIT] * 3)]
    last_balance, quote = _split(last, [_BALANCE_DIGIT, _QUOTE_DIGIT])
    balances = tuple(digit - (1 << BALANCE_BITS) for digit in (*digits, last_balance))
    state = State(balances, quote - (1 << QUOTE_BITS))
    if len(balances) != n or not state.is_in_range:
        raise InputError(NO_STATE)
    return state


def _join(digits: Sequence[int]) -> int:
    return sum(digit << (_BALANCE_DIGIT * place) for place, digit in enumerate(digits)) % SCALAR_MODULUS


def _split(element: int, widths: Sequence[int]) -> list[int]:
    digits = []
    for width in widths:
        digits.append(element & ((1 << width) - 1))
        element >>= width
    if element:
        raise InputError(NO_STATE)
    return digits
