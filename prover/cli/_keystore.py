"""The keystores of senders and reporters, whose passphrase is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

from prover.cli._output import note
from prover.cli._passphrase import ask_passphrase
from prover.storage import Keystore

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


def unlock(path: Path, passphrase_file: Path | None = None) -> "LocalAccount":
    """The key in a keystore, whose passphrase is asked for where no file has it.

    Raises:
        InputError: as `Keystore.load` and `Keystore.unlock`.
    """
    keystore = Keystore.load(path)
    passphrase = ask_passphrase("keystore", passphrase_file)
    note("opening the keystore")
    return keystore.unlock(passphrase)
