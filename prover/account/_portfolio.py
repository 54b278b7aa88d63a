"""What an exchange says of an account, and the state that a book makes of it.

An exchange shows cash (the wallet balance) and the entry price of each position. A book keeps one number in place of
both: the quote. Each trade of a book is booked at its price, so

    quote = cash - sum of size times entry price      over perpetuals, whose price was never paid,

and equity = quote + sum of size times price is what the exchange shows as cash plus unrealised profit. Spot assets and
options were paid for when they were bought: cash is without their price already. Where the exchange shows equity and
mark prices of the same moment, quote = equity - sum of size times mark price, and no entry price is needed.

Funding until the round is in the exchange's cash, so the round's cumulative funding is taken off the prices that a book
counts with.
"""

import math
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Final

from prover.account._state import State
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, QUOTE_DECIMALS, AssetKind, AssetList, PriceRound
from verifier import InputError

_BALANCE: Final = 10**BALANCE_DECIMALS
_QUOTE: Final = 10**QUOTE_DECIMALS
_APART: Final = 2
"""Prices of one asset at one time are nearer than this factor: a contract on a thousand tokens is not."""

_TOLERANCE: Final = (Fraction(1, 50), Fraction(1, 1_000_000))
"""How far sums of rounded parts may be from a rounded sum: two cents, or a millionth."""


class Basis(Enum):
    """What the settlement amount of a file is."""

    CASH = "wallet balance, before unrealised profit"
    EQUITY = "wallet balance and unrealised profit and the value of spot assets and options"
    NET = "wallet balance less the sum of size times entry price"
    STATE = "quote of a state of a book"


@dataclass(frozen=True)
class Settlement:
    """An amount of the settlement currency. Secret.

    Attributes:
        basis: what it is.
        amount: [USD]
    """

    basis: Basis
    amount: Fraction = field(repr=False)


@dataclass(frozen=True)
class Holding:
    """One position. Secret.

    Attributes:
        slot: of its asset.
        amount: [1e-9 token], signed, not 0.
        entry: price from which unrealised profit counts [USD]; None where the file has none.
        mark: mark price [USD]; None where the file has none.
    """

    slot: int = field(repr=False)
    amount: int = field(repr=False)
    entry: Fraction | None = field(default=None, repr=False)
    mark: Fraction | None = field(default=None, repr=False)

    @property
    def size(self) -> Fraction:
        """The amount [token]."""
        return Fraction(self.amount, _BALANCE)


