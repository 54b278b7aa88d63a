"""How the program ends: one exit code and one message for each kind of error, and never a secret in it."""

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from typing import Final, NamedTuple

import typer

from prover.cli._output import OutputError, as_line, print_json, say
from verifier import ChainError, InputError, ProvingError, ToolError, VerificationError, ZkSolvencyError

DEBUG_VARIABLE: Final = "ZKSOLVENCY_DEBUG"


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    NO = 1
    USAGE = 2
    INPUT = 3
    TOOL = 4
    PROVING = 5
    CHAIN = 6
    BUG = 70
    INTERRUPTED = 130


class Failure(NamedTuple):
    """An error as people and machines are told of it.

    Attributes:
        code: exit code.
        kind: names the code for machines.
        message: what went wrong, for people.
        reason: which check refused, when a proof or a key was refused.
        hint: what to type next, for people.
    """

    code: ExitCode
    kind: str
    message: str
    reason: str | None = None
    hint: str = ""


_CODES: Final[tuple[tuple[type[ZkSolvencyError], ExitCode, str], ...]] = (
    (VerificationError, ExitCode.NO, "refused"),
    (InputError, ExitCode.INPUT, "input"),
    (ToolError, ExitCode.TOOL, "tool"),
    (ProvingError, ExitCode.PROVING, "proving"),
    (ChainError, ExitCode.CHAIN, "chain"),
)


def run(command: Callable[[], object], *, as_json: bool) -> int:
    """Run a command to its exit code, telling of whatever stopped it.

    Args:
        command: returns its exit code, or anything else for OK.
        as_json: tell it as one JSON object on stdout instead of words on stderr.
    """
    try:
        result = command()
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - the last place where an error can be told
        return _report(_failure(error), as_json=as_json and not isinstance(error, OutputError))
    if result == ExitCode.INTERRUPTED:  # typer's own answer to Ctrl-C
        return _report(_INTERRUPTED, as_json=as_json)
    return result if isinstance(result, int) else ExitCode.OK


_INTERRUPTED: Final = Failure(ExitCode.INTERRUPTED, "interrupted", "interrupted; no file was left half-written")
_UNANSWERED: Final = Failure(ExitCode.INPUT, "input", "standard input ended before everything was read")


def _report(failure: Failure, *, as_json: bool) -> int:
    if as_json:
        fields = {"kind": failure.kind, "reason": failure.reason, "message": as_line(failure.message)}
        print_json({"error": fields})
    else:
        label = f"refused ({failure.reason})" if failure.reason else "error"
        say(label, "\n".join(filter(None, (failure.message, failure.hint))), style="bold red")
    return failure.code


def _failure(error: BaseException) -> Failure:
    for kind, code, name in _CODES:
        if isinstance(error, kind):
            return Failure(code, name, str(error), getattr(error, "reason", None))
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(error, typer.Abort):  # what a prompt makes of Ctrl-C and of an end of input alike
        return _INTERRUPTED if isinstance(error.__context__, KeyboardInterrupt) else _UNANSWERED
    if isinstance(error, typer.TyperException):
        return Failure(ExitCode.USAGE, "usage", error.format_message(), hint=_hint(error))
    return _bug(error)


def _hint(error: typer.TyperException) -> str:
    path = getattr(getattr(error, "ctx", None), "command_path", None)
    return f"Try '{path} --help'." if path else ""


def _bug(error: BaseException) -> Failure:
    """An unexpected error. Its own words and local variables may hold secrets: neither is shown."""
    if os.environ.get(DEBUG_VARIABLE):
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
        advice = "the places above hold no values, so they can go into a report"
    else:
        advice = f"set {DEBUG_VARIABLE}=1 to see where it happened (places only, no values)"
    return Failure(ExitCode.BUG, "bug", f"a bug in zksolvency: unexpected {type(error).__name__}; {advice}")
