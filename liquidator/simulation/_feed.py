"""Which prices become rounds: the rule of deviation limits (`prover.market.PriceRules`), in floating point.

Prices that all are within their limits of the reference round are recorded. Prices beyond them are held, and confirmed
by prices of at least a minute later; the nearer of both is recorded.
"""

from typing import NamedTuple, Self

import numpy as np

from liquidator.risk import Floats
from prover.market import CANDIDATE_DELAY, CANDIDATE_LIFETIME, LIMIT_PERIOD


class Feed(NamedTuple):
    """What is known to the price source. Prices are logarithms of price over price at the start.

    Attributes:
        limits: how far each price may move from the reference, as a part of it.
        recorded: of the newest round.
        recorded_at: its time [s].
        reference: from which limits are measured.
        reference_at: its time [s].
        held: prices beyond a limit; None for none.
        held_at: their time [s].
    """

    limits: Floats
    recorded: Floats
    recorded_at: float
    reference: Floats
    reference_at: float
    held: Floats | None = None
    held_at: float = 0.0

    @classmethod
    def at_start(cls, limits: Floats) -> Self:
        """With a round at time 0."""
        zero = np.zeros(len(limits))
        return cls(limits, zero, 0.0, zero, 0.0)

    def post(self, now: float, prices: Floats) -> "Feed":
        """What is known after prices were posted. No round is recorded when they are held."""
        far = self._too_far(self.reference, prices)
        if not far.any():
            return self._record(now, prices)
        if self.held is not None and now <= self.held_at + CANDIDATE_LIFETIME:
            if now < self.held_at + CANDIDATE_DELAY:
                return self
            near_held = ~self._too_far(self.held, prices)
            same_side = np.sign(self.held - self.reference) == np.sign(prices - self.reference)
            if (near_held | (self._too_far(self.reference, self.held) & same_side))[far].all():
                nearer = np.where(
                    np.abs(self.held - self.reference) < np.abs(prices - self.reference), self.held, prices
                )
                return self._record(now, np.where(far & ~near_held, nearer, prices))
        return self._replace(held=prices, held_at=now)

    def _too_far(self, before: Floats, after: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.asarray(np.abs(np.expm1(after - before)) > self.limits * (1.0 + 1e-12))

    def _record(self, now: float, prices: Floats) -> "Feed":
        is_reference = now >= self.reference_at + LIMIT_PERIOD
        reference, reference_at = (prices, now) if is_reference else (self.reference, self.reference_at)
        return Feed(self.limits, prices, now, reference, reference_at)
