"""What `make demo` builds for its second story while it tells the first."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from prover.cli import _demo_ahead
from prover.cli._demo_ahead import book_built_meanwhile
from verifier import ToolError

WAIT_SECONDS = 30.0

Build = Callable[..., None]
"""Puts Python code in the place of the build."""


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Build:
    def set_(code: str, *words: object) -> None:
        monkeypatch.setattr(_demo_ahead, "_BUILD", (sys.executable, "-c", code, *map(str, words)))

    return set_


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def is_alive(pid: int) -> bool:
    # an orphan that its new parent has not waited for yet is dead all the same
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_what_it_reports_is_told_after_the_story(build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    build("import sys; print('compile open-13: 1.0 s', file=sys.stderr); print('a table')")
    with book_built_meanwhile():
        sys.stderr.write("the story\n")
    told = list(filter(None, capsys.readouterr().err.splitlines()))
    assert told == [
        "the story",
        "Meanwhile, for `zksolvency demo book`, each step as it ends:",
        "compile open-13: 1.0 s",
    ]


def test_its_failure_is_told(build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    build("import sys; sys.exit('error: circom refuses the circuit')")
    with pytest.raises(ToolError, match="demo book"), book_built_meanwhile():
        pass
    assert "error: circom refuses the circuit" in capsys.readouterr().err


def test_it_ends_with_the_story_and_takes_what_it_runs_along(build: Build, tmp_path: Path) -> None:
    started = tmp_path / "pid"
    code = """
import pathlib, subprocess, sys
process = subprocess.Popen(["sleep", "600"])
pathlib.Path(sys.argv[1] + ".new").write_text(str(process.pid))
pathlib.Path(sys.argv[1] + ".new").rename(sys.argv[1])
process.wait()
"""
    build(code, started)

    def tell() -> None:
        with book_built_meanwhile():
            wait_until(started.exists)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell()
    wait_until(lambda: not is_alive(int(started.read_text())))


def test_it_builds_what_the_story_of_a_book_takes() -> None:
    words = " ".join(_demo_ahead._BUILD)
    statements = ("open", "update", "expire", "rekey", "writeoff", "exit", "margin")
    chosen = " ".join(f"--statement {statement}" for statement in statements)
    assert words.endswith(f"setup --book majors-13 --contracts book {chosen}")
