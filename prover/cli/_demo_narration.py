"""How a story is told, and timed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Narration:
    """Base of a story's stage.

    Attributes:
        tell: prints a line of the story.
        timings: how long each timed step took [s].
    """

    tell: Callable[[str], None]
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Around a step: takes its time, and tells it."""
        started = time.monotonic()
        yield
        self.timings[what] = round(time.monotonic() - started, 3)
        self.tell(f"  {what}: {self.timings[what]:.2f} s")
