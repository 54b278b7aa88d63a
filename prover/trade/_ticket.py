"""Tickets: the hidden terms of a trade, which two accounts settle on opposite sides (spec ZS-54)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Self

from prover.account import Domain, State, commit
from prover.market import BALANCE_BITS, QUOTE_BITS, is_balance, is_quote
from verifier import SCALAR_MODULUS, InputError


class Side(IntEnum):
    """Which side of a trade an account takes, as the public signal says it."""

    NONE = 0
    BUY = 1
    SELL = 2

    @property
    def sign(self) -> int:
        """1 when the account gains the amounts of the ticket, -1 when it gives them, 0 without a trade."""
        return {Side.NONE: 0, Side.BUY: 1, Side.SELL: -1}[self]

    @property
    def opposite(self) -> "Side":
        """What the counterparty takes."""
        return {Side.NONE: Side.NONE, Side.BUY: Side.SELL, Side.SELL: Side.BUY}[self]


@dataclass(frozen=True)
class Ticket:
    """The terms of one trade in one book: a basket of any number of legs for one price.

    Known to its two parties alone, so left out of the repr.

    Attributes:
        domain: the book.
        amounts: what the buyer gains of each slot [1e-9 token], |amount| < 2^80; below 0 the buyer gives it.
        cost: what the buyer pays for all of it [1e-18 USD]; below 0 the buyer is paid.
        salt: field element, fresh for each ticket: it makes the id hide the terms.
    """

    domain: Domain
    amounts: tuple[int, ...] = field(repr=False)
    cost: int = field(repr=False)
    salt: int = field(repr=False)

    def __post_init__(self) -> None:
        if not all(map(is_balance, self.amounts)):
            raise InputError(f"ticket: an amount outside |amount| < 2^{BALANCE_BITS} [1e-9 token]")
        if not is_quote(self.cost):
            raise InputError(f"ticket: cost outside |cost| < 2^{QUOTE_BITS} [1e-18 USD]")
        if not 0 <= self.salt < SCALAR_MODULUS:
            raise InputError("ticket: salt outside the scalar field")

    @classmethod
    def create(cls, domain: Domain, amounts: Sequence[int], cost: int) -> Self:
        """A ticket with a fresh salt.

        Args:
            domain: the book.
            amounts: one for each slot of the book.
            cost: of all of them.

        Raises:
            InputError: terms outside their ranges.
        """
        return cls(domain, tuple(amounts), cost, secrets.randbelow(SCALAR_MODULUS))

    @property
    def legs(self) -> dict[int, int]:
        """The amounts that are not 0, by slot."""
        return {slot: amount for slot, amount in enumerate(self.amounts) if amount}

    @cached_property
    def id(self) -> int:
        """The public name of the trade: the commitment to a state that holds its terms, bound to the book."""
        return ticket_id(self.domain.tag(), self.amounts, self.cost, self.salt)


def ticket_id(domain: int, amounts: Sequence[int], cost: int, salt: int) -> int:
    """`commit` of amounts and cost, with the domain where a state has its bitmap and the salt where it has its blind.

    A bitmap is below 2^N and a domain is a hash, so no ticket is the commitment of an account.

    Args:
        domain: P(TAG_DOMAIN, chain id, contract).
        amounts: one for each slot.
        cost: an integer, as the amounts.
        salt: field element.
    """
    return commit(State(tuple(amounts), cost), domain, salt)


def amounts_of(legs: Mapping[int, int], n: int) -> tuple[int, ...]:
    """The amounts of a ticket.

    Args:
        legs: what the buyer gains, by slot [1e-9 token].
        n: slots of the book.

    Raises:
        InputError: the book has no such slot.
    """
    if any(not 0 <= slot < n for slot in legs):
        raise InputError("ticket: the book has no such asset")
    return tuple(legs.get(slot, 0) for slot in range(n))
