"""Progress reports of long steps."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a long step.

    Attributes:
        phase: name of the step, for instance "powers of tau 2^11"; the same for all reports of a step.
        done: work done so far: 0 in a step's first report, `total` in its last.
        total: all the work, in the same arbitrary unit.
    """

    phase: str
    done: float
    total: float


ProgressSink = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """A sink that discards reports."""
