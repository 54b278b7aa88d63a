"""Liquidators of one scenario: what each can carry, what it takes for a profit, and how it closes what it took."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from liquidator.risk import Floats
from liquidator.simulation._market import Rows, SimulatedMarket
from liquidator.simulation._parcels import Parcels, Values

_DAY: Final = 86_400.0
_LEAST_MOVE: Final = -0.99
"""Of a price by all trades together: no law holds further down."""


@dataclass
class Liquidators:
    """Their stock and their wealth, and what they trade.

    Attributes:
        market: of the scenario.
        wealth: of each liquidator [USD].
        stock: of each in each slot [tokens].
        traded: of late on each market, net [USD]; it fades.
    """

    market: SimulatedMarket
    wealth: Floats = field(init=False)
    stock: Floats = field(init=False)
    traded: Floats = field(init=False)

    def __post_init__(self) -> None:
        terms = self.market.terms
        self.wealth = np.full(terms.liquidators, terms.capital)
        self.stock = np.zeros((terms.liquidators, len(self.market.slots)))
        self.traded = np.zeros(len(self.market.markets))

    @property
    def has_stock(self) -> bool:
        """Whether anything is left to close."""
        return bool(self.stock.any())

    def offset(self, rounds: int = 0) -> Floats:
        """What trades have done to the logarithm of each price, some rounds later."""
        return self.offset_of_parts(np.full(len(self.traded), self._fading**rounds))

    def offset_of_parts(self, parts: Floats) -> Floats:
        """What parts of the trades would have done alone; the last axis is that of the markets."""
        return np.asarray(np.log1p(np.maximum(self.market.moves(self.traded * parts), _LEAST_MOVE)))

    def fade(self, rounds: int) -> None:
        """Let earlier trades fade for some rounds in which nothing is traded."""
        self.traded = self.traded * self._fading**rounds

    def mark(self, change: Floats) -> None:
        """Prices of units changed [USD]."""
        self.wealth += self.stock @ change

    def free(self, initial: Values) -> Floats:
        """What each may still carry [USD].

        Args:
            initial: margins that takers need.
        """
        return np.asarray(self.wealth - initial.margins(self.stock).sum(axis=1))

    def choose(self, parcels: Parcels, recorded: Values, now: Values, initial: Values, deltas: Floats) -> Rows:
        """The parcels that are taken, and put into stock. The most profitable go first, to who can carry most.

        Args:
            parcels: on offer.
            recorded: values of the round, at which parcels are paid.
            now: values on the markets.
            initial: margins that takers need.
            deltas: of a unit of each slot [USD].
        """
        terms = self.market.terms
        offered = np.flatnonzero(parcels.is_sold)
        taken = parcels.taken[offered]
        amounts = -(taken * deltas) @ self.market.driver_matrix
        moved = self.market.moves(self.traded + amounts) - self.market.moves(self.traded)
        notional = np.abs(amounts).sum(axis=1)
        gained = parcels.reward[offered] + taken @ (now.effective - recorded.effective) - terms.gas
        cost = 0.5 * np.abs(amounts * moved).sum(axis=1) + (terms.spread + terms.least_profit) * notional
        cost += np.abs(amounts) @ (terms.risk * self.market.volatilities * np.sqrt(self._days_to_close(deltas)))
        needed, free = initial.margins(taken).sum(axis=1), self.free(initial)
        order = np.argsort(cost - gained, kind="stable")
        waiting = order[gained[order] >= cost[order]]
        chosen = np.zeros(len(offered), dtype=bool)
        for own in np.argsort(-free, kind="stable").tolist():
            waiting = waiting[~chosen[waiting]]
            carried = waiting[needed[waiting] <= free[own]]
            carried = carried[np.cumsum(needed[carried]) <= free[own]]
            self.stock[own] += taken[carried].sum(axis=0)
            self.wealth[own] += float(gained[carried].sum())
            chosen[carried] = True
        return offered[chosen]

    def close(self, deltas: Floats) -> None:
        """Trade against the stock for one round, and let earlier trades fade.

        Args:
            deltas: of a unit of each slot [USD].
        """
        terms = self.market.terms
        before = self.traded * self._fading
        wanted = -(self.stock * deltas) @ self.market.driver_matrix
        net = wanted.sum(axis=0)
        most = self._most_traded(terms.round_interval)
        part = most / np.maximum(np.abs(net), most)
        trades = wanted * part
        self.traded = before + trades.sum(axis=0)
        move = self.market.moves(self.traded) - self.market.moves(before)
        self.wealth -= (np.abs(trades) * terms.spread).sum(axis=1) + 0.5 * trades @ move
        self.stock *= 1.0 - part[self.market.drivers]

    def _days_to_close(self, deltas: Floats) -> Floats:
        """How long what they hold on each market takes to be closed, and a round more."""
        held = np.abs((self.stock.sum(axis=0) * deltas) @ self.market.driver_matrix)
        return np.asarray(held / self._most_traded(_DAY) + self.market.terms.round_interval / _DAY)

    def _most_traded(self, seconds: float) -> Floats:
        """On each market in some time [USD]."""
        return self.market.terms.participation * self.market.volumes * seconds / _DAY

    @property
    def _fading(self) -> float:
        return float(np.exp(-self.market.terms.round_interval / self.market.terms.memory))
