"""Tickets: the hidden terms of a trade, which two accounts settle on opposite sides (spec ZS-54)."""

import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Self

from prover._keys import Domain, Tag
from prover._poseidon import poseidon
from prover._units import BALANCE_BITS, QUOTE_BITS, is_balance, is_quote
from verifier import SCALAR_MODULUS, InputError, to_field


class Side(IntEnum):
    """Which side of a trade an account takes, as the public signal says it."""

    NONE = 0
    BUY = 1
    SELL = 2

    @property
    def sign(self) -> int:
        """1 when the account gains the asset, -1 when it loses it, 0 without a trade."""
        return {Side.NONE: 0, Side.BUY: 1, Side.SELL: -1}[self]

    @property
    def opposite(self) -> "Side":
        """What the counterparty takes."""
        return {Side.NONE: Side.NONE, Side.BUY: Side.SELL, Side.SELL: Side.BUY}[self]


@dataclass(frozen=True)
class Ticket:
    """The terms of one trade in one book. Known to its two parties alone, so left out of the repr.

    Attributes:
        domain: the book.
        asset: slot of what is traded.
        size: what the buyer gains [1e-9 token], 0 <= size < 2^80.
        cost: what the buyer pays [1e-18 USD]; negative when the effective price is.
        salt: field element, fresh for each ticket: it makes the id hide the terms.
    """

    domain: Domain
    asset: int = field(repr=False)
    size: int = field(repr=False)
    cost: int = field(repr=False)
    salt: int = field(repr=False)

    def __post_init__(self) -> None:
        if self.asset < 0:
            raise InputError("ticket: no such asset")
        if self.size < 0 or not is_balance(self.size):
            raise InputError(f"ticket: size outside 0 <= size < 2^{BALANCE_BITS} [1e-9 token]")
        if not is_quote(self.cost):
            raise InputError(f"ticket: cost outside |cost| < 2^{QUOTE_BITS} [1e-18 USD]")
        if not 0 <= self.salt < SCALAR_MODULUS:
            raise InputError("ticket: salt outside the scalar field")

    @classmethod
    def create(cls, domain: Domain, asset: int, size: int, cost: int) -> Self:
        """A ticket with a fresh salt.

        Raises:
            InputError: terms outside their ranges.
        """
        return cls(domain, asset, size, cost, secrets.randbelow(SCALAR_MODULUS))

    @cached_property
    def id(self) -> int:
        """P(TAG_TICKET, domain, asset, size, cost, salt): the public name of the trade."""
        return ticket_id(self.domain.tag(), self.asset, self.size, to_field(self.cost), self.salt)


def ticket_id(domain: int, asset: int, size: int, cost: int, salt: int) -> int:
    """P(TAG_TICKET, domain, asset, size, cost, salt), all of them field elements."""
    return poseidon([Tag.TICKET, domain, asset, size, cost, salt])
