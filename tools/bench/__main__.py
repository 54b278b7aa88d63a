"""Measure and show; or write the docs from what was measured."""

import argparse
import importlib.util
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from prover.toolchain import SnarkjsBackend
from tools.bench._accounts import measure_accounts
from tools.bench._book import measure_book
from tools.bench._cases import Case, large, statements
from tools.bench._docs import write_accounts, write_docs
from tools.bench._fresh import RAPIDSNARK, measure_fresh
from tools.bench._gas import measure_gas
from tools.bench._keys import measure_ceremony, measure_native_key
from tools.bench._native import has_native
from tools.bench._ratios import ratios
from tools.bench._rows import ACCOUNTS, PROOFS, ROOT, Row, Run, load, path_of, save
from tools.bench._warm import RAPIDSNARK_LIBRARY, measure_warm


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--accounts", action="store_true", help="opening and screening of many accounts alone")
    parser.add_argument(
        "--docs", action="store_true", help="write docs/benchmarks.* from the last run; measure nothing"
    )
    args = parser.parse_args()
    name, measured, write = (
        (ACCOUNTS, measure_accounts, write_accounts) if args.accounts else (PROOFS, measure, write_docs)
    )
    if args.docs:
        write(*load(name))
        return
    console = Console(width=130)
    for line in () if args.accounts else missing():
        console.print(line, highlight=False)
    started, rows, loads = time.monotonic(), [], []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("measuring", total=None)
        for row in measured():
            rows.append(row)
            loads.append(os.getloadavg()[0])
            progress.update(task, description=f"{row.instance}: {row.metric}, {row.backend}")
    run = Run.of(loads, time.monotonic() - started)
    save(name, rows, run)
    show(console, rows, run)
    console.print(f"rows in {path_of(name).relative_to(ROOT)}; with `--docs` the docs are written from them")


def measure() -> Iterator[Row]:
    """Every row."""
    with SnarkjsBackend() as snarkjs, tempfile.TemporaryDirectory(prefix="zksolvency-bench-") as name:
        folder = Path(name)
        for case in cases(folder):
            yield from measure_warm(case, snarkjs, folder)
            yield from measure_fresh(case, folder)
            yield from measure_native_key(case)
            if case.name == "margin-13":
                yield from measure_ceremony(case)
            if case.name in {"margin-13", "margin-28"}:
                yield from measure_gas(case, snarkjs)
        yield from measure_book(snarkjs, folder)


def cases(folder: Path) -> Iterator[Case]:
    """Everything that is proven here."""
    yield from statements()
    if has_native():
        yield from large(folder)


def missing() -> Iterator[str]:
    """How to add what is left out."""
    if not has_native():
        yield "no native core, nor the circuits of 8,000 constraints: install Rust and run `make install`"
    if importlib.util.find_spec("groth16py") is None:
        yield "no groth16py: run `.venv/bin/pip install -r tools/bench/requirements.txt`"
    if not os.environ.get(RAPIDSNARK):
        yield f"no rapidsnark command: set {RAPIDSNARK}=/path/to/prover"
    if not os.environ.get(RAPIDSNARK_LIBRARY):
        yield f"no rapidsnark library, which proves with a warm key: set {RAPIDSNARK_LIBRARY}=/path/to/librapidsnark.so"


def show(console: Console, rows: list[Row], run: Run) -> None:
    """The rows, and what follows from them."""
    table = Table("instance", "metric", "backend", "threads", "median", "min", "max", "unit", "runs")
    for row in rows:
        figures = (f"{value:,.0f}" if value >= 100 else f"{value:.2f}" for value in (row.median, row.min, row.max))
        table.add_row(row.instance, row.metric, row.backend, str(row.threads or ""), *figures, row.unit, str(row.runs))
    console.print(table)
    compared = Table("instance", "ratio", "of medians", "of best samples", "aim")
    for one in ratios(rows):
        compared.add_row(one.instance, one.what, f"{one.medians:.2f}", f"{one.best:.2f}", one.aim)
    if compared.row_count:
        console.print(compared)
    low, middle, high = run.load
    console.print(f"{run.cores} cores, load {low:.1f} to {high:.1f}, median {middle:.1f}; {run.minutes:.1f} minutes")


if __name__ == "__main__":
    main()
