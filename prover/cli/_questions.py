"""Questions on the terminal. No sign of life gets between a question and its answer."""

import sys
from collections.abc import Callable
from typing import Any

import typer

from prover.cli._heartbeat import quietly


def ask(question: str, **settings: Any) -> Any:
    """Ask on stderr. Settings, value and errors are those of `typer.prompt`."""
    with quietly():
        return typer.prompt(question, err=True, **settings)


def agrees(question: str) -> bool:
    """Whether the user says yes to a question on stderr. Raises typer.Abort without an answer."""
    with quietly():
        return typer.confirm(question, err=True)


def has_terminal() -> bool:
    """Whether a question would be answered by a person."""
    return sys.stdin.isatty()


def typed(read: Callable[[], bytes]) -> bytes:
    """What is read from standard input, which a person may be typing."""
    with quietly():
        return read()
