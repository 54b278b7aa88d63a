"""`zksolvency guardian rotate`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.account import Point, point_to_text
from prover.cli._account_session import watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._exits import ExitCode
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, columns, emit, errors, note, print_facts, print_table, sent, short_id
from prover.cli._points import parse_point
from prover.cli._wallets import WalletFile, WalletOptions
from prover.onchain import (
    AccountLife,
    MarginProver,
    Owner,
    PlannedMove,
    open_book_prover,
    open_margin_prover,
    plan_rotation,
    with_new_account,
)
from verifier import ChainError, ProvingError

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency guardian rotate --old-guardian X1,Y1 --guardian X2,Y2 --dry-run",
        "zksolvency guardian rotate --old-guardian X1,Y1 --guardian X2,Y2",
    )
)
def rotate(
    old: Annotated[
        Point,
        typer.Option("--old-guardian", metavar="X,Y", parser=parse_point, help="The one that the accounts have named."),
    ],
    new: Annotated[
        Point,
        typer.Option(
            "--guardian", metavar="X,Y", parser=parse_point, help="The new guardian: one that the book accepts."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, and send nothing.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Move them on a public chain without asking. On a local one nothing is asked.")
    ] = False,
    *,
    wallet: WalletOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> int:
    """Move all accounts of a wallet from one guardian to another.

    For an owner with many accounts, such as a desk. It shows the plan, asks, and moves one account after the other, as
    `account rekey` does. An account that cannot move now, because it is flagged or below maintenance margin, is left
    and named at the end, with exit code 1. When it is interrupted, run it again: it goes on where it stopped.
    The moves follow each other closely, so the chain hints that the accounts are of one owner. Move them at different
    times with `account rekey` where that matters.
    """
    options.record()
    file = wallet.open()
    with options.open() as book:
        plan = plan_rotation(book, file.load(), old, new)
        result: dict[str, Any] = {
            "old_guardian": point_to_text(old),
            "guardian": point_to_text(new),
            "planned": [_planned(move) for move in plan],
            "moved": [],
            "left": [],
        }
        if plan and not dry_run:
            if not as_json:
                _print_plan(errors(), result)
            require_consent(book.contracts.chain.chain_id, f"move the accounts, {len(plan)} in all", yes=yes)
            with (
                with_progress(open_book_prover, book.n, keys) as prover,
                with_progress(open_margin_prover, book.n, keys) as margin,
            ):
                for move in plan:
                    owner = Owner(book, move.account.keys, prover)
                    _move(move, AccountLife(owner), margin, file, new, result)
    emit(result, lambda console: _render(console, result), as_json=as_json)
    return ExitCode.NO if result["left"] else ExitCode.OK


def _move(
    move: PlannedMove, life: AccountLife, margin: MarginProver, file: WalletFile, new: Point, result: dict[str, Any]
) -> None:
    """Move one account. What the book or the margin refuses leaves it; every other error ends the rotation."""
    account = move.account
    if move.is_flagged:
        result["left"].append({"account": account.name, "reason": "it is flagged: cure it first"})
        return
    note(f"moving the account {account.name}")
    # the secret is safe in the wallet before anything is sent
    moved = file.change(lambda old: with_new_account(old, life.book, move.successor, new)).account(move.successor)
    try:
        with watched(account):
            receipt = life.rekey(moved.keys, margin)
    except ProvingError as error:
        result["left"].append({"account": account.name, "reason": str(error)})
    except ChainError as error:
        if error.refusal is None:
            raise
        result["left"].append({"account": account.name, "reason": str(error)})
    else:
        identity = as_hex(moved.keys.identity)
        result["moved"].append(
            {"account": account.name, "new_account": moved.name, "identity": identity, **sent(receipt)}
        )


def _planned(move: PlannedMove) -> dict[str, Any]:
    return {
        "account": move.account.name,
        "identity": as_hex(move.account.keys.identity),
        "new_account": move.successor,
        "flagged": move.is_flagged,
    }


def _print_plan(console: Console, result: Mapping[str, Any]) -> None:
    rows = [
        [
            entry["account"],
            short_id(int(entry["identity"], 16)),
            entry["new_account"],
            "no: it is flagged" if entry["flagged"] else "yes",
        ]
        for entry in result["planned"]
    ]
    print_table(console, columns(["account", "identity", "then called", "can move"], rows, left=4))


def _render(console: Console, result: Mapping[str, Any]) -> None:
    if not result["planned"]:
        console.print("no open account of the wallet in this book has named the guardian of --old-guardian")
        return
    if not result["moved"] and not result["left"]:
        _print_plan(console, result)
        return
    print_facts(console, [("planned", str(len(result["planned"]))), ("moved", str(len(result["moved"])))])
    for entry in result["left"]:
        console.print(f"{entry['account']}: not moved: {entry['reason']}", soft_wrap=True)
