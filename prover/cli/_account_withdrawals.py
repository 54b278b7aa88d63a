"""`zksolvency account withdrawals`."""

from typing import Any

from prover.account import ViewingKeys
from prover.cli._account_session import AccountOptions
from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_table
from prover.market import asset_symbol, format_decimal
from prover.onchain import MarginBook, PendingWithdrawal, pending_withdrawals

app = new_app()


@app.command(epilog=examples("zksolvency account withdrawals", "zksolvency account withdrawals --account alice --json"))
def withdrawals(*, account: AccountOptions, options: BookOptions, as_json: JsonFlag = False) -> None:
    """List the withdrawals of an account that are not paid yet.

    A withdrawal can be paid once it is due and those before it in the queue of its asset are paid. Any sender can pay
    it, with `book pay-out`. It waits longer while flags are stopped, or while the outflow limit is reached.
    """
    chosen = account.choose(options.record())
    with options.open() as book:
        identity = ViewingKeys.of_owner(chosen.keys).identity
        rows = [withdrawal_json(book, pending) for pending in pending_withdrawals(book, identity)]
    table = [[row["amount"], row["asset"], row["to"], str(row["before"]), due_words(row["due_in"])] for row in rows]
    emit(
        {"account": chosen.name, "withdrawals": rows},
        lambda console: print_table(console, columns(["amount", "asset", "to", "before it", "due"], table)),
        as_json=as_json,
    )


def withdrawal_json(book: MarginBook, pending: PendingWithdrawal) -> dict[str, Any]:
    """A withdrawal on its way; amounts as exact decimal strings of tokens, times in seconds."""
    decimals = book.contracts.token(pending.asset).decimals()
    return {
        "asset": asset_symbol(book.assets, pending.asset),
        "index": pending.index,
        "to": pending.recipient,
        "amount": format_decimal(pending.amount, decimals),
        "before": pending.before,
        "amount_before": format_decimal(pending.amount_before, decimals),
        "due_in": pending.wait,
    }


def due_words(seconds: int) -> str:
    """When a withdrawal is due, if flags are not stopped meanwhile."""
    return f"in {-(-seconds // 60)} min" if seconds else "now"
