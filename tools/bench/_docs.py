"""The measured part of docs/benchmarks.md, and its plot."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tools.bench._accounts import OPENING, SCREENING, WORKERS
from tools.bench._book import GAS, PROOF, RENEWAL, RESTORE, TRADE
from tools.bench._plot import write_plot
from tools.bench._ratios import FRESH, FRESH_ALL, THROUGHPUT, WARM, WARM_ALL, Ratio, ratios
from tools.bench._rows import ROOT, Row, Run

PAGE: Final = ROOT / "docs" / "benchmarks.md"
PLOT: Final = ROOT / "docs" / "benchmarks.svg"
BEGIN: Final = "<!-- measured: written by `python -m tools.bench --docs` -->"
END: Final = "<!-- end of measured -->"
BEGIN_ACCOUNTS: Final = "<!-- accounts: written by `python -m tools.bench --accounts --docs` -->"
END_ACCOUNTS: Final = "<!-- end of accounts -->"

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
    text = _replaced(page, BEGIN, END, measured(rows, run))
    write_plot(rows, plot)
    page.write_text(text)


def write_accounts(rows: Sequence[Row], run: Run, *, page: Path = PAGE) -> None:
    """Replace the section on many accounts, whose run is one of its own. Raises as `write_docs`."""
    page.write_text(_replaced(page, BEGIN_ACCOUNTS, END_ACCOUNTS, accounts(rows, run)))


def _replaced(page: Path, begin: str, end: str, text: str) -> str:
    before, found, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} has no lines {begin} and {end}")
    return f"{before}{begin}\n\n{text}\n{end}{after}"


def accounts(rows: Sequence[Row], run: Run) -> str:
    """The section on many accounts as Markdown."""
    parts = [
        _when(run),
        *_section("Opening accounts of 13 assets", [_list(rows, [OPENING])]),
        *_section("Screening at both grounds, bound and decisions included", [_list(rows, [SCREENING])]),
        *_section("Shared among workers", [_list(rows, [WORKERS])]),
    ]
    return "\n".join(parts)


def measured(rows: Sequence[Row], run: Run) -> str:
    """The section as Markdown."""
    parts = [
        _when(run),
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


def _when(run: Run) -> str:
    low, middle, high = run.load
    text = (
        f"Run of {run.date}, {run.minutes:.0f} minutes. {run.cores} cores; the processor calls itself {run.processor}. "
        f"Load average {low:.1f} to {high:.1f}, median {middle:.1f}; the run itself accounts for 1 to {run.cores}."
    )
    return textwrap.fill(text, 120) + "\n"


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
