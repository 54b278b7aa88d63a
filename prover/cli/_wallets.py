"""What commands that work with a wallet share: its file, its passphrase, the choice of an account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from prover.account import Wallet, update_wallet
from prover.cli._output import note
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.storage import user_folder
from verifier import InputError

WalletOption = Annotated[
    Path | None, typer.Option("--wallet", metavar="FILE", help="Wallet file.  [default: your own, see `wallet new`]")
]

NameOption = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="Name of the account in the wallet.  [default: the only one]"),
]


@dataclass(frozen=True)
class WalletOptions:
    """Which wallet a command works with, and what opens it.

    Attributes:
        wallet: the file; None for the user's own.
        passphrase_file: None asks on the terminal.
    """

    wallet: WalletOption = None
    passphrase_file: PassphraseFileOption = None

    @property
    def path(self) -> Path:
        """The file. Raises InputError as `wallet_path`."""
        return wallet_path(self.wallet)

    def open(self) -> "WalletFile":
        """An existing wallet.

        Raises:
            InputError: there is no wallet yet.
            typer.Abort: the passphrase was not given.
        """
        if not self.path.exists():
            raise InputError(
                f"no wallet at {self.path}: make one with `zksolvency wallet new`, or name yours with --wallet"
            )
        return WalletFile(self.path, ask_passphrase("wallet", self.passphrase_file))


@dataclass(frozen=True)
class WalletFile:
    """A wallet file and what opens it.

    Attributes:
        path: the file.
        passphrase: secret.
    """

    path: Path
    passphrase: str = field(repr=False)

    def load(self) -> Wallet:
        """What is in it. Raises InputError as `Wallet.load`."""
        note("opening the wallet")
        return Wallet.load(self.path, self.passphrase)

    def change(self, change: Callable[[Wallet], Wallet]) -> Wallet:
        """Change it, waiting for other programs that change it; it is written only when something changes.

        Returns:
            What it holds now.

        Raises:
            InputError: as `update_wallet`. The old file stays.
        """
        note("opening the wallet")
        return update_wallet(self.path, self.passphrase, change)


def wallet_path(given: Path | None) -> Path:
    """The wallet that a command is about: what --wallet says, else the user's own.

    Raises:
        InputError: --wallet says nothing, and the user has no home folder.
    """
    if given is not None:
        return given
    folder = user_folder(
        lambda: platformdirs.user_data_path("zksolvency"), "wallet", "name its file with --wallet, or set HOME"
    )
    return folder / "wallet.age"


def make_folder(path: Path) -> None:
    """Make the folder of the user's own wallet; every other one must exist.

    Raises:
        InputError: it cannot be made.
    """
    try:
        own = wallet_path(None)
    except InputError:
        return  # without a home folder no wallet is the user's own
    if path == own:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path.parent}: cannot be made ({error.strerror})") from None
