"""`zksolvency guardian expire`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.cli._account_session import with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._guardian_key import KeyOption, open_key
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, as_line, columns, emit, print_table, sent, short_id
from prover.cli._passphrase import PassphraseFileOption
from prover.onchain import (
    AccountExpired,
    AccountReader,
    Expirer,
    ExpiryEvent,
    GuardedAccount,
    Snapshot,
    find_guarded,
    open_expire_prover,
)
from verifier import InputError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency guardian expire --all --guardian-key guardian.age",
        "zksolvency guardian expire 0x2a71c09be3 --guardian-key guardian.age",
    )
)
def expire(
    key: KeyOption,
    account: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Accounts: identities in hex with 0x, or how they begin."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account that named you and that sleeps.")] = False,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Turn the expired positions of accounts into cash, for owners who sleep.

    An account that an expiry has passed by cannot be flagged at newer prices before this. The sender pays for the gas.
    What cannot be settled now is named, with exit code 1. `guardian watch --flag` does it by itself.
    """
    if every == bool(account):
        raise InputError("name accounts, or give --all")
    secret = open_key(key, passphrase_file)
    with options.open() as book, with_progress(open_expire_prover, book.n, keys) as prover:
        snapshot = AccountReader(secret).look(book)
        chosen = _asleep(snapshot) if every else [find_guarded(snapshot, text) for text in account or []]
        rows = [_row(event) for event in Expirer(prover)(book, chosen)]
    result = {"accounts": rows}
    emit(result, lambda console: _render(console, rows), as_json=as_json)
    return ExitCode.NO if any(row["error"] for row in rows) else ExitCode.OK


def _asleep(snapshot: Snapshot) -> list[GuardedAccount]:
    return [account for account in snapshot.accounts if account.identity in snapshot.asleep]


def _row(event: ExpiryEvent) -> dict[str, Any]:
    identity = {"account": as_hex(event.account.identity)}
    if not isinstance(event, AccountExpired):
        return {**identity, "proofs": 0, "error": as_line(str(event.error))}
    last = sent(event.receipts[-1]) if event.receipts else {}
    return {**identity, "proofs": len(event.receipts), "error": None, **last}


def _render(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        console.print("no account of this guardian has an expiry before it")
        return
    shown = [
        [short_id(int(row["account"], 16)), row["error"] or ("settled" if row["proofs"] else "was settled before")]
        for row in rows
    ]
    print_table(console, columns(["account", "result"], shown, left=2))
