"""What a sale of positions does to prices, and what these do to all other accounts.

A taker of a parcel, or the hedgers behind it, trade against its delta: they sell what it is long of. The trade moves
the price, by one of two laws whose parameters are daily volatility and daily volume:

- square root: a trade of Q moves the price by Y s sqrt(Q / V), Y = 1 (Toth et al. 2011, "Anomalous price impact and the
  critical nature of liquidity in financial markets");
- Almgren-Chriss with the coefficients of Almgren, Thum, Hauptmann and Li 2005, "Direct estimation of equity market
  impact": permanent 0.314 s Q / V and temporary 0.142 s (Q / (V T))^(3/5), T days of trading. Their factor for the
  shares of a company, (shares / V)^(1/4), is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._exposure import exposures
from liquidator.risk._methods import ImpactMethod
from liquidator.risk._options import OptionBoard
from liquidator.screening import AccountMatrix, Screened
from prover.account import State
from prover.market import PRICE_DECIMALS, AssetKind, PriceRound
from verifier import InputError, VectorKind

_SQUARE_ROOT: Final = 1.0
_PERMANENT: Final = 0.314
_TEMPORARY: Final = 0.142
_EXPONENT: Final = 0.6
_COST_UNITS: Final = 10**15
"""Of `PriceImpact.per_unit` in a USD, as of `prover.liquidation.Liquidity.per_unit`."""


class AssetMarket(NamedTuple):
    """A market that a trade goes to.

    Attributes:
        symbols: of the book's assets that are traded there: all move together.
        volatility: a day.
        volume: a day [USD].
    """

    symbols: tuple[str, ...]
    volatility: float
    volume: float


class Trade(NamedTuple):
    """A trade and what it does.

    Attributes:
        amount: [USD], above 0 for a purchase.
        move: of the price at its end, as a part of it; with the sign of the trade.
        cost: to whom trades, against the price before [USD].
    """

    amount: float
    move: float
    cost: float


class ParcelImpact(NamedTuple):
    """What hedging a parcel does. Secret.

    Attributes:
        trades: one a market.
        after: the round with prices as they are after the trades.
    """

    trades: tuple[Trade, ...]
    after: PriceRound


@dataclass(frozen=True)
class PriceImpact:
    """Markets at a round.

    Attributes:
        round_: before anything is traded.
        markets: one or more symbols each; an option is traded where its underlying is.
        method: of the impact.
        days: that a trade takes; the square root does not ask.

    Raises:
        InputError: an unknown or repeated symbol, an option, or a market without volume.
    """

    round_: PriceRound
    markets: tuple[AssetMarket, ...]
    method: ImpactMethod = ImpactMethod.SQUARE_ROOT
    days: float = 1.0 / 144.0

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for market in self.markets:
            for symbol in market.symbols:
                slot = self.round_.book.slot(symbol, "impact")
                if self.round_.book.assets[slot].kind is AssetKind.OPTION or symbol in seen:
                    raise InputError(f"impact: {symbol} is an option, or in two markets")
                seen.add(symbol)
            if not market.volume > 0 or not market.volatility >= 0:
                raise InputError(f"impact: the market of {market.symbols[0]} has no volume")

    def trade(self, market: AssetMarket, amount: float) -> Trade:
        """What a trade does.

        Args:
            market: where.
            amount: [USD], above 0 for a purchase.
        """
        move, paid = self._law(market, np.array(abs(amount)))
        return Trade(amount, float(np.copysign(move, amount)) if amount else 0.0, float(paid) * abs(amount))

    def moves(self, market: AssetMarket, amounts: Floats) -> Floats:
        """How far each of several amounts moves the price, with the sign of the amount.

        Args:
            market: where.
            amounts: [USD], above 0 for purchases.
        """
        return np.asarray(np.copysign(self._law(market, np.abs(amounts))[0], amounts))

    def _law(self, market: AssetMarket, sizes: Floats) -> tuple[Floats, Floats]:
        """Of trades of some sizes [USD]: the move at the end, and the mean of the moves on the way."""
        share = sizes / market.volume
        match self.method:
            case ImpactMethod.SQUARE_ROOT:
                move = _SQUARE_ROOT * market.volatility * share**0.5
                return move, 2.0 / 3.0 * move
            case ImpactMethod.ALMGREN_CHRISS:
                lasting = _PERMANENT * market.volatility * share
                temporary = _TEMPORARY * market.volatility * (share / self.days) ** _EXPONENT
                return lasting + temporary, 0.5 * lasting + temporary

    def of_parcel(self, taken: Sequence[int]) -> ParcelImpact:
        """What hedging a parcel does to prices.

        Args:
            taken: of each slot [1e-9 token], with the sign of the balance that it is a part of.

        Raises:
            InputError: the parcel has delta in an asset without a market, an option without terms, or one whose price
                implies no volatility.
        """
        amounts = [0.0] * len(self.markets)
        for symbol, exposure in exposures([State(tuple(taken), 0)], self.round_).items():
            amounts[self._market_of(symbol)] -= exposure.delta * self._mark(symbol)
        trades = tuple(self.trade(market, amount) for market, amount in zip(self.markets, amounts, strict=True))
        return ParcelImpact(trades, self._moved([trade.move for trade in trades]))

    def per_unit(self, amounts: Sequence[int], prices: Sequence[int]) -> tuple[int, ...]:
        """What hedging costs for each unit where whole positions are closed [1e-15 USD per token], rounded down.

        The minimal close of `prover.trade.plan_release` frees the most margin for it.

        Args:
            amounts: of each slot [1e-9 token], signed.
            prices: mark prices [1e-9 USD].

        Raises:
            InputError: as `of_parcel`.
        """
        impact = replace(self, round_=replace(self.round_, prices=tuple(prices)))
        costs = []
        for slot, amount in enumerate(amounts):
            alone = tuple(amount if place == slot else 0 for place in range(len(amounts)))
            cost = sum(trade.cost for trade in impact.of_parcel(alone).trades) if amount else 0.0
            costs.append(int(cost * 10**9 / abs(amount) * _COST_UNITS) if amount else 0)
        return tuple(costs)

    def _mark(self, symbol: str) -> float:
        return self.round_.prices[self.round_.book.slots[symbol]] / 10**PRICE_DECIMALS

    @cached_property
    def _markets_by_symbol(self) -> Mapping[str, int]:
        return {symbol: place for place, market in enumerate(self.markets) for symbol in market.symbols}

    def _market_of(self, symbol: str) -> int:
        try:
            return self._markets_by_symbol[symbol]
        except KeyError:
            raise InputError(f"impact: there is no market for {symbol}, which the parcel has delta in") from None

    def _moved(self, moves: Sequence[float]) -> PriceRound:
        """The round after prices moved; options are priced again at the volatilities that they implied."""
        book, prices = self.round_.book, list(self.round_.prices)
        for symbol, place in self._markets_by_symbol.items():
            slot = book.slots[symbol]
            prices[slot] = max(round(prices[slot] * (1.0 + moves[place])), 0)
        board = OptionBoard.at(self.round_, range(len(book.assets)))
        marks = np.array([float(prices[option.underlying]) for option in board.options]) / 10**PRICE_DECIMALS
        for option, value in zip(board.options, board.values(marks, 0.0), strict=True):
            if np.isfinite(value):  # an option without volatility keeps its price
                prices[option.slot] = round(float(value) * 10**PRICE_DECIMALS)
        return replace(self.round_, id=self.round_.id + 1, prices=tuple(prices))


def screen_both(
    states: Sequence[State], before: PriceRound, after: PriceRound, kind: VectorKind = VectorKind.MAINTENANCE
) -> tuple[Screened, Screened]:
    """Screen accounts at two rounds; an account's identity is its place.

    Args:
        states: of the accounts.
        before: a round.
        after: another round of the same book.
        kind: of margin.
    """
    matrix = AccountMatrix(before.book.n)
    matrix.put_all(dict(enumerate(states)))
    first = matrix.screen(before.vectors, [kind])
    return first, matrix.screen(after.vectors, [kind])
