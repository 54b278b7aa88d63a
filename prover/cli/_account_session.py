"""What the commands of an account in a margin book share: who acts, where, and with which proofs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from prover.account import Domain, WalletAccount
from prover.cli._output import warn
from prover.cli._progress import progress
from prover.cli._wallets import NameOption, WalletOptions
from prover.onchain import DeploymentRecord
from verifier import UndecidedError

_T = TypeVar("_T")


@dataclass(frozen=True)
class _NameOptions:
    account: NameOption = None


@dataclass(frozen=True)
class AccountOptions(WalletOptions, _NameOptions):
    """Which account a command is about.

    Attributes:
        account: its name in the wallet; None for the only one.
    """

    def choose(self, record: DeploymentRecord) -> WalletAccount:
        """The account. It needs no node, so an error comes before one is asked.

        Args:
            record: of the book that it lives in.

        Raises:
            InputError: no wallet, a wrong passphrase, or no such account.
            typer.Abort: the passphrase was not given.
        """
        return self.choose_in(record.domain)

    def choose_in(self, domain: Domain) -> WalletAccount:
        """As `choose`, by the domain of the book."""
        return self.open().load().choose(domain, self.account)


@contextmanager
def with_progress(opened: Callable[..., AbstractContextManager[_T]], *args: object) -> Iterator[_T]:
    """What a function opens, shown while it builds: the bars end before anything else is printed.

    Args:
        opened: a function of the library that takes `progress`.
        args: its other arguments.
    """
    with ExitStack() as stack:
        with progress() as sink:
            made = stack.enter_context(opened(*args, progress=sink))
        yield made


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
