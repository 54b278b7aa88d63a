"""Progress goes to stderr: a line a step where there is no terminal, bars where there is one."""

import os
import pty
import subprocess
import sys

import pytest
from cli.harness import ENVIRONMENT

from prover.cli._progress import progress
from prover.toolchain import Progress

SCRIPT = """
from prover.cli._progress import progress
from prover.toolchain import Progress
with progress() as sink:
    for done in range(3):
        sink(Progress("first step", done, 2))
    sink(Progress("second step", 0, 1))
    sink(Progress("second step", 1, 1))
"""


def test_each_step_is_told_once_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as sink:
        for done in (0, 1, 2, 2):  # some steps tell of their end twice
            sink(Progress("step", done, 2))
        sink(Progress("unfinished", 0, 1))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("step: ")


def test_nothing_is_told_when_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with progress():
        pass
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_bars_with_elapsed_time() -> None:
    leader, follower = pty.openpty()
    environment = ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    shown = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        shown += data
    os.close(leader)
    stdout, _ = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (0, b"")
    last = shown.decode().rsplit("first step", 1)[1]
    assert "100%" in last
    assert "0:00:0" in last
    assert "second step" in last
