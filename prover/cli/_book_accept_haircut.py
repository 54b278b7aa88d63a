"""`zksolvency book accept-haircut`."""

from typing import Annotated, Final

import typer

from prover.cli._book_options import BookSenderOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import report, sent
from prover.market import QUOTE_DECIMALS, parse_decimal
from prover.onchain import Insurance
from verifier import InputError

app = new_app()

_PERCENT_DECIMALS: Final = QUOTE_DECIMALS - 2


@app.command(epilog=examples("zksolvency book accept-haircut 95"))
def accept_haircut(
    least: Annotated[
        str, typer.Argument(metavar="PERCENT", help="What a deposit has to be worth at least; 100 takes it back.")
    ],
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Say for how little you deposit while there is a shortfall.

    A deposit is booked in full, and worth what `book shortfall` shows. It is refused while that is less than you say
    here, and while you have said nothing. What you say holds until you say something else.
    """
    fraction = parse_decimal(least, _PERCENT_DECIMALS, "PERCENT")
    if not 0 <= fraction <= 10**QUOTE_DECIMALS:
        raise InputError("PERCENT: from 0 to 100")
    with options.open() as book:
        receipt = Insurance.of(book).ledger.accept_haircut(fraction)
    report({"least": least, **sent(receipt)}, as_json=as_json)
