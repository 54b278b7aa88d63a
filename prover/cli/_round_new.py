"""`zksolvency round new`."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._files import load_symbols, read_csv
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts
from prover.cli._round_facts import round_facts, round_summary
from prover.market import parse_round
from prover.storage import require_new_target, write_file
from prover.toolchain import load_book

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency round new --prices prices.csv --id 1 --out round.json",
        "zksolvency round new --book my-book.json --prices - --id 2 --out r2.json",
    )
)
def new(
    prices: Annotated[
        Path,
        typer.Option(
            "--prices",
            metavar="FILE",
            help="CSV with the header symbol,price or symbol,price,funding, in USD; - for standard input.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Round file to make; never overwritten.")],
    round_id: Annotated[int, typer.Option("--id", metavar="N", min=1, help="Number of the round, from 1.")],
    timestamp: Annotated[
        int | None,
        typer.Option("--timestamp", metavar="SECONDS", min=0, help="Time of the prices, Unix seconds.  [default: now]"),
    ] = None,
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book: a name in books/, or a file.")] = (
        "perps-13"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Make a price round file from prices.

    Each asset of the book needs a price. Funding is cumulative, per unit; left out, it is 0. The file holds what you
    say of prices: a verifier of a proof at it must have the same round from a source that they trust.
    """
    require_new_target(out)
    assets = load_book(book)
    data, where = read_csv(prices)
    moment = int(time.time()) if timestamp is None else timestamp
    made = parse_round(data, load_symbols(None, assets, book), round_id, moment, where)
    write_file(out, json.dumps(made.to_json(), indent=2) + "\n", overwrite=False)

    def render(console: Console) -> None:
        print_facts(console, [("file", str(out)), *round_facts(made)])

    emit({"file": str(out), **round_summary(made)}, render, as_json=as_json)