@dataclass(frozen=True)
class Portfolio:
    """What a file says of an account. Secret.

    Attributes:
        holdings: positions; two of one asset are its long and its short side.
        settlement: None where the file does not say.
        stated_equity: what the exchange itself shows [USD]; None where the file does not say.
    """

    holdings: tuple[Holding, ...] = field(repr=False)
    settlement: Settlement | None = field(repr=False)
    stated_equity: Fraction | None = field(default=None, repr=False)

    def has_perpetuals(self, book: AssetList) -> bool:
        """Whether entry prices and funding matter."""
        return any(_is_perpetual(book, holding) for holding in self.holdings)

    def balances(self, book: AssetList) -> tuple[int, ...]:
        """Sizes by slot [1e-9 token], signed."""
        sums = [0] * book.n
        for holding in self.holdings:
            sums[holding.slot] += holding.amount
        return tuple(sums)

    def _require_fitting(self, book: AssetList, round_: PriceRound) -> None:
        if round_.book.digest() != book.digest():
            raise InputError(f"round {round_.id} prices another book than the account's")
        for holding in self.holdings:
            asset, price = book.assets[holding.slot], Fraction(round_.prices[holding.slot], 10**PRICE_DECIMALS)
            if holding.mark is None or asset.kind is AssetKind.OPTION:  # an option may well multiply in a day
                continue
            if not holding.mark / _APART <= price <= holding.mark * _APART:
                raise InputError(
                    f"round {round_.id}: the price of {asset.symbol} is more than {_APART} times away from the mark "
                    "price in the file; the symbol map names another contract, or the round is of another time"
                )

    def _booked(self, book: AssetList, basis: Basis) -> Fraction:
        """What makes the settlement amount a quote, before funding [USD]. Raises InputError for a missing price."""
        match basis:
            case Basis.CASH:
                costs = [(holding, holding.entry, "entry") for holding in self.holdings if _is_perpetual(book, holding)]
            case Basis.EQUITY:
                costs = [(holding, holding.mark, "mark") for holding in self.holdings]
            case Basis.NET | Basis.STATE:
                costs = []
        total = Fraction(0)
        for holding, price, name in costs:
            if price is None:
                symbol, given = book.assets[holding.slot].symbol, basis.name.lower()
                raise InputError(
                    f"no {name} price for {symbol}: without it, {given} does not say what the account is worth; add a "
                    f"column {name}"
                )
            total += holding.size * price
        return total

    def require_meant(self, book: AssetList, *, is_state: bool) -> None:
        """Refuse a QUOTE that may be a wallet balance: taken for one, 6.5 BTC would be a gift.

        Args:
            book: whose assets they are.
            is_state: whether the user says that the file is a state of a book.

        Raises:
            InputError: QUOTE beside perpetuals that may be a wallet balance; or no QUOTE where there must be one.
        """
        has_quote = self.settlement is not None and self.settlement.basis is Basis.STATE
        if is_state and not has_quote:
            raise InputError("--state: a state of a book has a row QUOTE")
        if has_quote and not is_state and self.has_perpetuals(book):
            raise InputError(
                "QUOTE beside perpetuals: a quote is cash less the sum of size times entry price, and a wallet balance "
                "in its place makes an account look far richer than it is. Name the row CASH for a wallet balance, and "
                "add a column entry; or add --state if the file has a quote"
            )

    def state(self, book: AssetList, round_: PriceRound | None) -> State:
        """The state of a book that is worth what the exchange shows.

        Args:
            book: whose assets they are.
            round_: whose funding cash is taken to be settled to; needed where perpetuals are held, but not by the quote
                of a state.

        Returns:
            Exact balances; the quote rounded down to 1e-18 USD, against the account.

        Raises:
            InputError: no settlement amount, a price missing that it needs, or no round though it matters; a round of
                another book, or one with prices so far from the file's mark prices that a symbol must be mistaken.
        """
        if round_ is not None:
            self._require_fitting(book, round_)
        if self.settlement is None:
            raise InputError("the wallet balance is missing: it is neither in the file nor given")
        quote = self.settlement.amount - self._booked(book, self.settlement.basis)
        if self.settlement.basis is not Basis.STATE and self.has_perpetuals(book):
            if round_ is None:
                raise InputError("perpetuals need the round at which the exchange's numbers hold: name it with --round")
            for holding in self.holdings:
                if _is_perpetual(book, holding):
                    quote += Fraction(holding.amount * round_.funding[holding.slot], _QUOTE)
        return State(self.balances(book), quote_units_down(quote))


def exact_balance(amount: Fraction, where: str) -> int:
    """A size as a book holds it [1e-9 token].

    Raises:
        InputError: finer than 1e-9. The amount is not shown.
    """
    units = amount * _BALANCE
    if units.denominator != 1:
        raise InputError(f"{where}: at most {BALANCE_DECIMALS} digits after the point can be held exactly")
    return int(units)


def quote_units_down(amount: Fraction) -> int:
    """An amount [USD] in units of 1e-18 USD, rounded down: against the account."""
    return math.floor(amount * _QUOTE)


def unrealised_profit(holding: Holding, price: int) -> Fraction | None:
    """Size times (price - entry price) [USD]; None without an entry price.

    Args:
        holding: the position.
        price: [1e-9 USD]
    """
    if holding.entry is None:
        return None
    return holding.size * (Fraction(price, 10**PRICE_DECIMALS) - holding.entry)


def require_sum(parts: Fraction, stated: Fraction, where: str) -> None:
    """Refuse a file whose parts do not add up to the sum that it states: something is missing, or not what it seems.

    Raises:
        InputError: they differ by more than rounding. No amount is shown.
    """
    absolute, relative = _TOLERANCE
    if abs(parts - stated) > max(absolute, relative * max(abs(parts), abs(stated))):
        raise InputError(f"{where}: the parts do not add up to what the file states; something is missing in it")


def _is_perpetual(book: AssetList, holding: Holding) -> bool:
    return book.assets[holding.slot].kind is AssetKind.PERPETUAL
