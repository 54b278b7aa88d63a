"""What commands print: text for people, or one JSON object."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from prover.toolchain import Progress


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object, on one line."""
    typer.echo(json.dumps(content))


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns of their own width; the last one is as long as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        typer.echo("  ".join([*cells, row[-1]]).rstrip())


def say(text: str) -> None:
    """Tell people on standard error what goes on."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


class ProgressLines:
    """Says on standard error what is built, a line a step."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, progress: Progress) -> None:
        """A step has begun, or gone on."""
        if progress.phase not in self._told:
            self._told.add(progress.phase)
            say(progress.phase)
