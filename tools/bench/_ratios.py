"""Speed ratios within one run, with their aims."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tools.bench._native import IFMA, PORTABLE
from tools.bench._rows import Row

WARM: Final = "proof from a witness, warm"
WARM_ALL: Final = "witness and proof, warm"
FRESH: Final = "proof from a witness, fresh process"
FRESH_ALL: Final = "proof from inputs, fresh process"
THROUGHPUT: Final = "throughput"

LARGE: Final = ("margin-58", "poseidon-chain-33")


class Ratio(NamedTuple):
    """A figure to compare with an aim.

    Attributes:
        instance: what was proven.
        what: the two things compared.
        medians: ratio of medians.
        best: ratio of the best samples: what is left of the other work on the machine is least in them.
        aim: as text; empty for none.
    """

    instance: str
    what: str
    medians: float
    best: float
    aim: str


class _Comparison(NamedTuple):
    other: str
    theirs: str
    ours: str
    words: str


_RAPIDSNARK: Final = _Comparison("rapidsnark library", WARM, WARM, "proof from a witness, both warm")
_COMMAND: Final = _Comparison("snarkjs CLI", FRESH_ALL, WARM_ALL, "witness and proof, native warm")
_COMPARISONS: Final = (
    _RAPIDSNARK,
    _COMMAND,
    _Comparison("snarkjs CLI", FRESH, WARM, "proof from a witness, native warm"),
    _Comparison("groth16py", WARM, WARM, "proof from a witness, both warm"),
    _Comparison("snarkjs worker", WARM_ALL, WARM_ALL, "witness and proof, both warm"),
    _Comparison("rapidsnark CLI", FRESH, FRESH, "proof from a witness, fresh processes"),
    _Comparison("snarkjs CLI", FRESH_ALL, FRESH_ALL, "witness and proof, fresh processes"),
)


def ratios(rows: Sequence[Row]) -> Iterator[Ratio]:
    """Every ratio that these rows give."""
    for instance in dict.fromkeys(row.instance for row in rows):
        mine = [row for row in rows if row.instance == instance]
        for backend in (IFMA, PORTABLE):
            for comparison in _COMPARISONS:
                yield from _faster(mine, backend, comparison)
        yield from _scaling(mine)


def best(rows: Sequence[Row], backend: str, metric: str) -> Row | None:
    """The row of the number of threads that suits a backend best."""
    found = [row for row in rows if (row.backend, row.metric) == (backend, metric)]
    return min(found, key=lambda row: row.median, default=None)


def _faster(rows: Sequence[Row], backend: str, comparison: _Comparison) -> Iterator[Ratio]:
    ours, theirs = best(rows, backend, comparison.ours), best(rows, comparison.other, comparison.theirs)
    if ours and theirs:
        what = f"{comparison.other} / {backend}: {comparison.words}"
        aim = _aim(ours.instance, backend, comparison)
        yield Ratio(ours.instance, what, theirs.median / ours.median, theirs.min / ours.min, aim)


def _aim(instance: str, backend: str, comparison: _Comparison) -> str:
    if instance in LARGE:
        return "at least 5" if (backend, comparison) == (IFMA, _RAPIDSNARK) else ""
    aims = {
        (IFMA, _RAPIDSNARK): "at least 10",
        (PORTABLE, _RAPIDSNARK): "at least 5",
        (IFMA, _COMMAND): "at least 100",
        (PORTABLE, _COMMAND): "at least 60",
    }
    return aims.get((backend, comparison), "") if instance == "margin-13" else ""


def _scaling(rows: Sequence[Row]) -> Iterator[Ratio]:
    by_threads = sorted((row for row in rows if row.metric == THROUGHPUT), key=lambda row: row.threads or 0)
    if len(by_threads) == 2:
        one, many = by_threads
        threads = many.threads or 1
        what = f"{one.backend}: throughput of {threads} threads / {threads} x that of one"
        yield Ratio(
            one.instance, what, many.median / one.median / threads, many.max / one.max / threads, "at least 0.9"
        )
