"""How good probabilities were, against what happened; and bounds that learn from their own misses."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._volatility import clean

LEAST_PROBABILITY: Final = 2.5e-4
"""What a forecast from 2,000 paths says at least: half a path. One that says 0 and is wrong would score infinitely."""


class Reliability(NamedTuple):
    """What happened after forecasts of about the same probability; a row a bin.

    Attributes:
        forecast: mean probability.
        observed: part of the cases in which it happened.
        cases: how many.
    """

    forecast: Floats
    observed: Floats
    cases: Floats


def brier_score(probabilities: Floats, outcomes: Floats) -> float:
    """Mean squared error of probabilities (Brier 1950); 0 is best.

    Args:
        probabilities: from 0 to 1.
        outcomes: 1 where it happened, 0 where it did not.
    """
    return float(np.mean((probabilities - outcomes) ** 2))


def log_score(probabilities: Floats, outcomes: Floats) -> float:
    """Mean of -log of the probability of what happened (Good 1952); 0 is best. Arguments as `brier_score`."""
    bounded = np.clip(probabilities, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    return float(-np.mean(np.where(outcomes > 0, np.log(bounded), np.log1p(-bounded))))


def reliability(probabilities: Floats, outcomes: Floats, bins: int = 10) -> Reliability:
    """The points of a reliability diagram: bins with equally many cases, so that rare events have bins too.

    Args:
        probabilities: from 0 to 1.
        outcomes: 1 where it happened, 0 where it did not.
        bins: at most.
    """
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return Reliability(
        np.array([probabilities[part].mean() for part in parts]),
        np.array([outcomes[part].mean() for part in parts]),
        np.array([float(len(part)) for part in parts]),
    )


class MoveBound(NamedTuple):
    """How far a price may move until a horizon.

    Attributes:
        log_move: absolute logarithm of the ratio of prices that is exceeded as rarely as wanted; infinite when the
            history is too short to say.
        missed: part of the past cases in which the bound of the time was exceeded; NaN without cases.
        cases: past cases that had a bound.
    """

    log_move: float
    missed: float
    cases: int


@dataclass
class AdaptiveBound:
    """A bound that a wanted part of future values exceeds, whatever their distribution (Gibbs and Candes 2021).

    The bound is a quantile of past values. After each miss it asks for a higher quantile, after each hit for a slightly
    lower one, so that the part of misses tends to what is wanted, even when the distribution drifts.

    Attributes:
        miss_rate: part of the values that may exceed the bound.
        speed: of the adaptation.
        memory: how many past values are kept.
    """

    miss_rate: float
    speed: float = 0.01
    memory: int = 1_000
    _level: float = field(init=False)
    _past: deque[float] = field(init=False, default_factory=deque)
    _sorted: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._level = self.miss_rate

    @property
    def bound(self) -> float:
        """For the next value; infinite until enough is known."""
        known = len(self._past)
        rank = int(np.ceil((1.0 - self._level) * (known + 1)))  # that of a new value among known ones
        if self._level <= 0.0 or rank > known:
            return np.inf
        return self._sorted[max(rank, 1) - 1]

    def learn(self, value: float) -> bool:
        """Compare a value with the bound, and adapt. Returns whether it exceeded the bound."""
        missed = value > self.bound
        self._level = min(self._level + self.speed * (self.miss_rate - missed), 1.0)
        self._past.append(value)
        insort(self._sorted, value)
        if len(self._past) > self.memory:
            del self._sorted[bisect_left(self._sorted, self._past.popleft())]
        return missed


def move_bound(returns: Floats, steps: int, miss_rate: float) -> MoveBound:
    """An adaptive bound of moves over some steps, in deviations as they were known before each move.

    Args:
        returns: of one asset, over one step each, the oldest first.
        steps: of the horizon. Moves over as many steps follow each other and do not overlap.
        miss_rate: part of the moves that may exceed the bound.
    """
    cleaned = clean(returns)
    adaptive, misses = AdaptiveBound(miss_rate), list[bool]()
    for first in range(len(returns) % steps, len(returns), steps):
        move = abs(float(returns[first : first + steps].sum()))
        bounded = np.isfinite(adaptive.bound)
        missed = adaptive.learn(move / float(np.sqrt(cleaned.variance[first] * steps)))
        if bounded:
            misses.append(missed)
    bound = adaptive.bound * float(np.sqrt(cleaned.following * steps))
    return MoveBound(bound, float(np.mean(misses)) if misses else np.nan, len(misses))
