"""`zksolvency book recapitalise`."""

from typing import Annotated

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._consent import require_consent
from prover.cli._options import JsonFlag
from prover.cli._output import report, sent
from prover.market import QUOTE_DECIMALS, format_decimal, parse_decimal
from prover.onchain import Insurance
from verifier import InputError

app = new_app()


@app.command(epilog=examples("zksolvency book recapitalise 250000"))
def recapitalise(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="The most to pay of the settlement currency.")],
    yes: Annotated[bool, typer.Option("--yes", help="Pay on a public chain without asking.")] = False,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Pay claims and bad debt that nothing covers.

    Any sender may. Both get the same share of what they lack, and no more than both is taken. Nothing comes back.
    """
    with options.open() as book:
        insurance = Insurance.of(book)
        units = parse_decimal(amount, insurance.decimals, "AMOUNT")
        if units <= 0:
            raise InputError("AMOUNT: must be above 0")
        require_consent(book.contracts.chain.chain_id, f"give up to {amount} away", yes=yes)
        receipt = insurance.recapitalise(units)
        left = format_decimal(insurance.ledger.shortfall(), QUOTE_DECIMALS)
    report({"most": amount, "shortfall": left, **sent(receipt)}, as_json=as_json)
