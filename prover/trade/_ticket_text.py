"""Tickets as text, to hand to a counterparty (spec ZS-54).

The terms are secret: the text reveals them, so errors never quote it.
"""

import itertools
from pathlib import Path
from typing import Final

from prover.account import Domain
from prover.formats import decode_checked, encode_checked, text_of
from prover.storage import read_private, write_private
from prover.trade._ticket import Ticket
from verifier import InputError

PREFIX: Final = "zksticket1"

BOOK_SIZES: Final = (13, 28, 43)

_AMOUNT_BYTES: Final = 11
_COST_BYTES: Final = 19
_DOMAIN_WIDTHS: Final = (8, 20)  # chain id, contract; then each amount, cost and salt
_SALT_BYTES: Final = 32

_FILE_BYTES: Final = 4096


def ticket_bytes(n: int) -> int:
    """Length of a ticket [bytes] in a book of n slots."""
    return sum(_widths(n))


def ticket_to_text(ticket: Ticket) -> str:
    """The one text of a ticket: 372 characters in a book of 13 slots, 636 in one of 28.

    Raises:
        InputError: the ticket is of no book size.
    """
    return encode_checked(PREFIX, ticket_to_bytes(ticket))


def ticket_from_text(text: str) -> Ticket:
    """Read a ticket. Whitespace around it is let pass; any other spelling than `ticket_to_text`'s is not.

    Raises:
        InputError: no ticket, cut short, mistyped, or with terms outside their ranges.
    """
    lengths = tuple(map(ticket_bytes, BOOK_SIZES))
    data = decode_checked(PREFIX, text, lengths, "ticket")
    return ticket_from_bytes(data, BOOK_SIZES[lengths.index(len(data))])


def save_ticket(path: Path, ticket: Ticket, *, overwrite: bool = False) -> None:
    """Write the text to a file that only its owner can read (0600). Raises as `write_private`."""
    write_private(path, ticket_to_text(ticket) + "\n", overwrite=overwrite)


def load_ticket(path: Path) -> Ticket:
    """Read a file of `save_ticket`.

    Raises:
        InputError: not to be read, open to other users, or as `ticket_from_text`.
    """
    return ticket_from_text(text_of(read_private(path, "ticket", _FILE_BYTES), f"ticket {path}"))


def ticket_to_bytes(ticket: Ticket) -> bytes:
    """Every term in a fixed width, the highest byte first; amounts and cost in two's complement.

    Raises:
        InputError: the ticket is of no book size.
    """
    if len(ticket.amounts) not in BOOK_SIZES:
        raise InputError("ticket: it has an amount for each slot of no book")
    widths = _widths(len(ticket.amounts))
    signed = (*ticket.amounts, ticket.cost)
    terms = (ticket.domain.chain_id, ticket.domain.contract, *signed, ticket.salt)
    return b"".join((term % (1 << 8 * width)).to_bytes(width) for term, width in zip(terms, widths, strict=True))


def ticket_from_bytes(data: bytes, n: int) -> Ticket:
    """Undo `ticket_to_bytes`.

    Args:
        data: `ticket_bytes(n)` bytes.
        n: slots of the book.

    Raises:
        InputError: a term is outside its range.
    """
    widths = _widths(n)
    ends = itertools.accumulate(widths)
    chain_id, contract, *signed, salt = (data[end - width : end] for end, width in zip(ends, widths, strict=True))
    *amounts, cost = (int.from_bytes(part, signed=True) for part in signed)
    domain = Domain(int.from_bytes(chain_id), int.from_bytes(contract))
    return Ticket(domain, tuple(amounts), cost, int.from_bytes(salt))


def _widths(n: int) -> tuple[int, ...]:
    return (*_DOMAIN_WIDTHS, *[_AMOUNT_BYTES] * n, _COST_BYTES, _SALT_BYTES)
