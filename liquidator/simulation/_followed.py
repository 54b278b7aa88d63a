"""The accounts of a scenario that were flagged once: what takeovers left of them, and their flags."""

from typing import Final

import numpy as np
import numpy.typing as npt

from liquidator.risk import Floats
from liquidator.simulation._market import Bools, Rows, SimulatedMarket

_TOLERANCE: Final = 1e-9
"""Of the size of an account: health that a cure leaves is 0 but for rounding."""

_AT_THE_LINE: Final = 1e-5
"""Of the size of an account: so near to the line, prices are said to put it below, not the impact of sales."""


class Followed:
    """A row an account. Secret.

    Args:
        market: of the accounts.
    """

    def __init__(self, market: SimulatedMarket) -> None:
        self._market = market
        self._columns = market.columns[:0]
        self._sizes = np.zeros(0)
        """Of each row, at its first flag: what its positions and its quote add up to without their signs [USD]."""
        self.flagged_at = np.zeros(0)
        """Time of the flag; NaN without one [s]."""
        self.wave: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """Of the cascade in which it was flagged last, from 1."""
        self.is_empty: Bools = np.zeros(0, dtype=bool)
        """It holds nothing."""
        self.is_done: Bools = np.zeros(0, dtype=bool)
        """It holds nothing, and owes nothing that is not written off."""

    def __len__(self) -> int:
        return len(self.flagged_at)

    def add(self, accounts: Rows, weights: Floats, now: float) -> Rows:
        """Flag accounts of the market.

        Args:
            accounts: rows of the market.
            weights: of the round.
            now: time of the flag [s].

        Returns:
            their rows here.
        """
        columns = self._market.columns[accounts]
        self._columns = np.vstack([self._columns, columns])
        self._sizes = np.concatenate([self._sizes, np.abs(columns) @ np.abs(weights)])
        self.flagged_at = np.concatenate([self.flagged_at, np.full(len(accounts), now)])
        self.wave = np.concatenate([self.wave, np.ones(len(accounts), dtype=np.int64)])
        none = np.zeros(len(accounts), dtype=bool)
        self.is_empty, self.is_done = (np.concatenate([old, none]) for old in (self.is_empty, self.is_done))
        return np.arange(len(self) - len(accounts), len(self))

    def balances(self, rows: Rows) -> Floats:
        """Of rows in each slot [tokens]."""
        count = len(self._market.slots)
        return np.asarray(self._columns[rows, :count] + self._columns[rows, count:-1])

    def quote(self, rows: Rows) -> Floats:
        """Of rows [USD]."""
        return np.asarray(self._columns[rows, -1])

    def put(self, rows: Rows, balances: Floats, quote: Floats) -> None:
        """What a takeover or a write-off leaves."""
        self._columns[rows] = np.hstack([np.maximum(balances, 0.0), np.minimum(balances, 0.0), quote[:, None]])
        self.is_empty[rows] = ~balances.any(axis=1)

    @property
    def flagged(self) -> Rows:
        """Rows with a flag."""
        return np.flatnonzero(~np.isnan(self.flagged_at))

    def is_below(self, weights: Floats) -> Bools:
        """Whether each row is below its margin; a column a case."""
        return np.asarray(self._columns @ weights < -_TOLERANCE * self._sizes[:, None])

    def first_waves(self, rows: Rows, weights: Floats) -> npt.NDArray[np.int64]:
        """One more than the number of waves of sales that it takes to put rows below their margin.

        Args:
            rows: that are below in the last case.
            weights: a column for prices moved by no sales, by the first wave, by the first two waves, and so on.
        """
        is_below = self._columns[rows] @ weights < _AT_THE_LINE * self._sizes[rows, None]
        return np.asarray(np.argmax(is_below, axis=1) + 1, dtype=np.int64)

    def equity(self, effective: Floats) -> Floats:
        """Of each row [USD]."""
        return np.asarray(self._columns @ np.concatenate([effective, effective, [1.0]]))
