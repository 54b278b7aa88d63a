"""Long steps on stderr: bars with elapsed time on a terminal, a line a step elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from prover.cli._output import errors
from prover.toolchain import Progress as Report
from prover.toolchain import ProgressSink


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
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=errors()
    )
    tasks: dict[str, TaskID] = {}

    def sink(report: Report) -> None:
        bars.start()
        if report.phase not in tasks:
            tasks[report.phase] = bars.add_task(report.phase, total=report.total)
        bars.update(tasks[report.phase], completed=report.done, total=report.total)

    try:
        yield sink
    finally:
        bars.stop()


def _lines() -> ProgressSink:
    started: dict[str, float] = {}
    ended: set[str] = set()

    def sink(report: Report) -> None:
        begin = started.setdefault(report.phase, time.monotonic())
        if report.done >= report.total and report.phase not in ended:
            ended.add(report.phase)
            errors().print(f"{report.phase}: {time.monotonic() - begin:.1f} s")

    return sink
