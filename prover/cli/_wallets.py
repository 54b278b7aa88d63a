"""What commands that work with a wallet share: its file, its passphrase, the choice of an account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

import platformdirs
import typer

from prover import Domain
from prover.account import Wallet, WalletAccount, update_wallet
from prover.cli._options import as_address
from prover.cli._output import note
from prover.cli._passphrase import ask_passphrase
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
class WalletFile:
    """A wallet file and what opens it.

    Attributes:
        path: the file.
        passphrase: secret.
    """

    path: Path
    passphrase: str = field(repr=False)

    @classmethod
    def ask(cls, wallet: Path | None, passphrase_file: Path | None) -> Self:
        """An existing wallet.

        Args:
            wallet: what --wallet says.
            passphrase_file: what --passphrase-file says; None asks on the terminal.

        Raises:
            InputError: there is no wallet yet.
            typer.Abort: nobody answered.
        """
        path = wallet_path(wallet)
        if not path.exists():
            raise InputError(f"no wallet at {path}: make one with `zksolvency wallet new`, or name yours with --wallet")
        return cls(path, ask_passphrase("wallet", passphrase_file))

    def load(self) -> Wallet:
        """What is in it. Raises InputError as `Wallet.load`."""
        note("opening the wallet")
        return Wallet.load(self.path, self.passphrase)

    def change(self, change: Callable[[Wallet], Wallet]) -> Wallet:
        """Change it, waiting for others who are at it; it is written only when something changes.

        Returns:
            What it holds now.

        Raises:
            InputError: as `update_wallet`. The old file stands.
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
    """Make the folder of the user's own wallet, which nobody made by hand; the others must exist.

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


def choose_account(wallet: Wallet, name: str | None, domain: Domain) -> WalletAccount:
    """The account that a command is about.

    Args:
        wallet: the wallet.
        name: what --account says.
        domain: the book that it must live in.

    Raises:
        InputError: there is none, it lives elsewhere, or there are several to choose from.
    """
    if name is not None:
        account = wallet.account(name)
        if account.keys.domain != domain:
            raise InputError(
                f"the account {name} lives in the book {as_address(account.keys.domain.contract)} on chain "
                f"{account.keys.domain.chain_id}: name the record of that book with --deployment"
            )
        return account
    accounts = wallet.accounts_of(domain)
    if not accounts:
        raise InputError("the wallet has no account in this book: `zksolvency account open --name NAME` makes one")
    if len(accounts) > 1:
        known = ", ".join(account.name for account in accounts)
        raise InputError(f"the wallet has several accounts in this book ({known}): choose one with --account")
    return accounts[0]
