"""Passphrases of encrypted files: asked for without being shown, or read from a file; never an argument."""

import contextlib
import os
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._questions import ask
from prover.storage import new_passphrase, read_passphrase

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="File whose first line is the passphrase: permissions 0600.  [default: it is asked for]",
    ),
]


def ask_passphrase(what: str, file: Path | None, *, confirm: bool = False) -> str:
    """The passphrase of an encrypted file.

    Args:
        what: the file that it opens, for the prompt ("wallet").
        file: what --passphrase-file says; None asks on the terminal.
        confirm: it is a new one: ask twice.

    Returns:
        A new one in the form that encrypts (see `new_passphrase`), else what was given.

    Raises:
        InputError: the file cannot be read, is open to other users, or its first line is empty or no text; or the
            passphrase is a new one and too short.
        typer.Abort: the question got no answer.
    """
    if file is not None:
        answer = read_passphrase(file)
    else:
        answer = ask_unseen(f"{'new ' if confirm else ''}passphrase of the {what}", confirm=confirm)
    return new_passphrase(answer) if confirm else answer


def ask_unseen(question: str, *, confirm: bool = False) -> str:
    """Ask for a secret on the terminal.

    The terminal shows nothing of it from before the question appears until the last answer, also between two questions.
    What was typed before the question is discarded.

    Args:
        question: the prompt, without its colon.
        confirm: ask twice.

    Raises:
        typer.Abort: the question got no answer.
    """
    with _no_echo():
        answer: str = ask(question, hide_input=True, confirmation_prompt=confirm)
    return answer


@contextlib.contextmanager
def _no_echo() -> Iterator[None]:
    """The terminal of the process, if it has one, shows nothing that is typed.

    `getpass` alone hides too late: the question is on the screen by then.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, termios.error):  # no terminal: `getpass` reads standard input
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            stack.callback(os.close, terminal)
            before = termios.tcgetattr(terminal)
            hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
            stack.callback(termios.tcsetattr, terminal, termios.TCSAFLUSH, before)
            termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
        yield
