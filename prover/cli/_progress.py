"""Long steps on stderr: bars with elapsed time on a terminal, a line a step elsewhere."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from prover.cli._heartbeat import quietly
from prover.cli._output import errors
from prover.toolchain import Progress as Report
from prover.toolchain import ProgressSink

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def progress() -> Iterator[ProgressSink]:
    """A sink that shows what it is told; nothing is shown while nothing is reported."""
    if errors().is_terminal:
        with _bars() as sink:
            yield sink
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[ProgressSink]:
    started: list[Progress] = []
    one_at_a_time = Lock()
    tasks: dict[str, TaskID] = {}

    def sink(report: Report) -> None:
        with one_at_a_time:  # several threads report
            if not started:
                closing.enter_context(quietly())  # bars tell of elapsed time themselves
                started.append(_started())
                closing.callback(started[0].stop)
        bars = started[0]
        if report.phase not in tasks:
            tasks[report.phase] = bars.add_task(report.phase, total=report.total)
        bars.update(tasks[report.phase], completed=report.done, total=report.total)

    with ExitStack() as closing:
        yield sink


def _started() -> "Progress":
    from rich.progress import (  # noqa: PLC0415 - slow to import, and for those who wait
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=errors()
    )
    bars.start()
    return bars


def _lines() -> ProgressSink:
    started: dict[str, float] = {}
    ended: set[str] = set()

    def sink(report: Report) -> None:
        begin = started.setdefault(report.phase, time.monotonic())
        if report.done >= report.total and report.phase not in ended:
            ended.add(report.phase)
            errors().print(f"{report.phase}: {time.monotonic() - begin:.1f} s")

    return sink
