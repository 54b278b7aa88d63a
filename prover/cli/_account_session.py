"""What the commands of an account in a margin book share: who acts, where, and with which proofs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prover.account import WalletAccount
from prover.cli._book_chain import book_record, open_book
from prover.cli._output import warn
from prover.cli._progress import progress
from prover.cli._wallets import WalletFile, choose_account
from prover.onchain import BookProver, DeploymentRecord, MarginBook, MarginProver, Owner, owner_artifacts
from prover.toolchain import open_backend
from verifier import UndecidedError


@dataclass(frozen=True)
class Place:
    """Where a command works: what its options say.

    Attributes:
        rpc: of --rpc.
        keystore: of --keystore.
        deployment: of --deployment.
        confirmations: of --confirmations.
    """

    rpc: str | None
    keystore: Path | None
    deployment: Path | None
    confirmations: int = 1

    def record(self) -> DeploymentRecord:
        """The record of the book. Raises InputError when there is none, or a malformed one."""
        return book_record(self.deployment, self.rpc)

    @contextmanager
    def open(self, *, reads_only: bool = False) -> Iterator[MarginBook]:
        """The book, for as long as the context. Errors as for `open_book`."""
        with open_book(
            self.rpc, self.keystore, self.deployment, reads_only=reads_only, confirmations=self.confirmations
        ) as book:
            yield book


def find_account(place: Place, wallet: Path | None, passphrase_file: Path | None, name: str | None) -> WalletAccount:
    """The account that a command is about. Needs no node, so what is wrong is told before one is asked.

    Args:
        place: names the book.
        wallet: what --wallet says.
        passphrase_file: what --passphrase-file says.
        name: what --account says.

    Raises:
        InputError: no record, no wallet, a wrong passphrase, or no such account.
        typer.Abort: nobody gave the passphrase.
    """
    domain = place.record().domain
    return choose_account(WalletFile.ask(wallet, passphrase_file).load(), name, domain)


@contextmanager
def open_owner(place: Place, account: WalletAccount, keys: Path | None) -> Iterator[Owner]:
    """An account in the hands of its owner.

    Args:
        place: where.
        account: whose.
        keys: what --keys says.

    Raises:
        As `open_book` and `owner_artifacts`.
    """
    with place.open() as book, open_prover(book.n, keys) as prover:
        yield Owner(book, account.keys, prover)


@contextmanager
def open_prover(n: int, keys: Path | None) -> Iterator[BookProver]:
    """What proves for an owner. Arguments and errors as for `owner_artifacts`."""
    with progress() as sink:
        artifacts = owner_artifacts(n, keys, progress=sink)
    with open_backend() as backend:
        yield BookProver(artifacts, backend)


@contextmanager
def open_margin_prover(n: int, keys: Path | None) -> Iterator[MarginProver]:
    """What proves `margin` for the accounts of a book. Arguments and errors as for `MarginProver.build`."""
    with open_backend() as backend:
        with progress() as sink:
            prover = MarginProver.build(n, backend, keys, progress=sink)
        yield prover


@contextmanager
def watched(account: WalletAccount) -> Iterator[None]:
    """Around what sends a transaction: when it is not known what became of it, tell where to look.

    Raises:
        UndecidedError: with these words.
    """
    place = f"look at `zksolvency wallet history --account {account.name}` before you repeat it"
    try:
        yield
    except UndecidedError as error:
        raise UndecidedError(f"{error}: {place}") from None
    except KeyboardInterrupt as error:
        for words in error.args:  # of a transaction that was sent
            warn(f"{words}: {place}")
        raise
