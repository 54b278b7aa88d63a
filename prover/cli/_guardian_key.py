"""The guardian's key, as commands are given it."""

from pathlib import Path
from typing import Annotated

import typer

from prover.account import GuardianKey
from prover.cli._output import note
from prover.cli._passphrase import ask_passphrase

KeyOption = Annotated[Path, typer.Option("--guardian-key", metavar="FILE", help="The guardian's key file.")]


def open_key(path: Path, passphrase_file: Path | None) -> GuardianKey:
    """Open a guardian's key; asks for its passphrase.

    Raises:
        InputError: not a guardian's key, or a wrong passphrase.
        typer.Abort: the passphrase was not given.
    """
    passphrase = ask_passphrase("guardian key", passphrase_file)
    note("opening the guardian key")
    return GuardianKey.load(path, passphrase)
