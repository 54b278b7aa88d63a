"""`zksolvency wallet history`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.account import held_amounts
from prover.cli._account_session import AccountOptions
from prover.cli._account_states import POSITIONS_SHOWN
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, warn
from prover.onchain import AccountView, MarginBook

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency wallet history --account trading",
        "zksolvency wallet history --account trading --positions",
    )
)
def history(
    positions: Annotated[
        bool, typer.Option("--positions", help="Show what each state has changed, and the balances in --json.")
    ] = False,
    *,
    account: AccountOptions,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show every state that an account has had, oldest first: read from the chain, and decrypted here."""
    chosen = account.choose(options.record())
    if positions:
        warn(POSITIONS_SHOWN)
    with options.open() as book:
        states = list(book.history(chosen.viewing()))
        pairs = zip([None, *states], states, strict=False)
        entries = [_entry(book, before, state, positions=positions) for before, state in pairs]

    def render(console: Console) -> None:
        print_facts(console, [("account", chosen.name), ("states", str(len(states)) if states else "none: not open")])
        if states:
            console.print()
            headings = ["block", "round", "change" if positions else "transaction"]
            print_table(console, columns(headings, [_row(entry) for entry in entries], left=len(headings)))

    result = {"account": chosen.name, "identity": as_hex(chosen.keys.identity), "states": entries}
    emit(result, render, as_json=as_json)


def _entry(book: MarginBook, before: AccountView | None, state: AccountView, *, positions: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "block": state.block,
        "changed_at_round": state.changed_at_round,
        "transaction": f"0x{state.transaction.hex()}",
        "commitment": as_hex(state.sealed.commitment),
    }
    if positions:
        held, then = state.sealed.state, None if before is None else before.sealed.state
        entry |= {"amounts": held_amounts(book.assets, held), "change": held_amounts(book.assets, held, then)}
    return entry


def _row(entry: dict[str, Any]) -> Sequence[str]:
    """A line: its transaction, or what has changed; both would be too wide for a terminal."""
    shown = entry["transaction"]
    if "change" in entry:
        shown = ", ".join(f"{symbol} {_signed(change)}" for symbol, change in entry["change"].items()) or "none"
    return [str(entry["block"]), str(entry["changed_at_round"]), shown]


def _signed(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"
