"""The guide of a reporter is right: its feeds are read, its commands print what it shows, its Python runs."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.book_stage import BookStage, book_stage
from cli.harness import ROOT, Run
from cli.test_oracle import PASSPHRASE, keystore_of
from reporter_stage import ReporterStage
from test_guides import block, blocks

from prover.cli._oracle_look import look_line
from prover.oracle import PostingReason, parse_feed
from prover.toolchain import load_book

full = pytest.mark.full

GUIDE = ROOT / "docs" / "guides" / "running-a-reporter.md"
MOVED = "97500.5"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as stage:
        yield stage


@pytest.fixture
def stage(book: BookStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReporterStage]:
    """The working directory has what the guide names."""
    before = book.node.request("evm_snapshot")
    stage = ReporterStage(book, tmp_path)
    stage.advance()
    (tmp_path / "prices.json").symlink_to(stage.feeds[0])
    (tmp_path / "margin-book.json").symlink_to(book.record)
    (tmp_path / "reporter.json").symlink_to(keystore_of(book.reporters[0], tmp_path))
    monkeypatch.chdir(tmp_path)
    yield stage
    book.node.request("evm_revert", before)


def commands() -> list[tuple[str, list[str]]]:
    """The commands of the guide, and what it shows below each."""
    found = []
    for text in blocks(GUIDE):
        if text.startswith("$ zksolvency"):
            command, *shown = text.replace("\\\n", " ").splitlines()
            found.append((command[2:], shown))
    return found


def pattern(line: str) -> re.Pattern[str]:
    """A line of the guide, at any time of day."""
    return re.compile(re.sub(r"[0-9]{2}:[0-9]{2}:[0-9]{2}", "[0-9:]{8}", re.escape(line)))


def test_the_feeds_of_the_guide_say_the_same() -> None:
    (text,) = (text for text in blocks(GUIDE) if text.startswith("{"))
    assets = load_book("majors-13")
    from_json = parse_feed(text.encode(), "x", assets).prices
    from_csv = parse_feed(block(GUIDE, "symbol,price,funding").encode(), "x", assets).prices
    assert len(from_json) == 3
    assert from_csv.items() <= from_json.items()


@full
def test_the_dry_run_prints_what_the_guide_shows(run: Run, stage: ReporterStage) -> None:
    stage.see(SOL=None)
    (command, shown), *_ = commands()
    words = [stage.stage.node.url if word == "URL" else word for word in shlex.split(command)[1:]]
    outcome = run(*words, stdin=f"{PASSPHRASE}\n")
    assert outcome.code == 0, outcome
    warning, line = shown
    assert warning in outcome.stderr
    assert pattern(f"{line}\n").fullmatch(outcome.stdout.lstrip()), outcome.stdout


@full
def test_looks_read_as_the_guide_shows(stage: ReporterStage) -> None:
    _, (_, shown) = commands()
    stage.see(BTC_PERP=MOVED)
    lines = [look_line(stage.reporters[0].look())]
    for number in (1, 2):
        stage.put(number, stage.signed(number, prices=stage.stage.prices(BTC_PERP=MOVED)))
    stage.advance(1)
    stage.see(BTC_PERP=MOVED)
    lines.append(look_line(stage.reporters[0].look()))
    stage.advance(1)
    stage.see(BTC_PERP=MOVED)
    for number in (1, 2):
        stage.put(number, stage.signed(number, prices=stage.stage.prices(BTC_PERP=MOVED)))
    lines.append(look_line(stage.reporters[0].look()))
    for expected, line in zip(shown, lines, strict=True):
        assert pattern(expected).fullmatch(line), line


@full
def test_the_python_of_the_guide_runs(stage: ReporterStage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.see(SOL=None)
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    signer = stage.stage.reporters[0]
    names = {"connect": stage.connect(signer), "signer": signer, "reports": stage.reports}
    exec(compile(source, GUIDE.name, "exec"), names)  # noqa: S102 - it is our own page
    assert capsys.readouterr().out == "no quorum ['SOL']\n"
    assert json.loads(stage.report_path(0).read_text())["reporter"] == signer.address


def test_every_reason_is_in_the_guide() -> None:
    text = GUIDE.read_text()
    assert not [reason for reason in PostingReason if f"| `{reason}` |" not in text]
