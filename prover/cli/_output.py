"""What the program prints: results on stdout, for people or as one JSON object; everything else on stderr.

rich is imported by what prints with it: it takes longer to load than the rest of a command.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from verifier import InputError, VectorKind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Render = Callable[["Console"], None]
"""Prints a result for people."""

HEX_DIGITS: Final = 64
SHORT_DIGITS: Final = 10
_WIDEST: Final = 1 << 16


class OutputError(InputError):
    """stdout does not take the result, so it takes no error either."""


def errors() -> "Console":
    """A console on what is stderr now. Nothing that is printed is taken for markup."""
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def emit(result: Mapping[str, Any], render: Render, *, as_json: bool) -> None:
    """Print a result on stdout.

    Args:
        result: for machines.
        render: for people.
        as_json: who is asking.

    Raises:
        OutputError: stdout does not take it, for instance for want of space.
    """
    if as_json:
        print_json(result)
    else:
        from rich.console import Console  # noqa: PLC0415

        _write(lambda: render(Console(highlight=False, markup=False, emoji=False)))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line of stdout. Raises as `emit`."""
    _write(lambda: print(json.dumps(value)))  # noqa: T201


def _write(write: Callable[[], None]) -> None:
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # a reader such as `head` has seen enough: typer ends the program quietly
    except OSError as error:
        # What is still buffered would fail again at exit, with another exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(f"standard output: cannot be written ({error.strerror})") from None


def say(label: str, message: str, *, style: str) -> None:
    """Print a labelled message on stderr."""
    from rich.text import Text  # noqa: PLC0415

    errors().print(Text.assemble((f"{label}: ", style), _printable(message)))


def warn(message: str) -> None:
    """Tell of something that may not be what the user wants."""
    say("warning", message, style="yellow")


def note(message: str) -> None:
    """Tell of something worth knowing."""
    say("note", message, style="cyan")


def as_line(text: str) -> str:
    """A message as one line without control characters."""
    return " ".join(_printable(text).split())


def _printable(text: str) -> str:
    """Escape control characters: a message may quote a file from elsewhere, a terminal would obey them."""
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


def print_facts(console: "Console", pairs: Iterable[tuple[str, str]]) -> None:
    """Print what, and its value, line by line; a long value is left whole, to be copied."""
    from rich.text import Text  # noqa: PLC0415

    lines = list(pairs)
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        console.print(Text.assemble((f"{label:<{width}}  ", "dim"), _printable(value)), soft_wrap=True)


def columns(headings: Sequence[str], rows: Iterable["Sequence[str | Text]"], *, left: int = 1) -> "Table":
    """A table under headings; print it with `print_table`.

    Args:
        headings: of the columns.
        rows: cells.
        left: how many columns hold words and are set flush left; the others hold numbers.
    """
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="left" if index < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def print_table(console: "Console", table: "Table") -> None:
    """Print a table as wide as it is: on a narrow terminal its lines wrap, but no digit is lost."""
    from rich.measure import Measurement  # noqa: PLC0415

    width = console.width
    console.width = max(width, Measurement.get(console, console.options.update(width=_WIDEST), table).maximum)
    console.print(table)
    console.width = width


def report(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result of one line a fact, or as one JSON object. Raises as `emit`."""
    emit(result, lambda console: print_facts(console, result_facts(result)), as_json=as_json)


def result_facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts of a result, as people read them."""
    for name, value in result.items():
        label = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield from ((f"{label}, {key}", cell(item)) for key, item in value.items())
        else:
            yield label, cell(value)


def cell(value: object) -> str:
    """A value as people read it."""
    if value is None or isinstance(value, bool):
        return {None: "-", True: "yes", False: "no"}[value]
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def sent(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """What every command tells of a transaction."""
    return {"transaction": receipt["transactionHash"].to_0x_hex(), "gas": receipt["gasUsed"]}


def as_hex(value: int) -> str:
    """A field element as 0x and 64 hex digits: fits a line of 80, and every option that takes one reads it."""
    return f"0x{value:0{HEX_DIGITS}x}"


def short_id(identity: int) -> str:
    """The first ten hex digits of an account's identity: enough to tell accounts apart in a table."""
    return f"{as_hex(identity)[: 2 + SHORT_DIGITS]}.."


def side(healthy: bool, kind: VectorKind = VectorKind.MAINTENANCE) -> str:
    """What one bit of a proof says about a kind of margin."""
    return f"healthy: at or above {kind} margin" if healthy else f"liquidatable: below {kind} margin"


class LogHandler(logging.Handler):
    """Passes on what the toolchain logs, as warnings and notes."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record on stderr."""
        (warn if record.levelno >= logging.WARNING else note)(record.getMessage())
