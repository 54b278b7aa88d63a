"""Passphrases: asked for unseen, or from a private file."""

import fcntl
import os
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Annotated

import pytest
import typer
from cli.harness import ROOT, Outcome
from typer.testing import CliRunner

from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.storage._passphrases import MAX_BYTES
from verifier import InputError

PATIENCE = 60
"""For a program that does not answer [s]."""

PHRASE = "correct horse, näive staple"


def ask(*words: str, stdin: str = "") -> Outcome:
    """A program that asks for a passphrase and tells its length."""
    app = typer.Typer()

    @app.command()
    def command(
        passphrase_file: PassphraseFileOption = None, new: Annotated[bool, typer.Option("--new")] = False
    ) -> None:
        passphrase = ask_passphrase("wallet", passphrase_file, confirm=new)
        typer.echo("right" if passphrase == PHRASE else "wrong")

    result = CliRunner().invoke(app, list(words), input=stdin)
    return Outcome(result.exit_code, result.stdout.replace(" \n", ""), result.stderr)  # the runner's own, per question


def private(path: Path, data: bytes) -> Path:
    path.touch(0o600)
    path.write_bytes(data)
    return path


def test_asks_on_stderr_without_showing_the_answer() -> None:
    result = ask(stdin=PHRASE + "\n")
    assert (result.code, result.stdout) == (0, "right\n")
    assert "passphrase of the wallet" in result.stderr
    assert "horse" not in result.stderr


def test_a_new_one_is_asked_for_twice() -> None:
    result = ask("--new", stdin=f"{PHRASE}\n{PHRASE}\n")
    assert (result.code, result.stdout) == (0, "right\n")
    assert "new passphrase of the wallet" in result.stderr
    assert "horse" not in result.stderr


def test_a_new_one_that_is_mistyped_is_asked_for_again() -> None:
    result = ask("--new", stdin=f"{PHRASE}\ncorrect hose\n{PHRASE}\n{PHRASE}\n")
    assert (result.code, result.stdout) == (0, "right\n")
    assert "do not match" in result.stderr
    assert "ho" not in result.stderr.replace("horse", "")


@pytest.mark.parametrize("stdin", ["", "\n\n"])
def test_without_an_answer_it_ends(stdin: str) -> None:
    result = ask(stdin=stdin)
    assert result.code == 1
    assert not result.stdout


def test_a_terminal_does_not_show_it() -> None:
    code = "import os, sys; from prover.cli._passphrase import ask_passphrase\n"
    code += "os.open(sys.argv[1], os.O_RDWR)  # of a new session: it becomes its terminal\n"
    code += "print(ask_passphrase('wallet', None))"
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", code, os.ttyname(theirs)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as program:
        assert os.read(ours, 1) == b" "  # it listens
        os.write(ours, PHRASE.encode() + b"\n")
        assert program.stdout is not None
        assert program.stdout.read() == f"{PHRASE}\n"
        assert not os.read(ours, 1000).strip()
    os.close(ours)
    os.close(theirs)


ASK_IN_A_TERMINAL = """
import getpass, os, signal, sys, termios
signal.alarm(int(sys.argv[3]))
from prover.cli._passphrase import ask_passphrase

def after_a_pause(prompt, ask=getpass.getpass):
    print("asks", flush=True)
    sys.stdin.readline()
    return ask(prompt)

getpass.getpass = after_a_pause
terminal = os.open(sys.argv[1], os.O_RDWR)  # of a new session: it becomes its terminal
print(ask_passphrase("wallet", None, confirm=sys.argv[2] == "new"))
print("shows" if termios.tcgetattr(terminal)[3] & termios.ECHO else "hides")
"""


