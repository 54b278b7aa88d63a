"""`zksolvency book shortfall`."""

from typing import Annotated, Any

import typer

from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, as_address, parse_address
from prover.cli._output import report
from prover.market import QUOTE_DECIMALS, format_decimal, format_usd_up
from prover.onchain import Insurance

app = new_app()

_PERCENT_DECIMALS = QUOTE_DECIMALS - 2


@app.command(
    epilog=examples(
        "zksolvency book shortfall --rpc URL --deployment margin-book.json",
        "zksolvency book shortfall --owner 0x7099...79C8",
    )
)
def shortfall(
    owner: Annotated[
        int | None, typer.Option("--owner", metavar="ADDRESS", parser=parse_address, help="Whose claim to show.")
    ] = None,
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show bad debt that nothing covers, and who bears it.

    While there is a shortfall, each withdrawal is paid the shown part, and its recipient has a claim for the rest.
    Deposits of the settlement currency wait for consent: `book accept-haircut`.
    """
    with options.open() as book:
        insurance = Insurance.of(book)
        backing = insurance.backing()
        exact = format_decimal(backing.shortfall, QUOTE_DECIMALS)
        result: dict[str, Any] = {
            "shortfall": exact if as_json else f"{format_usd_up(backing.shortfall)} USD",
            "worth": format_decimal(backing.fraction, QUOTE_DECIMALS)
            if as_json
            else f"{format_decimal(backing.fraction, _PERCENT_DECIMALS)} % of what accounts are owed",
            "claims": format_decimal(backing.claims, backing.decimals),
            "fund": format_decimal(backing.fund, backing.decimals),
            "drawable": format_decimal(backing.drawable, backing.decimals),
        }
        if owner is not None:
            claim = insurance.ledger.claim_of(book.contracts.chain.checksum(owner))
            result |= {
                "owner": as_address(owner),
                "owed": format_decimal(claim.owed, backing.decimals),
                "claimable": format_decimal(claim.due, backing.decimals),
            }
    report(result, as_json=as_json)
