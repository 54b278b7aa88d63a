"""`zksolvency book claim`."""

from typing import Annotated

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, parse_address
from prover.cli._output import report, sent
from prover.market import format_decimal
from prover.onchain import Insurance
from verifier import InputError

app = new_app()


@app.command(epilog=examples("zksolvency book claim", "zksolvency book claim --to 0x7099...79C8"))
def claim(
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="ADDRESS", parser=parse_address, help="Who gets it.  [default: the sender]"),
    ] = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Take what was paid of your claim, which a withdrawal gave you while there was a shortfall."""
    with options.open() as book:
        insurance, chain = Insurance.of(book), book.contracts.chain
        due = insurance.ledger.claim_of(chain.sender).due
        if not due:
            raise InputError("nothing was paid of a claim of the sender: see `book shortfall --owner`")
        recipient = chain.sender if to is None else chain.checksum(to)
        receipt = insurance.ledger.claim(recipient)
        amount = format_decimal(due, insurance.decimals)
    report({"amount": amount, "to": recipient, **sent(receipt)}, as_json=as_json)