@pytest.mark.parametrize("kind", ["new", "old"])
def test_a_terminal_does_not_show_what_is_typed_ahead(kind: str) -> None:
    """Neither before it is asked for, nor between the two questions for a new one."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", ASK_IN_A_TERMINAL, os.ttyname(theirs), kind, str(PATIENCE)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": theirs}
    program = subprocess.Popen(command, cwd=ROOT, text=True, start_new_session=True, **pipes)
    try:
        assert program.stdout is not None
        assert program.stdin is not None
        for _ in range(2 if kind == "new" else 1):
            assert program.stdout.readline() == "asks\n"
            os.write(ours, b"typed ahead\n")
            _wait_for_input(theirs)
            program.stdin.write("\n")
            program.stdin.flush()
            shown = b""
            while not (b":" in shown and shown.endswith(b" ")):
                assert select.select([ours], [], [], PATIENCE)[0]
                shown += os.read(ours, 1000)
            assert b"typed" not in shown
            os.write(ours, PHRASE.encode() + b"\n")
        assert program.stdout.read() == f"{PHRASE}\nshows\n"
        assert not os.read(ours, 1000).strip()
    finally:
        program.kill()
        program.communicate()
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nsecond line\n"])
def test_the_first_line_of_a_file(tmp_path: Path, end: bytes) -> None:
    file = private(tmp_path / "passphrase", PHRASE.encode() + end)
    result = ask("--passphrase-file", str(file))
    assert (result.code, result.stdout, result.stderr) == (0, "right\n", "")


def test_spaces_belong_to_it(tmp_path: Path) -> None:
    assert ask_passphrase("wallet", private(tmp_path / "passphrase", b" a b \n")) == " a b "


def test_from_a_pipe() -> None:
    """As a shell makes it of `--passphrase-file <(pass show wallet)`."""
    reader, writer = os.pipe()
    os.write(writer, PHRASE.encode() + b"\n")
    os.close(writer)
    try:
        assert ask_passphrase("wallet", Path(f"/dev/fd/{reader}")) == PHRASE
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "first line is empty"),
        (b"\nhorse\n", "first line is empty"),
        (b"horse \xff\n", "not UTF-8"),
        (b"h" * (MAX_BYTES + 1), "larger than"),
    ],
    ids=["empty", "empty line", "no text", "too large"],
)
def test_refuses_a_file_without_a_passphrase(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        ask_passphrase("wallet", private(tmp_path / "passphrase", data))
    assert "horse" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_refuses_a_file_that_others_can_open(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "passphrase", PHRASE.encode())
    file.chmod(mode)
    with pytest.raises(InputError, match=r"passphrase file .*chmod 600"):
        ask_passphrase("wallet", file)


def test_refuses_a_file_that_is_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match="passphrase file"):
            ask_passphrase("wallet", path)


def _wait_for_input(terminal: int) -> None:
    """Wait until the terminal holds the line that was typed: it takes a moment from one end to the other."""
    deadline = time.monotonic() + PATIENCE
    while not int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), sys.byteorder):
        assert time.monotonic() < deadline
        time.sleep(0.01)


BOM, COMPOSED, DECOMPOSED = "\ufeff", "na\u00efve horse", "nai\u0308ve horse"


@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED, BOM + COMPOSED, BOM + DECOMPOSED])
def test_a_new_one_has_one_spelling(tmp_path: Path, text: str) -> None:
    file = private(tmp_path / "passphrase", text.encode() + b"\n")
    assert ask_passphrase("wallet", file, confirm=True) == COMPOSED


def test_a_file_with_nothing_but_a_byte_order_mark_has_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="first line is empty"):
        ask_passphrase("wallet", private(tmp_path / "passphrase", BOM.encode() + b"\n"))


def test_a_short_one_is_refused_when_it_is_new(tmp_path: Path) -> None:
    short = private(tmp_path / "passphrase", b"1234567\n")
    assert ask_passphrase("wallet", short) == "1234567"
    with pytest.raises(InputError, match=r"shorter than 8 characters: choose a longer one") as caught:
        ask_passphrase("wallet", short, confirm=True)
    assert "1234567" not in str(caught.value)
    result = ask("--new", stdin="1234567\n1234567\n")
    assert (result.code, result.stdout) == (1, "")
