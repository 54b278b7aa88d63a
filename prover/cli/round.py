"""`zksolvency round`: price round files."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover import PriceRound
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._options import BookOption, JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table
from prover.cli._round_facts import round_facts, round_summary
from prover.market import PRICE_DECIMALS, format_decimal, format_price
from prover.toolchain import load_round


class _Round(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "fetch": "Read a round of a deployed price source into a file.",
        "new": "Make a price round file from prices.",
        "signals": "Show the public signals that a round determines.",
    }
    MODULES = "prover.cli._round_{}"


app = new_app("Make, show or check a price round file.", _Round)

RoundArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Price round file.")]


@app.command(epilog=examples("zksolvency round show round.json", "zksolvency round show round.json --json"))
def show(round_: RoundArgument, book: BookOption = None, as_json: JsonFlag = False) -> None:
    """Show prices, funding, and what a proof takes from them.

    Effective price is the mark price less cumulative funding. Margin per unit is rounded up, against the account;
    a short unit of an option needs more than a long one.
    """
    loaded = load_round(round_, book)
    rows = _rows(loaded)

    def render(console: Console) -> None:
        print_facts(console, round_facts(loaded))
        console.print()
        headings = ["asset", "price", "funding", "effective", "maintenance", "initial"]
        print_table(console, columns(headings, ([row["symbol"], *map(format_price, row["units"][:5])] for row in rows)))
        # Of options alone.
        short = [
            [row["symbol"], *map(format_price, row["units"][5:])]
            for row in rows
            if row["units"][5:] != row["units"][3:5]
        ]
        if short:
            console.print()
            print_table(console, columns(["short unit of", "maintenance", "initial"], short))

    assets = [
        {"symbol": row["symbol"]}
        | dict(zip(_FIELDS, (format_decimal(u, PRICE_DECIMALS) for u in row["units"]), strict=True))
        for row in rows
    ]
    emit(round_summary(loaded) | {"assets": assets}, render, as_json=as_json)


@app.command(epilog=examples("zksolvency round check round.json", "zksolvency round check round.json --book perps-13"))
def check(round_: RoundArgument, book: BookOption = None, as_json: JsonFlag = False) -> None:
    """Check a price round against a book.

    Every asset has a price, none is unknown, all are in range. Exit code 0 says that proofs can be made and verified
    at it.
    """
    loaded = load_round(round_, book)

    def render(console: Console) -> None:
        print_facts(console, [("valid", str(round_)), *round_facts(loaded)])

    emit({"valid": True} | round_summary(loaded), render, as_json=as_json)


_FIELDS = (
    "price",
    "funding",
    "effective_price",
    "maintenance_margin",
    "initial_margin",
    "maintenance_margin_short",
    "initial_margin_short",
)


def _rows(round_: PriceRound) -> list[dict[str, Any]]:
    vectors = round_.vectors
    return [
        {
            "symbol": asset.symbol,
            "units": (
                round_.prices[slot],
                round_.funding[slot],
                vectors.effective_prices[slot],
                vectors.maintenance.long[slot],
                vectors.initial.long[slot],
                vectors.maintenance.short[slot],
                vectors.initial.short[slot],
            ),
        }
        for slot, asset in enumerate(round_.book.assets)
    ]
