"""Two accounts in a margin book, and a wallet that holds them, for the tests of what their owners do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cli.book_stage import BookStage, book_stage
from cli.harness import Outcome, assert_hidden, invoke
from quick_age import quick_age

from prover import Side, Ticket
from prover.account import Wallet, WalletAccount
from prover.chain import TokenClient
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, parse_decimal
from prover.onchain import BookProver, EngineSettings, Owner
from prover.toolchain import open_backend

PASSPHRASE: Final = "correct horse battery"  # noqa: S105 - of wallets made here
FUNDS: Final = 250_000 * 10**6
"""What the sender gets of the settlement currency, in its token's own units."""


@dataclass
class AccountStage:
    """A book with accounts in it.

    Attributes:
        book: the node and the book.
        owners: of `alice` and `bob`, by name: as the SDK has them, to check what commands did.
        folder: for files.
        hidden: amounts and terms that the program must not print unasked.
    """

    book: BookStage
    owners: dict[str, Owner]
    folder: Path
    hidden: set[str] = field(default_factory=set)

    @property
    def wallet(self) -> Path:
        """Of both accounts."""
        return self.folder / "wallet.age"

    @property
    def passphrase_file(self) -> Path:
        """Opens every wallet of these tests."""
        return self.folder / "passphrase"

    def options(self, wallet: Path | None = None) -> list[object]:
        """What a command needs to find wallet and book."""
        return ["--wallet", wallet or self.wallet, "--passphrase-file", self.passphrase_file, *self.book.options]

    def run(self, *args: object, shows: bool = False, stdin: str | None = None, **options: Any) -> Outcome:
        """Run the program with wallet and book; whatever it prints, it must hold no secret.

        Args:
            args: of the command.
            shows: it is asked for secrets.
            stdin: what is typed.
            options: `wallet`, if another than the stage's.
        """
        return self.plain(*args, *self.options(**options), shows=shows, stdin=stdin)

    def plain(self, *args: object, shows: bool = False, stdin: str | None = None) -> Outcome:
        """As `run`, with just these arguments."""
        outcome = invoke(*args, stdin=stdin)
        if not shows:
            assert_hidden(self.secrets(), outcome.stdout, outcome.stderr)
        return outcome

    def secrets(self) -> set[str]:
        """Every spelling of what must not be printed unasked."""
        keys = [owner.keys for owner in self.owners.values()]
        values = [value for item in keys for value in (item.owner_secret, item.view_key)]
        return {PASSPHRASE, *self.hidden, *(text for value in values for text in spellings(value))}

    def trade(self, buyer: str, seller: str, symbol: str, size: str, price: str) -> Ticket:
        """Let two accounts trade without the program, and keep the terms in mind as secrets."""
        book = self.book.book
        units, dollars = parse_decimal(size, BALANCE_DECIMALS, "size"), parse_decimal(price, PRICE_DECIMALS, "price")
        ticket = book.ticket(book.assets.slots[symbol], units, dollars, book.latest_round())
        self.owners[buyer].take(self.owners[seller].offer(ticket, Side.SELL))
        self.hide(size, price, ticket)
        return ticket

    def hide(self, size: str, price: str, ticket: Ticket | None = None) -> None:
        """Keep the terms of a trade in mind as secrets."""
        whole = int(price.partition(".")[0])
        self.hidden |= {size, size.replace(".", ""), price, price.replace(".", ""), f"{whole:,}"}
        if ticket is not None:
            self.hidden |= {*spellings(ticket.salt), *spellings(ticket.cost)}

    def state(self, name: str) -> tuple[tuple[int, ...], int]:
        """Balances and quote of an account, as the chain has them."""
        state = self.owners[name].state().sealed.state
        return state.balances, state.quote


def spellings(value: int) -> set[str]:
    """Decimal and hex."""
    return {str(value), f"{value:x}", f"{value:064x}"}


@contextmanager
def account_stage(
    folder: Path, *, deposit: int = 0, gate: bool = False, engine: EngineSettings | None = None
) -> Iterator[AccountStage]:
    """A book with the open accounts alice and bob.

    Args:
        folder: for files.
        deposit: what both have paid in [1e-18 USD].
        gate: whether the book has a gate that flags accounts.
        engine: of the book's liquidation engine; None for a book without one.
    """
    with book_stage(folder, gate=gate, engine=engine) as book, open_backend() as backend:
        prover = BookProver.build(book.book.n, backend)
        accounts = [WalletAccount.create(name, book.book.domain, book.guardian.point) for name in ("alice", "bob")]
        stage = AccountStage(book, {a.name: Owner(book.book, a.keys, prover) for a in accounts}, folder)
        stage.passphrase_file.write_text(PASSPHRASE + "\n")
        stage.passphrase_file.chmod(0o600)
        write_quick_wallet(stage.wallet, Wallet(tuple(accounts)))
        token: TokenClient = book.book.contracts.token(book.book.n)
        token.mint(book.book.contracts.chain.sender, FUNDS)
        for owner in stage.owners.values():
            owner.open()
            if deposit:
                owner.deposit(book.book.n, deposit)
        yield stage


def write_quick_wallet(path: Path, wallet: Wallet) -> None:
    """A wallet file whose passphrase takes little work to check: the program would write one that takes a second."""
    path.write_bytes(quick_age(json.dumps(wallet.to_json()).encode(), PASSPHRASE.encode()))
    path.chmod(0o600)
