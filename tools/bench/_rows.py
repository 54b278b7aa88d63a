"""The figures of one run, in memory and in build/."""

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PROOFS: Final = "bench"
ACCOUNTS: Final = "bench-accounts"
"""The two runs, by the names of their files in build/."""


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        statement, n: what was proven.
        backend: what did it.
        metric: what was measured.
        unit: of median, min and max.
        median, min, max: of the samples.
        runs: number of samples.
        threads: that the backend could use; None where that means nothing.
    """

    statement: str
    n: int
    backend: str
    metric: str
    unit: str
    median: float
    min: float
    max: float
    runs: int
    threads: int | None

    @property
    def instance(self) -> str:
        """Statement and size, such as margin-13."""
        return f"{self.statement}-{self.n}"


@dataclass(frozen=True)
class Run:
    """When and where the figures were taken.

    Attributes:
        date: ISO 8601, UTC.
        processor: its name.
        cores: that this process may use.
        load: 1-minute load averages through the run, lowest, median and highest. The run itself keeps up to all
            cores busy.
        minutes: that the run took.
    """

    date: str
    processor: str
    cores: int
    load: tuple[float, float, float]
    minutes: float

    @classmethod
    def of(cls, loads: Sequence[float], seconds: float) -> Self:
        """This machine, now."""
        load = (min(loads), statistics.median(loads), max(loads))
        return cls(datetime.now(UTC).date().isoformat(), _processor(), cores(), load, seconds / 60)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def path_of(name: str) -> Path:
    """Where the rows of a run are."""
    return ROOT / "build" / f"{name}.json"


def save(name: str, rows: Iterable[Row], run: Run) -> None:
    """Write the rows of a run, and beside them the machine that it was measured on."""
    path_of(name).parent.mkdir(exist_ok=True)
    path_of(name).write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    path_of(f"{name}-run").write_text(json.dumps(asdict(run), indent=1) + "\n")


def load(name: str) -> tuple[list[Row], Run]:
    """What `save` wrote."""
    rows = [Row(**row) for row in json.loads(path_of(name).read_text())]
    return rows, Run(**json.loads(path_of(f"{name}-run").read_text()))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
