"""The benchmark's own arithmetic: turns, ratios and the page. No time is asserted."""

from pathlib import Path

import pytest

from tools.bench._docs import BEGIN, BEGIN_ACCOUNTS, END, END_ACCOUNTS, PAGE, measured, write_accounts, write_docs
from tools.bench._ratios import FRESH_ALL, THROUGHPUT, WARM, WARM_ALL, ratios
from tools.bench._rows import Row, Run
from tools.bench._timing import interleaved

RUN = Run("2026-11-22", "a processor", 2, (0.5, 1.0, 2.0), 9.0)


def row(backend: str, metric: str, median: float, threads: int | None = None, *, n: int = 13, unit: str = "ms") -> Row:
    return Row("margin", n, backend, metric, unit, median, median / 2, median * 2, 5, threads)


ROWS = [
    row("circom", "constraints", 2001, unit=""),
    row("native IFMA", WARM, 8, 1),
    row("native IFMA", WARM, 5, 2),
    row("rapidsnark library", WARM, 60, 2),
    row("rapidsnark library", WARM, 100, 1),
    row("native IFMA", WARM_ALL, 10, 2),
    row("snarkjs CLI", FRESH_ALL, 1200),
    row("native IFMA", THROUGHPUT, 100, 1, unit="proofs/s"),
    row("native IFMA", THROUGHPUT, 190, 2, unit="proofs/s"),
]


def test_contestants_take_turns_and_the_first_run_of_a_turn_is_not_counted() -> None:
    ran: list[str] = []
    contestants = {"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}
    samples = interleaved(contestants, rounds=2, burst=2, warm=True)
    assert "".join(ran) == "aaabbb" * 2
    assert {name: len(times) for name, times in samples.items()} == {"a": 4, "b": 4}


def test_a_fresh_process_counts_at_once() -> None:
    ran: list[str] = []
    samples = interleaved({"a": lambda: ran.append("a")}, rounds=3, warm=False)
    assert len(ran) == len(samples["a"]) == 3


def test_ratios_take_each_prover_with_the_threads_that_suit_it() -> None:
    found = {one.what: one for one in ratios(ROWS)}
    rapidsnark = found["rapidsnark library / native IFMA: proof from a witness, both warm"]
    assert (rapidsnark.medians, rapidsnark.aim) == (60 / 5, "at least 10")
    command = found["snarkjs CLI / native IFMA: witness and proof, native warm"]
    assert (command.medians, command.aim) == (1200 / 10, "at least 100")
    scaling = found["native IFMA: throughput of 2 threads / 2 x that of one"]
    assert scaling.medians == pytest.approx(0.95)
    assert len(found) == 3


def test_ratios_are_of_one_instance_each() -> None:
    assert not list(ratios([row("native IFMA", WARM, 5, n=13), row("rapidsnark library", WARM, 60, n=28)]))


def test_a_prover_that_is_missing_is_left_out_of_the_page() -> None:
    assert "| rapidsnark library, 2 threads | 60.0 (30.0-120) |" in measured(ROWS, RUN)
    assert "rapidsnark" not in measured([one for one in ROWS if "rapidsnark" not in one.backend], RUN)


def test_the_page_has_the_marks() -> None:
    assert all(PAGE.read_text().count(mark) == 1 for mark in (BEGIN, END, BEGIN_ACCOUNTS, END_ACCOUNTS))


def test_only_what_is_between_the_marks_is_replaced(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="tools/bench/requirements.txt")
    page, plot = tmp_path / "page.md", tmp_path / "plot.svg"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_docs(ROWS, RUN, page=page, plot=plot)
    once = page.read_text()
    write_docs(ROWS, RUN, page=page, plot=plot)
    assert page.read_text() == once
    assert once.startswith(f"before\n{BEGIN}\n")
    assert once.endswith(f"{END}\nafter\n")
    assert "old" not in once
    assert "margin-13: 2,001 constraints" in plot.read_text()


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n")
    with pytest.raises(ValueError, match="no lines"):
        write_docs(ROWS, RUN, page=page, plot=tmp_path / "plot.svg")
    assert page.read_text() == "no marks\n"
    assert not (tmp_path / "plot.svg").exists()


def test_many_accounts_have_a_section_of_their_own(tmp_path: Path) -> None:
    rows = [
        Row("accounts", 13, "a state, opened", "accounts: opening", "microseconds", 30, 29, 31, 9, None),
        Row("accounts", 13, "1 price moved", "accounts: screening", "ms", 11, 10, 12, 9, None),
        Row("accounts", 13, "the parent", "accounts: workers", "ms", 7, 7, 7, 1, None),
    ]
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\nproofs\n{END}\nbetween\n{BEGIN_ACCOUNTS}\nold\n{END_ACCOUNTS}\nafter\n")
    write_accounts(rows, RUN, page=page)
    text = page.read_text()
    assert text.startswith(f"{BEGIN}\nproofs\n{END}\nbetween\n{BEGIN_ACCOUNTS}\n\nRun of ")
    assert text.endswith(f"{END_ACCOUNTS}\nafter\n")
    assert "old" not in text
    for line in (
        "| a state, opened | 30.0 (29.0-31.0) |",
        "| 1 price moved | 11.0 (10.0-12.0) |",
        "| the parent | 7.0 |",
    ):
        assert line in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_margin_book_has_a_line_a_figure() -> None:
    rows = [
        *ROWS,
        Row("book", 13, "a trade", "margin book: a trade", "ms", 50, 40, 60, 3, None),
        Row("book", 13, "settle", "margin book: gas", "", 500_000, 500_000, 500_000, 1, None),
        Row("update", 13, "circom", "constraints", "", 5275, 5275, 5275, 1, None),
        Row("update", 13, "native IFMA", "margin book: witness and proof, warm", "ms", 20, 19, 21, 4, 2),
    ]
    page = measured(rows, RUN)
    assert "| a trade | 50.0 (40.0-60.0) | ms |" in page
    assert "| settle | 500,000 | gas |" in page
    section = page.partition("### The margin book: witness and proof")[2]
    assert "`update-13` 5,275" in section
    assert "| native IFMA, 2 threads | 20.0 (19.0-21.0) |" in section
