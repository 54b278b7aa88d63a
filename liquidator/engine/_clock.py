"""Time as the engine reads it: a test has a clock of its own."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks, and the pause between two looks."""

    def steady(self) -> float:
        """Seconds that only grow."""

    def now(self) -> float:
        """Unix seconds."""

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        """Wait. Returns whether the event was set."""


class SystemClock:
    """The clock of the machine."""

    def steady(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        """Wait. Returns whether the event was set."""
        return stop.wait(seconds)
