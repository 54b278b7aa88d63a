"""Options and examples that the commands share."""

from pathlib import Path
from typing import Annotated, Final

import typer

CONFIG: Final = Path("liquidator.toml")

ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="Settings of the engine; `liquidator init` writes some.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def examples(*lines: str) -> str:
    """The end of a help page: what to type."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
