"""`zksolvency account template`."""

from typing import Annotated

import typer
from rich.console import Console

from prover.account import HEADER
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import emit
from prover.market import CASH_SYMBOL, AssetKind
from prover.toolchain import load_book

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account template > positions.csv",
        "zksolvency account template --book my-book.json > positions.csv",
    )
)
def template(
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book: a name in books/, or a file.")] = (
        "perps-13"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Print a file of positions to fill in and to import.

    Each asset of the book has a row. Short positions have a negative amount, perpetuals need the average entry price,
    and CASH is the wallet balance before unrealised profit. A row of 0 is no position.
    """
    assets = load_book(book)
    rows = [[asset.symbol, "0", ""] for asset in assets.assets] + [[CASH_SYMBOL, "0", ""]]

    def render(console: Console) -> None:
        for row in (HEADER, *rows):
            console.print(",".join(row), soft_wrap=True)

    perpetuals = [asset.symbol for asset in assets.assets if asset.kind is AssetKind.PERPETUAL]
    emit({"header": list(HEADER), "rows": rows, "entry_needed": perpetuals}, render, as_json=as_json)
