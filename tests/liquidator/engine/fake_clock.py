"""A clock that a test moves."""

import threading
from dataclasses import dataclass

from liquidator.engine._clock import SystemClock


class FakeClock:
    """Both clocks of the engine, which stand still until they are moved."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.pauses: list[float] = []

    def steady(self) -> float:
        return self.time

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        self.pauses.append(seconds)
        self.time += seconds
        return stop.is_set()


@dataclass
class LaterClock(SystemClock):
    """The clock of a machine in the future: of a chain whose time a test has moved by days.

    Attributes:
        ahead: of the time [s].
    """

    ahead: float

    def now(self) -> float:
        """Unix seconds."""
        return super().now() + self.ahead
