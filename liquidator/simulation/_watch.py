"""Which accounts may fall below their margin in the rounds ahead, so that a round looks at these alone."""

from typing import Final

import numpy as np

from liquidator.risk import Floats
from liquidator.simulation._market import Rows, SimulatedMarket

_SLACK: Final = 0.02
"""How far trades may move the logarithm of a price before all accounts are looked at again."""

_NEAR_SLACK: Final = 0.004
"""The same for the next rounds."""


class Watch:
    """Accounts as they were at the start, along one path of prices.

    Args:
        market: of the accounts.
        path: of each asset, logarithm of price over price at the start; a column a round.
    """

    def __init__(self, market: SimulatedMarket, path: Floats) -> None:
        self._market, self._path = market, path
        self._low, self._high = path.min(axis=1) - _SLACK, path.max(axis=1) + _SLACK
        self._far = market.may_be_below(self._low, self._high)
        self._near_box = (np.full(len(path), np.inf), np.full(len(path), -np.inf))
        self.near: Rows = self._far[:0]
        self._columns = market.columns[:0]
        self._is_out = np.zeros(len(market.columns), dtype=bool)

    @property
    def may_breach(self) -> bool:
        """Whether any account may."""
        return len(self._far) > 0

    def drop(self, rows: Rows) -> None:
        """Some accounts are followed elsewhere from now on."""
        self._is_out[rows] = True
        kept = ~self._is_out[self.near]
        self.near, self._columns = self.near[kept], self._columns[kept]

    def look(self, moves: Floats, first: int, rounds: int) -> None:
        """Choose the accounts of the next rounds.

        Args:
            moves: that prices may have made; a column a case.
            first: the next round.
            rounds: how many.
        """
        low, high = moves.min(axis=1), moves.max(axis=1)
        if (low >= self._near_box[0]).all() and (high <= self._near_box[1]).all():
            return
        ahead = self._path[:, first : first + rounds]
        offset = moves[:, :1] - self._path[:, min(first, self._path.shape[1] - 1), None]
        span = np.concatenate([moves, ahead + offset], axis=1)
        low, high = span.min(axis=1) - _NEAR_SLACK, span.max(axis=1) + _NEAR_SLACK
        if (low < self._low).any() or (high > self._high).any():
            self._low, self._high = np.minimum(self._low, low - _SLACK), np.maximum(self._high, high + _SLACK)
            self._far = self._market.may_be_below(self._low, self._high)
        self._far = self._far[~self._is_out[self._far]]
        self._near_box = low, high
        self.near = self._market.may_be_below(low, high, self._far)
        self._columns = self._market.columns[self.near]

    def health(self, weights: Floats) -> Floats:
        """Of the near accounts; a column a case."""
        return np.asarray(self._columns @ weights)
