"""`zksolvency guardian`: what the guardian of accounts sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from prover._guardian_key import GuardianKey, point_to_text
from prover.cli._book_chain import (
    BookDeploymentOption,
    BookRecord,
    book_record_path,
    contract_code,
    open_book,
    report,
    require_new_target,
)
from prover.cli._chain import RpcOption, open_node
from prover.cli._commands import examples, new_app
from prover.cli._guardian_look import Looker, choose
from prover.cli._guardian_show import accounts_json, render_accounts, render_each
from prover.cli._guardian_watch import Teller, watch_book
from prover.cli._options import JsonFlag
from prover.cli._output import emit, note, warn
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.onchain import OnchainBook

app = new_app("See the accounts that named you as their guardian. A guardian reads accounts, and moves none.")

KeyOption = Annotated[Path, typer.Option("--key", metavar="FILE", help="The guardian's key file.")]


@app.command(epilog=examples("zksolvency guardian keygen --out guardian.age"))
def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Key file to write. It holds a secret: 0600.")],
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a guardian's key, and print its point.

    The key is encrypted with a passphrase. The point is public: governance accepts it in a book, for instance with
    `book deploy --guardian`, and owners name it when they open an account. Keep a copy of the file: without it, nobody
    but their owners reads those accounts.
    """
    require_new_target(out)
    passphrase = ask_passphrase("guardian key", passphrase_file, confirm=True)
    key = GuardianKey.generate()
    note("encrypting the key")
    key.save(out, passphrase)
    report({"guardian": point_to_text(key.point), "key": str(out)}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency guardian show --key guardian.age",
        "zksolvency guardian show --key guardian.age --positions",
        "zksolvency guardian show --key guardian.age --account 0x2a71c09be3",
    )
)
def show(
    key: KeyOption,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="One account: its identity, or how that begins.  [default: all]"),
    ] = None,
    positions: Annotated[
        bool, typer.Option("--positions", help="Show balances, equity and margin as well: they are secrets.")
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    rpc: RpcOption = None,
    deployment: BookDeploymentOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show where the accounts that named you stand.

    That is every account that named this guardian, at the newest prices. All of it is read from the chain's events
    with the key alone.
    """
    secret = _open_key(key, passphrase_file)
    with open_book(rpc, None, deployment, reads_only=True) as book:
        looker = Looker(secret)
        sight = looker.look(book)
        accounts = sight.accounts if account is None else [choose(sight.accounts, account)]
        _warn_if_not_accepted(book, secret)
        result = accounts_json(book, sight, accounts, positions=positions)
        render = render_accounts if account is None and not positions else render_each
        emit(result, lambda console: render(console, result), as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency guardian watch --key guardian.age --rpc URL \\",
        "    --deployment margin-book.json",
        "zksolvency guardian watch --key guardian.age --once --json",
        "zksolvency guardian watch --key guardian.age --passphrase-file passphrase \\",
        "    --interval 60 --json",
    )
)
def watch(
    key: KeyOption,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.1, help="How often to look at the chain.")
    ] = 15.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    passphrase_file: PassphraseFileOption = None,
    rpc: RpcOption = None,
    deployment: BookDeploymentOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell of new rounds and changed accounts, until Ctrl-C.

    No amount is shown: only which accounts moved, and which are below maintenance margin. When the node goes away,
    that is told, and watching goes on when it is back. With --json every line is one JSON object.
    """
    record = BookRecord.load(book_record_path(deployment, rpc))
    secret = _open_key(key, passphrase_file)
    code = contract_code()

    @contextmanager
    def connect() -> Iterator[OnchainBook]:
        with open_node(rpc, None, code, reads_only=True) as chain:
            yield record.open(chain)

    watch_book(connect, Looker(secret), Teller(as_json=as_json), None if once else interval)


def _open_key(path: Path, passphrase_file: Path | None) -> GuardianKey:
    passphrase = ask_passphrase("guardian key", passphrase_file)
    note("opening the guardian key")
    return GuardianKey.load(path, passphrase)


def _warn_if_not_accepted(book: OnchainBook, key: GuardianKey) -> None:
    if not book.contracts.book.guardian_accepted((key.point.x, key.point.y)):
        warn("the book does not accept this guardian: no new account can name it")
