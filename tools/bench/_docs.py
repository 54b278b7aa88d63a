"""The measured part of docs/benchmarks.md, and its plot."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tools.bench._book import GAS, PROOF, RENEWAL, RESTORE, TRADE
from tools.bench._plot import write_plot
from tools.bench._ratios import FRESH, FRESH_ALL, THROUGHPUT, WARM, WARM_ALL, Ratio, ratios
from tools.bench._rows import ROOT, Row, Run

PAGE: Final = ROOT / "docs" / "benchmarks.md"
PLOT: Final = ROOT / "docs" / "benchmarks.svg"
BEGIN: Final = "<!-- measured: written by `python -m tools.bench --docs` -->"
END: Final = "<!-- end of measured -->"

_WARM: Final = (
    ("Proof from a witness", WARM),
    ("Witness and proof", WARM_ALL),
    ("Witness", "witness, warm"),
    ("Verification", "verification, warm"),
)
_FRESH: Final = (
    ("From inputs", FRESH_ALL),
    ("From a witness", FRESH),
    ("First proof of all: tables made, witness calculator compiled", "first proof of all, fresh process"),
)
_MEMORY: Final = (
    ("Peak, from inputs", "peak memory, proof from inputs"),
    ("Peak, from a witness", "peak memory, proof from a witness"),
    ("Peak, first proof of all", "peak memory, first proof of all"),
    ("Tables", "tables"),
)


def write_docs(rows: Sequence[Row], run: Run, *, page: Path = PAGE, plot: Path = PLOT) -> None:
    """Replace the text between the marks of the page, and draw the plot.

    Args:
        rows: what was measured.
        run: when and where.
        page: docs/benchmarks.md.
        plot: the picture to write.

    Raises:
        ValueError: the page lacks the marks.
    """
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    write_plot(rows, plot)
    page.write_text(f"{before}{BEGIN}\n\n{measured(rows, run)}\n{END}{after}")


def measured(rows: Sequence[Row], run: Run) -> str:
    """The section as Markdown."""
    low, middle, high = run.load
    parts = [
        f"Run of {run.date}, {run.minutes:.0f} minutes. {run.cores} cores; the processor calls itself {run.processor}. "
        f"Load average {low:.1f} to {high:.1f}, median {middle:.1f}; the run itself accounts for 1 to {run.cores}.\n",
        *_section("Against the aims", [_ratio_table(list(ratios(rows)))]),
        *_section("Warm: key open, one process [ms]", _tables(rows, _WARM)),
        *_section("A fresh process, start to proof file [ms]", _tables(rows, _FRESH)),
        *_section("Memory [MB]; the aim is a peak below 128 at N = 13", _tables(rows, _MEMORY)),
        *_section("Proofs a second, `prove_many`, witnesses included", _tables(rows, [("", THROUGHPUT)])),
        *_section("A development key [ms]", _tables(rows, [("", "development key")])),
        *_section("Gas of whole transactions", _tables(rows, [("", "gas")])),
        *_section("The margin book: witness and proof, warm [ms]", _tables(rows, [("", PROOF)])),
        *_section("The margin book on a local chain", [_list(rows, (TRADE, RENEWAL, RESTORE, GAS))]),
    ]
    return "\n".join(parts)


def _section(title: str, tables: Iterable[str]) -> Iterator[str]:
    yield f"### {title}\n"
    yield from tables


def _tables(rows: Sequence[Row], metrics: Iterable[tuple[str, str]]) -> Iterator[str]:
    for title, metric in metrics:
        found = [row for row in rows if row.metric == metric]
        if found:
            yield from [f"{title}:\n"] if title else []
            yield _pivot(found, _constraints(rows))


def _list(rows: Sequence[Row], metrics: Sequence[str]) -> str:
    """A line a figure."""
    found = [row for metric in metrics for row in rows if row.metric == metric]
    return _table(["", "", ""], [[row.backend, _cell(row), row.unit or "gas"] for row in found]) if found else ""


def _constraints(rows: Sequence[Row]) -> dict[str, str]:
    return {row.instance: f"{row.median:,.0f}" for row in rows if row.metric == "constraints"}


def _pivot(rows: Sequence[Row], constraints: dict[str, str]) -> str:
    """A line a backend, a column an instance; in a cell the median, and min to max of several samples."""
    instances = [name for name in constraints if any(row.instance == name for row in rows)]
    cells = {(_who(row), row.instance): _cell(row) for row in rows}
    lines = list(dict.fromkeys(_who(row) for row in rows))
    head = ["", *(f"`{name}` {constraints[name]}" for name in instances)]
    return _table(head, [[line, *(cells.get((line, name), "") for name in instances)] for line in lines])


def _who(row: Row) -> str:
    if row.metric == "gas":
        return f"`{row.backend}`"
    return row.backend if row.threads is None else f"{row.backend}, {row.threads} thread{'s' * (row.threads > 1)}"


def _cell(row: Row) -> str:
    if row.min == row.max:
        return _number(row.median)
    return f"{_number(row.median)} ({_number(row.min)}-{_number(row.max)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _ratio_table(found: Sequence[Ratio]) -> str:
    """Ratios that have an aim, and the others of the smallest instance."""
    shown = [one for one in found if one.aim or one.instance == found[0].instance]
    head = ["instance", "ratio", "medians", "best samples", "aim"]
    return _table(
        head, [[f"`{one.instance}`", one.what, _ratio(one.medians), _ratio(one.best), one.aim] for one in shown]
    )


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 2 else f"{value:.1f}"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
