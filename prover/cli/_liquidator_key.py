"""The liquidator's key, as commands are given it."""

from pathlib import Path

from prover.cli._output import note
from prover.cli._passphrase import ask_passphrase
from prover.liquidation import LiquidatorKey


def open_liquidator_key(path: Path, passphrase_file: Path | None) -> LiquidatorKey:
    """Open a liquidator's key; asks for its passphrase.

    Raises:
        InputError: not a liquidator's key, or a wrong passphrase.
        typer.Abort: the passphrase was not given.
    """
    passphrase = ask_passphrase("liquidator key", passphrase_file)
    note("opening the liquidator key")
    return LiquidatorKey.load(path, passphrase)
