"""Many accounts of one guardian, opened at once (spec ZS-11, ZS-51 to ZS-53).

The native core opens them in batches where it is installed. `ViewingKeys` opens one account at a time: it is the
reference, and does it elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from types import ModuleType
from typing import Any, Final, NamedTuple, TypeVar

from prover.account._babyjubjub import NOT_ON_CURVE, SMALL_ORDER, Point
from prover.account._core import native_core
from prover.account._keys import Domain, require_scalar
from prover.account._keystream import NO_STATE, cipher_elements, require_encryptable
from prover.account._sealed import OTHER_STATE, SealedState, ViewingKeys
from prover.account._state import State
from verifier import SCALAR_MODULUS, InputError

T = TypeVar("T")

_WORD: Final = 32
_WORD_BYTES: Final = "32s"
_BALANCE_WORDS: Final = "Qq"
"""A balance of 16 bytes: its low word, and its high one with the sign."""
_BATCH: Final = 4096
_OUTSIDE: Final = (1 << 8 * _WORD) - 1
"""Stands for a number that no word or no element of the field is."""


class OwnerRecord(NamedTuple):
    """What the opening of an account publishes of its owner.

    Attributes:
        point: the owner's.
        tag: P(TAG_OWNER, ownerSecret).
    """

    point: Point
    tag: int


@dataclass(frozen=True, slots=True)
class StateRecord:
    """What the chain holds of a state, with the viewing keys of its account.

    Attributes:
        viewing: of the account.
        commitment: to the state.
        rho: public value that it was encrypted with.
        ciphertext: the encrypted state.
    """

    viewing: ViewingKeys
    commitment: int
    rho: int
    ciphertext: Sequence[int]


class _Fault(IntEnum):
    """Why the core does not read an account: its numbers."""

    NOT_ON_CURVE = 2
    SMALL_ORDER = 3
    NO_STATE = 4
    OTHER_STATE = 5


_MESSAGES: Final = {
    _Fault.NOT_ON_CURVE: NOT_ON_CURVE,
    _Fault.SMALL_ORDER: SMALL_ORDER,
    _Fault.NO_STATE: NO_STATE,
    _Fault.OTHER_STATE: OTHER_STATE,
}


def derive_viewing_keys(
    guardian_secret: int, owners: Sequence[OwnerRecord], domain: Domain
) -> list[ViewingKeys | InputError]:
    """The viewing keys of accounts that named one guardian.

    Args:
        guardian_secret: in [1, l).
        owners: of the accounts.
        domain: of the book.

    Returns:
        For each account its keys, or why it has none: a point that no account can have, or a tag outside the field.

    Raises:
        InputError: the guardian's secret is out of range.
    """
    require_scalar(guardian_secret, "guardian secret")
    core = native_core()

    def derive(accepted: Sequence[OwnerRecord]) -> Iterator[ViewingKeys | InputError]:
        if core is not None:
            return _native_viewing_keys(core, guardian_secret, accepted, domain)
        return (_reference_viewing_keys(guardian_secret, owner, domain) for owner in accepted)

    refused = [_refusal({"owner tag": owner.tag}) for owner in owners]
    found = derive([owner for owner, error in zip(owners, refused, strict=True) if error is None])
    return [next(found) if error is None else error for error in refused]


def unseal_states(states: Sequence[StateRecord], n: int) -> list[SealedState | InputError]:
    """Open states, and check that the commitments are to them: `ViewingKeys.unseal` of many accounts.

    Args:
        states: of any accounts.
        n: assets of the book: 13, 28 or 43.

    Returns:
        Each state, or why it does not open: it is another account's, no statement created it, or a value is outside
        the field.

    Raises:
        ValueError: the states of a book of this size cannot be encrypted.
    """
    require_encryptable(n)
    core = native_core()

    def unseal(accepted: Sequence[StateRecord]) -> Iterator[SealedState | InputError]:
        if core is not None:
            return _native_states(core, accepted, n)
        return (_reference_state(one, n) for one in accepted)

    refused = [_state_refusal(one, n) for one in states]
    found = unseal([one for one, error in zip(states, refused, strict=True) if error is None])
    return [next(found) if error is None else error for error in refused]


def _refusal(values: dict[str, int]) -> InputError | None:
    """Why these values cannot be hashed. The values are not shown."""
    for name, value in values.items():
        if not 0 <= value < SCALAR_MODULUS:
            return InputError(f"{name}: outside the scalar field")
    return None


def _state_refusal(state: StateRecord, n: int) -> InputError | None:
    viewing = state.viewing
    values = {"viewing key": viewing.view_key, "owner tag": viewing.owner_tag, "rho": state.rho}
    if len(state.ciphertext) != cipher_elements(n):
        return InputError("ciphertext: of another book size")
    return _refusal(values)


def _reference_viewing_keys(guardian_secret: int, owner: OwnerRecord, domain: Domain) -> ViewingKeys | InputError:
    try:
        return ViewingKeys.of_guardian(guardian_secret, owner.point, owner.tag, domain)
    except InputError as error:
        return error


def _reference_state(state: StateRecord, n: int) -> SealedState | InputError:
    try:
        return state.viewing.unseal(state.commitment, state.rho, state.ciphertext, n)
    except InputError as error:
        return error


def _native_viewing_keys(
    core: ModuleType, guardian_secret: int, owners: Sequence[OwnerRecord], domain: Domain
) -> Iterator[ViewingKeys | InputError]:
    layout = Struct(f"<{2 * _WORD_BYTES}")
    secret, domain_tag = _words(guardian_secret), _words(domain.tag())
    for some in _batches(owners):
        given = b"".join([_words(_element(point.x), _element(point.y), tag) for point, tag in some])
        records, faults = core.viewing_keys(secret, domain_tag, given)
        for owner, (view_key, identity), fault in zip(some, layout.iter_unpack(records), faults, strict=True):
            if fault:
                yield InputError(_MESSAGES[_Fault(fault)])
            else:
                keys = ViewingKeys(int.from_bytes(view_key, "little"), owner.tag, domain)
                vars(keys)["identity"] = int.from_bytes(identity, "little")  # the property need not compute it
                yield keys


def _native_states(core: ModuleType, states: Sequence[StateRecord], n: int) -> Iterator[SealedState | InputError]:
    layout = Struct(f"<{_BALANCE_WORDS * n}{3 * _WORD_BYTES}")
    for some in _batches(states):
        given = b"".join(
            [
                _words(
                    state.viewing.view_key,
                    state.viewing.identity,
                    _element(state.commitment),
                    state.rho,
                    *[element % SCALAR_MODULUS for element in state.ciphertext],
                )
                for state in some
            ]
        )
        records, faults = core.unseal_states(n, given)
        for state, record, fault in zip(some, layout.iter_unpack(records), faults, strict=True):
            yield InputError(_MESSAGES[_Fault(fault)]) if fault else _sealed(state, record)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Pieces that the core takes at once: a million accounts as words would fill a gigabyte."""
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _sealed(state: StateRecord, record: tuple[Any, ...]) -> SealedState:
    """An opened state from what its record unpacks to: two words a balance, then three numbers in bytes."""
    *words, quote, salt, blind = record
    opened = SealedState(
        State(
            tuple([high << 64 | low for low, high in zip(words[::2], words[1::2], strict=True)]),
            int.from_bytes(quote, "little", signed=True),
        ),
        int.from_bytes(blind, "little"),
        int.from_bytes(salt, "little"),
        state.rho,
        tuple(state.ciphertext),
    )
    vars(opened)["commitment"] = state.commitment  # the core has compared it
    return opened


def _element(value: int) -> int:
    """A number that the core takes for outside the field where it is."""
    return value if 0 <= value < SCALAR_MODULUS else _OUTSIDE


def _words(*values: int) -> bytes:
    return b"".join([value.to_bytes(_WORD, "little") for value in values])
