"""Active time of the circuit breaker, in exact integers: the reference of `CircuitBreaker.activeTime`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LEVELS: Final = (1, 2, 3)
"""NoFlags, NoTakeovers, NoWithdrawals."""


@dataclass
class _Stop:
    """A span in which the clocks of some levels are stopped: [since, until)."""

    levels: range
    since: int
    until: int | None = None


@dataclass
class ActiveTime:
    """Stops of a deployment, and for how long each level was not stopped. Calls are in order of time.

    Attributes:
        deployed_at: when the breaker was deployed, Unix seconds.
        resume_grace: how long clocks stay stopped after a level is lowered, and after a gap without rounds [s].
        raised: the level that guardians raised.
        tripped_until: end of the last trip; 0 when it was cleared.
    """

    deployed_at: int
    resume_grace: int
    raised: int = 0
    tripped_until: int = 0
    _raises: list[_Stop] = field(default_factory=list)
    _trips: list[_Stop] = field(default_factory=list)
    _silences: list[_Stop] = field(default_factory=list)

    def raise_to(self, level: int, now: int) -> None:
        """A guardian raises the level; no effect when it is as high already."""
        if level > self.raised:
            self._raises += [_Stop(range(each, each + 1), now) for each in range(self.raised + 1, level + 1)]
            self.raised = level

    def lower_to(self, level: int, now: int) -> None:
        """Governance lowers the level."""
        for stop in self._raises:
            if stop.until is None and stop.levels.start > level:
                stop.until = now + self.resume_grace
        self.raised = level

    def trip(self, until: int, now: int) -> None:
        """The price source stops all levels until a time; a trip is never shortened."""
        if until > max(now, self.tripped_until):
            self._trips.append(_Stop(range(1, 4), now, until))
            self.tripped_until = until

    def clear(self, now: int) -> None:
        """The price source ends the trip."""
        for stop in self._trips:
            stop.until = now if stop.until is None else min(stop.until, now)
        self.tripped_until = 0

    def end_silence(self, since: int, now: int) -> None:
        """Rounds resume, after a gap since a time."""
        self._silences.append(_Stop(range(1, 4), since, now + self.resume_grace))

    def level(self, now: int) -> int:
        """Present level."""
        return 3 if now < self.tripped_until else self.raised

    def active(self, level: int, now: int, silent_since: int = 0) -> int:
        """Seconds since deployment in which the clock of a level ran.

        Args:
            level: 1 to 3.
            now: time of the block.
            silent_since: start of a gap without rounds; 0 while rounds are fresh.
        """
        end = silent_since or now
        still, reached = 0, self.deployed_at
        for since, until in sorted(self._spans(level, end)):
            still += max(0, until - max(since, reached))
            reached = max(reached, until)
        return max(0, end - self.deployed_at - still)

    def _spans(self, level: int, end: int) -> Iterator[tuple[int, int]]:
        for stop in (*self._raises, *self._trips, *self._silences):
            if level in stop.levels and stop.since < end:
                yield stop.since, end if stop.until is None else min(stop.until, end)
