"""What leaves within some time: the outflow of a vault, and what a fund pays."""

from dataclasses import dataclass
from typing import NamedTuple

from prover.market import PPM


class Room(NamedTuple):
    """What may leave now.

    Attributes:
        spent: what has left of late, and is not forgotten yet.
        left: what may leave.
    """

    spent: int
    left: int


@dataclass
class Bucket:
    """A leaky bucket, as in `OutflowLimit` of the contracts (ZS-66, ZS-94). Amounts are in the token's own units.

    Attributes:
        share: of what is held that may leave within a period [ppm].
        period: seconds.
        least: the limit where the share is less.
        spent: what had left and was not forgotten, when something left last.
        updated_at: that time.
    """

    share: int
    period: int
    least: int = 0
    spent: int = 0
    updated_at: int = 0

    def measure(self, held: int, now: int) -> Room:
        """What may leave of what is held."""
        forgotten = self._limit(held) * (now - self.updated_at) // self.period
        spent = max(0, self.spent - forgotten)
        return Room(spent, max(0, self._limit(held + spent) - spent))

    def take(self, held: int, amount: int, now: int) -> None:
        """An amount leaves of what was held before."""
        self.spent, self.updated_at = self.measure(held, now).spent + amount, now

    def _limit(self, held: int) -> int:
        return max(held * self.share // PPM, self.least)
