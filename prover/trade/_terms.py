"""The terms of a trade, of one leg or several, before a ticket hides them.

No error shows a value: a row with its cells swapped would put a size into the column of the asset.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Self

from prover.formats import TableRow, parse_table
from prover.market import BALANCE_BITS, BALANCE_DECIMALS, PRICE_DECIMALS, AssetList, parse_decimal, suggestion
from prover.trade._ticket import Side
from verifier import PRICE_BITS, InputError

TERMS_HEADER: Final = ("side", "asset", "size", "price")

_SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL}


class Leg(NamedTuple):
    """One asset of a trade, from the buyer's view. Secret.

    Attributes:
        slot: of the asset.
        amount: what the buyer gains [1e-9 token]; below 0 the buyer gives it.
        price: agreed mark price [1e-9 USD].
    """

    slot: int
    amount: int
    price: int


@dataclass(frozen=True)
class TradeTerms:
    """What the maker of an offer wants to trade. Secret.

    Attributes:
        side: the maker's side of the whole trade: when read, what the maker does in the first leg.
        legs: of different assets, at least one.
    """

    side: Side = field(repr=False)
    legs: tuple[Leg, ...] = field(repr=False)

    @classmethod
    def of_maker(cls, legs: Sequence[tuple[Side, Leg]]) -> Self:
        """The terms of one trade, from what the maker does in each leg.

        Args:
            legs: at least one: the maker's side in it, and the leg as if that were the side of the whole trade.

        Raises:
            InputError: an asset is in two legs.
        """
        if len({leg.slot for _, leg in legs}) != len(legs):
            raise InputError("an asset is in two legs: a trade has one leg for each asset")
        side = legs[0][0]
        return cls(side, tuple(leg if own is side else leg._replace(amount=-leg.amount) for own, leg in legs))

    def with_drawn_side(self) -> Self:
        """The same trade with a side that is drawn at random, so that the side, which is public, tells nothing.

        Amounts are signed: the seller of -1 BTC buys 1 BTC.
        """
        side = secrets.choice((Side.BUY, Side.SELL))
        if side is self.side:
            return self
        return replace(self, side=side, legs=tuple(leg._replace(amount=-leg.amount) for leg in self.legs))


def parse_terms(data: bytes, book: AssetList, where: str) -> TradeTerms:
    """Read terms from CSV: the header `side,asset,size,price` and a row for each leg, as the maker sees it.

    Args:
        data: the file: UTF-8, with or without a byte order mark.
        book: whose assets may be traded.
        where: names the file in errors.

    Raises:
        InputError: another header, no row, an asset in two rows, or a cell that is not what its heading says.
    """
    rows = parse_table(data, where, TERMS_HEADER)
    if not rows:
        raise InputError(f"{where}: expected a row below the header for each asset that is traded, found none")
    legs = [_parse_row(row, book) for row in rows]
    try:
        return TradeTerms.of_maker(legs)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _parse_row(row: TableRow, book: AssetList) -> tuple[Side, Leg]:
    """What the maker does in a row, and its leg as if that were the maker's side."""
    where, (side, asset, size, price) = row.where, (row.cells[heading] for heading in TERMS_HEADER)
    return parse_side(side, f"{where}, side"), Leg(
        parse_traded_slot(asset, book, f"{where}, asset"),
        parse_size(size, f"{where}, size"),
        parse_price(price, f"{where}, price"),
    )


def parse_side(text: str, where: str) -> Side:
    """Read `buy` or `sell`. Raises InputError for anything else."""
    try:
        return _SIDES[text.lower()]
    except KeyError:
        raise InputError(f"{where}: expected buy or sell") from None


def parse_traded_slot(text: str, book: AssetList, where: str) -> int:
    """The slot of an asset. Raises InputError when the book has no asset of this symbol, in any case of letters."""
    slot = book.slots.get(text.upper())
    if slot is None:
        raise InputError(f"{where}: the book {book.name} has no such asset; {suggestion(text, book.slots)}")
    return slot


def parse_size(text: str, where: str) -> int:
    """A size [1e-9 token]. Raises InputError when it is not above 0, too fine, or out of range."""
    return _parse_positive(text, BALANCE_DECIMALS, BALANCE_BITS, where)


def parse_price(text: str, where: str) -> int:
    """A price [1e-9 USD]. Raises InputError when it is not above 0, too fine, or out of range."""
    return _parse_positive(text, PRICE_DECIMALS, PRICE_BITS, where)


def _parse_positive(text: str, decimals: int, bits: int, where: str) -> int:
    value = parse_decimal(text, decimals, where)
    if not 0 < value < 1 << bits:
        raise InputError(f"{where}: must be above 0 and below {(1 << bits) // 10**decimals:,}")
    return value
