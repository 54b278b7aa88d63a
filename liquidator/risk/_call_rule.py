"""When an owner is told that an account nears its line: seldom enough to be heard, and early enough to act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liquidator.store import CallLevel, CallRecord

_HOUR: Final = 3_600.0
_DAY: Final = 86_400.0


@dataclass(frozen=True)
class CallRule:
    """Probabilities at which an owner is called, with hysteresis.

    A call is early or urgent. An owner hears of an urgent one after an early one at once. Of the same level, or a lower
    one, an owner hears again only once the account has been safer meanwhile, and the cooldown is over.

    Attributes:
        early: probability to cross within 24 hours from which the call is early.
        urgent: probability to cross within 1 hour from which it is urgent.
        safer: part of both below which an account is safer again.
        cooldown: between two calls of one level [s].
    """

    early: float = 0.3
    urgent: float = 0.1
    safer: float = 0.5
    cooldown: float = 6 * _HOUR

    def level(self, hour: float, day: float, part: float = 1.0) -> CallLevel | None:
        """What probabilities call for; None for nothing.

        Args:
            hour: to cross within 1 hour.
            day: to cross within 24 hours.
            part: of the thresholds.
        """
        if hour >= self.urgent * part:
            return CallLevel.URGENT
        return CallLevel.EARLY if day >= self.early * part else None

    def after(self, told: CallRecord | None, hour: float, day: float, now: float) -> CallRecord | None:
        """What an owner was told last, after a forecast. Its time is `now` if, and only if, the owner is called.

        Args:
            told: what the owner was told last; None where nothing is known.
            hour: probability to cross within 1 hour.
            day: within 24 hours.
            now: Unix seconds.
        """
        level = self.level(hour, day)
        if told is None:
            return None if level is None else CallRecord(level, now)
        is_over = told.is_over or self.level(hour, day, self.safer) is None
        has_cooled = now >= told.told + self.cooldown
        if level is None:
            return None if is_over and has_cooled else told._replace(is_over=is_over)
        is_worse = level is CallLevel.URGENT and told.level is CallLevel.EARLY
        if is_worse or (is_over and has_cooled):
            return CallRecord(level, now)
        return told._replace(is_over=is_over)


def seconds_until(crossing: Sequence[float], horizons: Sequence[float], probability: float) -> float:
    """When the probability to have crossed reaches a value, linear between horizons; the last horizon if it does not.

    Args:
        crossing: probability until each horizon.
        horizons: [s, rising].
        probability: above 0.
    """
    before, reached = 0.0, 0.0
    for end, value in zip(horizons, crossing, strict=True):
        if value >= probability:
            return before + (end - before) * (probability - reached) / (value - reached) if value > reached else before
        before, reached = end, value
    return horizons[-1]
