"""Offers: a ticket with the proof of the party who made it, for the other party to settle.

An offer is for its two parties alone. Any other reader learns the terms of the trade and the maker's identity, but not
what the account holds. Such a reader can settle the offer with an account of their own. The maker cancels it by any
change of the account, and it expires when its round is too old for the book.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from prover.account import cipher_elements
from prover.formats import decode_checked, encode_checked, text_of
from prover.storage import read_private, write_private
from prover.trade._proof_bytes import PROOF_BYTES, proof_from_bytes, proof_to_bytes, require_coordinates
from prover.trade._ticket import Side, Ticket
from prover.trade._ticket_text import (
    BOOK_SIZES,
    ticket_bytes,
    ticket_from_bytes,
    ticket_to_bytes,
)
from prover.trade._transition import Claim
from verifier import SCALAR_MODULUS, InputError, Settlement, StateUpdate, UpdateTerms, require_valid_points

PREFIX: Final = "zksoffer2"

_OLD_PREFIX: Final = "zksoffer1"

MAX_OFFER_BYTES: Final = 1 << 12
"""More than the text of any offer."""

_MAX_ROUND: Final = 1 << 64
_ELEMENT: Final = 32  # [bytes] of a field element
_HEAD: Final = 1 + 8 + 1  # side, round, claim


@dataclass(frozen=True)
class Offer:
    """One side of a trade, proven.

    Its sender only claims what it contains. The taker must check that the proof verifies, that it is of that round, and
    that the account it names has the commitment it starts from.

    Attributes:
        ticket: the terms.
        side: which one the maker takes.
        round_id: the price round that the maker's proof is for; the taker's must be for the same.
        maker_update: the maker's proof.
    """

    ticket: Ticket = field(repr=False)
    side: Side = field(repr=False)
    round_id: int
    maker_update: StateUpdate = field(repr=False)

    def __post_init__(self) -> None:
        if self.side not in {Side.BUY, Side.SELL}:
            raise InputError("offer: its side is 1, buys, or 2, sells")
        if not 1 <= self.round_id < _MAX_ROUND:
            raise InputError("offer: round outside 1 to 2^64 - 1")
        update = self.maker_update
        sizes = {cipher_elements(n): n for n in BOOK_SIZES}
        if len(update.ciphertext) not in sizes:
            raise InputError("offer: the ciphertext is of no book size")
        if len(self.ticket.amounts) != sizes[len(update.ciphertext)]:
            raise InputError("offer: ticket and ciphertext are of books of different sizes")
        if update.claim not in set(Claim) - {Claim.TOPS_UP}:
            raise InputError("offer: claim outside 0 to 2")
        elements = (update.account, update.old_commitment, update.new_commitment, update.rho, *update.ciphertext)
        if not all(0 <= element < SCALAR_MODULUS for element in elements):
            raise InputError("offer: a value outside the scalar field")
        if update.old_commitment == update.new_commitment:
            raise InputError("offer: old and new commitment are the same")
        require_coordinates(update.proof, "offer")

    @property
    def taker_side(self) -> Side:
        """Which side is left."""
        return self.side.opposite

    @property
    def maker_terms(self) -> UpdateTerms:
        """What the maker's proof must be for."""
        return UpdateTerms(ticket=self.ticket.id, side=int(self.side))

    def settlement(self, taker_update: StateUpdate) -> Settlement:
        """Both sides together, for the book.

        Args:
            taker_update: the taker's proof of the same ticket at the same round, with `taker_side`.
        """
        updates = {self.side: self.maker_update, self.taker_side: taker_update}
        return Settlement(self.ticket.id, updates[Side.BUY], updates[Side.SELL])

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file of `save`.

        Raises:
            InputError: not to be read, open to other users, or as `from_text`.
            VerificationError: a point of the proof is none.
        """
        return cls.from_text(text_of(read_private(path, "offer", MAX_OFFER_BYTES), f"offer {path}"))

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the text to a file that its owner alone can read (0600).

        Raises:
            InputError: the file exists and `overwrite` is False, or it cannot be written.
        """
        write_private(path, self.to_text() + "\n", overwrite=overwrite)

    def to_text(self) -> str:
        """One line: 1,257 characters for N = 13, 1,777 for 28. Its form is that of a ticket's text."""
        update = self.maker_update
        numbers = (update.account, update.old_commitment, update.new_commitment, update.rho, *update.ciphertext)
        payload = (
            ticket_to_bytes(self.ticket)
            + bytes([self.side])
            + self.round_id.to_bytes(8)
            + bytes([update.claim])
            + b"".join(number.to_bytes(_ELEMENT) for number in numbers)
            + proof_to_bytes(update.proof)
        )
        return encode_checked(PREFIX, payload)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the one text of an offer, perhaps with whitespace around it.

        Raises:
            InputError: no offer, cut short, mistyped, or with a value out of range.
            VerificationError: a point of the proof is none.
        """
        if text.strip().startswith(_OLD_PREFIX):
            raise InputError(
                "offer: it was made by an older zksolvency and does not name its account: ask for a new one"
            )
        lengths = tuple(map(_length, BOOK_SIZES))
        payload = decode_checked(PREFIX, text, lengths, "offer")
        n = BOOK_SIZES[lengths.index(len(payload))]
        end = ticket_bytes(n)
        ticket, rest = ticket_from_bytes(payload[:end], n), payload[end : end + _HEAD]
        elements, proof = payload[end + _HEAD : -PROOF_BYTES], proof_from_bytes(payload[-PROOF_BYTES:])
        numbers = [int.from_bytes(elements[i : i + _ELEMENT]) for i in range(0, len(elements), _ELEMENT)]
        account, old, new, rho, *ciphertext = numbers
        update = StateUpdate(account, old, new, rest[9], rho, tuple(ciphertext), proof)
        if rest[0] not in set(Side):
            raise InputError("offer: its side is 1, buys, or 2, sells")
        return cls(ticket, Side(rest[0]), int.from_bytes(rest[1:9]), update)._with_points()

    def _with_points(self) -> Self:
        """Itself, once the points of a proof from elsewhere are seen to be points."""
        require_valid_points(self.maker_update.proof)
        return self


def _length(n: int) -> int:
    """Of an offer [bytes] in a book of n slots."""
    return ticket_bytes(n) + _HEAD + _ELEMENT * (4 + cipher_elements(n)) + PROOF_BYTES
