"""Tickets as text, to hand to a counterparty (spec ZS-54).

The terms are secret: whoever sees the text sees them, so errors never quote it.
"""

import itertools
from pathlib import Path
from typing import Final

from prover._checked_text import decode_checked, encode_checked, text_of
from prover._files import read_private, write_private
from prover._keys import Domain
from prover._ticket import Ticket
from verifier import InputError

PREFIX: Final = "zksticket1"

_COST_BYTES: Final = 19
_WIDTHS: Final = (8, 20, 1, 10, _COST_BYTES, 32)  # chain id, contract, asset, size, cost, salt
TICKET_BYTES: Final = sum(_WIDTHS)

_FILE_BYTES: Final = 4096


def ticket_to_text(ticket: Ticket) -> str:
    """The one text of a ticket: 161 characters.

    Raises:
        InputError: an asset that no book has.
    """
    return encode_checked(PREFIX, ticket_to_bytes(ticket))


def ticket_from_text(text: str) -> Ticket:
    """Read a ticket. Whitespace around it is let pass; any other spelling than `ticket_to_text`'s is not.

    Raises:
        InputError: no ticket, cut short, mistyped, or with terms outside their ranges.
    """
    return ticket_from_bytes(decode_checked(PREFIX, text, (TICKET_BYTES,), "ticket"))


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
    """Every term in a fixed width, the highest byte first; cost in two's complement. Raises as `ticket_to_text`."""
    if ticket.asset >= 1 << 8:
        raise InputError("ticket: no book has such an asset")
    cost = ticket.cost % (1 << 8 * _COST_BYTES)
    terms = (ticket.domain.chain_id, ticket.domain.contract, ticket.asset, ticket.size, cost, ticket.salt)
    return b"".join(term.to_bytes(width) for term, width in zip(terms, _WIDTHS, strict=True))


def ticket_from_bytes(data: bytes) -> Ticket:
    """Undo `ticket_to_bytes`. Raises InputError when a term is outside its range."""
    ends = itertools.accumulate(_WIDTHS)
    parts = [data[end - width : end] for end, width in zip(ends, _WIDTHS, strict=True)]
    chain_id, contract, asset, size, _, salt = map(int.from_bytes, parts)
    return Ticket(Domain(chain_id, contract), asset, size, int.from_bytes(parts[4], signed=True), salt)
