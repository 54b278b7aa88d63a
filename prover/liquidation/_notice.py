"""What a guardian tells liquidators of one account: a ladder of parcels for one price round.

Its bytes have one length in a book, however many parcels there are, so that the size of a file tells nothing
(spec ZS-95).
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from prover.account import Domain, cipher_elements
from prover.chain import release_rho
from prover.liquidation._ladder import Parcel
from prover.trade import (
    PROOF_BYTES,
    proof_from_bytes,
    proof_to_bytes,
    require_coordinates,
    ticket_bytes,
    ticket_from_bytes,
    ticket_to_bytes,
)
from verifier import BASIS, MARGIN_KINDS, SCALAR_MODULUS, STATEMENTS, InputError, ReleaseClaim, VectorKind

MAX_PARCELS: Final = 64

_SIZES: Final = STATEMENTS["release"].sizes
_ELEMENT: Final = 32  # [bytes] of a field element
_RATE: Final = 2
_HEAD: Final = 1 + 1 + 3 * _ELEMENT  # ground, number of parcels; account, old commitment, taker
_TERMS: Final = 2 * _RATE + 1  # rates, cured
_MAX_WORD: Final = 1 << 64


class _State(NamedTuple):
    """What all parcels of a notice have in common."""

    domain: Domain
    old_commitment: int
    taker: int

    @classmethod
    def of(cls, parcel: Parcel) -> Self:
        return cls(parcel.ticket.domain, parcel.claim.old_commitment, parcel.claim.taker)


@dataclass(frozen=True)
class Notice:
    """Parcels of one account, for any taker or for one. Secret but for round and expiry.

    Its sender only claims what it contains: see `verify_parcel`.

    Attributes:
        round_id: the price round that the proofs are for.
        expires: until when its sender means it, Unix seconds.
        ground: maintenance or overdraft.
        account: identity of the account that is sold.
        parcels: one to 64 of one state, for the same taker.

    Raises:
        InputError: parcels that do not go together, or a value out of its range. None is told.
    """

    round_id: int
    expires: int
    ground: VectorKind = field(repr=False)
    account: int = field(repr=False)
    parcels: tuple[Parcel, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.round_id < _MAX_WORD or not 0 <= self.expires < _MAX_WORD:
            raise InputError("notice: round or expiry out of its range")
        if self.ground not in MARGIN_KINDS:
            raise InputError("notice: its ground is none")
        if not 1 <= len(self.parcels) <= MAX_PARCELS:
            raise InputError(f"notice: it has 1 to {MAX_PARCELS} parcels")
        if len({(_State.of(parcel), len(parcel.ticket.amounts)) for parcel in self.parcels}) > 1:
            raise InputError("notice: its parcels are of different states, books or takers")
        if self.n not in _SIZES:
            raise InputError("notice: its parcels are of no book size")
        if not all(0 <= element < SCALAR_MODULUS for element in (self.account, self.old_commitment, self.taker)):
            raise InputError("notice: a value outside the scalar field")
        for parcel in self.parcels:
            _require_valid(parcel, self.n)

    @property
    def domain(self) -> Domain:
        """The book."""
        return self.parcels[0].ticket.domain

    @property
    def n(self) -> int:
        """Slots of the book."""
        return len(self.parcels[0].ticket.amounts)

    @property
    def old_commitment(self) -> int:
        """To the state that is sold from."""
        return self.parcels[0].claim.old_commitment

    @property
    def taker(self) -> int:
        """Identity of the one account that may take a parcel; 0 for any."""
        return self.parcels[0].claim.taker

    def to_bytes(self) -> bytes:
        """Fixed widths, the highest byte first: a head, a record a parcel, and zeros up to the length of 64 records."""
        elements = (self.account, self.old_commitment, self.taker)
        head = bytes([MARGIN_KINDS.index(self.ground), len(self.parcels)]) + b"".join(map(_element, elements))
        return (head + b"".join(map(_record, self.parcels))).ljust(notice_bytes(self.n), b"\0")

    @classmethod
    def from_bytes(cls, data: bytes, domain: Domain, round_id: int, expires: int) -> Self:
        """Undo `to_bytes`. The proofs are not verified.

        Args:
            data: the bytes.
            domain: the book.
            round_id: the price round that the proofs are for.
            expires: Unix seconds.

        Raises:
            InputError: of another length, of another book, with a value out of its range, or spelled in another way.
        """
        n = next((size for size in _SIZES if notice_bytes(size) == len(data)), None)
        if n is None:
            raise InputError("notice: its content has the length of no book size")
        ground, count = data[:2]
        account, old, taker = _elements(data[2:_HEAD])
        if ground >= len(MARGIN_KINDS):
            raise InputError("notice: its ground is none")
        size = _record_bytes(n)
        starts = [_HEAD + place * size for place in range(min(count, MAX_PARCELS))]
        parcels = tuple(_parcel(data[start : start + size], n, _State(domain, old, taker)) for start in starts)
        notice = cls(round_id, expires, MARGIN_KINDS[ground], account, parcels)
        if notice.to_bytes() != data:  # another domain, a bit that is neither 0 nor 1, or something in the padding
            raise InputError("notice: its content is of another book, or spelled in another way")
        return notice


def notice_bytes(n: int) -> int:
    """Length of the content of every notice in a book of n slots: 43,298 bytes of 13 slots, 64,098 of 28."""
    return _HEAD + MAX_PARCELS * _record_bytes(n)


def _record_bytes(n: int) -> int:
    return _TERMS + ticket_bytes(n) + _ELEMENT * (1 + cipher_elements(n)) + PROOF_BYTES


def _record(parcel: Parcel) -> bytes:
    claim = parcel.claim
    terms = claim.rate.to_bytes(_RATE) + claim.uncovered_rate.to_bytes(_RATE) + bytes([claim.cured])
    state = b"".join(map(_element, (claim.new_commitment, *claim.ciphertext)))
    return terms + ticket_to_bytes(parcel.ticket) + state + proof_to_bytes(parcel.proof)


def _parcel(record: bytes, n: int, state: _State) -> Parcel:
    terms, rest = record[:_TERMS], record[_TERMS:]
    ticket = ticket_from_bytes(rest[: ticket_bytes(n)], n)
    if ticket.domain != state.domain:
        raise InputError("notice: it is of another book or chain than its clear part says")
    new, *ciphertext = _elements(rest[ticket_bytes(n) : -PROOF_BYTES])
    claim = ReleaseClaim(
        old_commitment=state.old_commitment,
        new_commitment=new,
        ticket=ticket.id,
        taker=state.taker,
        rate=int.from_bytes(terms[:_RATE]),
        uncovered_rate=int.from_bytes(terms[_RATE : 2 * _RATE]),
        cured=bool(terms[-1]),
        rho=release_rho(state.old_commitment, ticket.id),
        ciphertext=tuple(ciphertext),
    )
    return Parcel(ticket, claim, proof_from_bytes(rest[-PROOF_BYTES:]))


def _require_valid(parcel: Parcel, n: int) -> None:
    claim = parcel.claim
    if max(parcel.rates) > BASIS or min(parcel.rates) < 0:
        raise InputError("notice: a rate outside 0 to 10^4 [1e-4]")
    if len(claim.ciphertext) != cipher_elements(n):
        raise InputError("notice: a ciphertext of another size of book")
    if not all(0 <= element < SCALAR_MODULUS for element in (claim.new_commitment, *claim.ciphertext)):
        raise InputError("notice: a value outside the scalar field")
    if claim.ticket != parcel.ticket.id or claim.rho != release_rho(claim.old_commitment, claim.ticket):
        raise InputError("notice: a claim of another ticket than its parcel's, or under another rho than the engine's")
    require_coordinates(parcel.proof, "notice")


def _element(value: int) -> bytes:
    return value.to_bytes(_ELEMENT)


def _elements(data: bytes) -> list[int]:
    return [int.from_bytes(data[start : start + _ELEMENT]) for start in range(0, len(data), _ELEMENT)]
