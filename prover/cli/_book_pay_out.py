"""`zksolvency book pay-out`."""

from typing import Annotated

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_table, sent
from prover.market import asset_slot, format_decimal
from prover.onchain import due_pay_outs
from verifier import ChainError

app = new_app()


@app.command(
    epilog=examples("zksolvency book pay-out --asset USD --dry-run", "zksolvency book pay-out --asset USD --count 20")
)
def pay_out(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="Spot asset; USD: settlement currency.")],
    count: Annotated[int, typer.Option("--count", min=1, max=100, help="The most withdrawals to pay.")] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be paid, and send nothing.")] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Pay the withdrawals of an asset that are due, the oldest first.

    Any sender may, and pays the gas. When the outflow limit is reached, a withdrawal is paid in part, and the rest
    stays the first of the queue. When the token refuses a recipient, the vault keeps the amount as a credit of that
    recipient.
    """
    with options.open() as book:
        slot = asset_slot(book.assets, asset, "--asset")
        decimals = book.contracts.token(slot).decimals()
        due = due_pay_outs(book, slot, count)
        rows = [
            {
                "index": item.index,
                "to": item.recipient,
                "amount": format_decimal(item.amount, decimals),
                "rest": format_decimal(item.rest, decimals),
            }
            for item in due
        ]
        if not due:
            raise ChainError(f"no withdrawal of {asset} can be paid now: none is due, or the outflow limit is reached")
        result = {"asset": asset, "withdrawals": rows, "sent": not dry_run}
        if not dry_run:
            receipt = book.contracts.book.vault.pay_out(slot, count)
            result |= sent(receipt)
    table = [[str(row["index"]), str(row["amount"]), str(row["to"]), str(row["rest"])] for row in rows]
    emit(
        result,
        lambda console: print_table(console, columns(["place", "pays", "to", "stays queued"], table)),
        as_json=as_json,
    )
