"""No command is silent for long on a terminal, and no sign of life gets into a question or into a file."""

import io
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest
import typer
from cli.harness import ENVIRONMENT, PROGRAM

from prover.cli import _heartbeat
from prover.cli._heartbeat import Heartbeat, heartbeat
from prover.cli._progress import progress
from prover.cli._questions import agrees, ask, typed
from prover.toolchain import Progress

SIGN = "still at work, for 3 s\n"


class Terminal(io.StringIO):
    """What stderr is for a person."""

    def isatty(self) -> bool:
        return True


@contextmanager
def on_terminal() -> Iterator[Terminal]:
    with redirect_stderr(Terminal()) as terminal:
        yield terminal


def test_a_command_at_work_says_so() -> None:
    with on_terminal() as terminal, Heartbeat(0.01).running():
        for _ in range(3000):  # not for ever, should it never come
            if "still at work" in terminal.getvalue():
                break
            time.sleep(0.01)
    assert "still at work" in terminal.getvalue()
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


def sign() -> None:
    _heartbeat._running[-1].sign(3)


def signed(*_: object, **__: object) -> bool:
    sign()
    return True


def read() -> bytes:
    sign()
    return b""


@pytest.mark.parametrize("question", [lambda: agrees("sure?"), lambda: ask("how much?"), lambda: typed(read)])
def test_no_sign_comes_between_a_question_and_its_answer(
    monkeypatch: pytest.MonkeyPatch, question: Callable[[], object]
) -> None:
    monkeypatch.setattr(typer, "confirm", signed)
    monkeypatch.setattr(typer, "prompt", signed)
    with on_terminal() as terminal, heartbeat():
        question()
        assert terminal.getvalue() == ""
        sign()
        assert terminal.getvalue() == SIGN


def test_bars_are_a_sign_of_life_from_the_first_on() -> None:
    with on_terminal() as terminal, heartbeat():
        with progress() as sink:
            sign()
            assert terminal.getvalue() == SIGN
            sink(Progress("step", 0, 1))
            sign()
            assert terminal.getvalue().count(SIGN) == 1
        sign()
        assert terminal.getvalue().count(SIGN) == 2


def test_a_file_gets_no_signs(capsys: pytest.CaptureFixture[str]) -> None:
    with heartbeat():
        assert _heartbeat._running == []


def test_every_question_of_a_command_is_asked_in_quiet() -> None:
    sources = {path: path.read_text() for path in Path(_heartbeat.__file__).parent.glob("*.py")}
    asking = {path.name for path, text in sources.items() if "typer.prompt(" in text or "typer.confirm(" in text}
    assert asking == {"_questions.py"}


def test_the_program_beats(tmp_path: Path) -> None:
    """A passphrase file that does not come."""
    pipe = tmp_path / "passphrase"
    os.mkfifo(pipe, 0o600)
    script = (
        "from prover.cli import _heartbeat; _heartbeat.FIRST_SECONDS = 0.01; from prover.cli import main; "
        f"import sys; sys.argv[1:] = ['wallet', 'new', '--wallet', 'w.age', '--passphrase-file', {str(pipe)!r}]; main()"
    )
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM[0], "-c", script], env=ENVIRONMENT, cwd=tmp_path, stdout=subprocess.PIPE, stderr=follower
    )
    os.close(follower)
    shown = b""
    while b"still at work" not in shown:
        shown += os.read(leader, 4096)
    with pipe.open("w"):
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == 130
