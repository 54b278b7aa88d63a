"""`zksolvency book new`."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import AssetList
from prover.cli._book_assets import render_assets, told_assets
from prover.cli._commands import examples, new_app
from prover.cli._files import read_csv
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts
from prover.market import TierTable, book_size, book_text, load_tiers, parse_instruments
from prover.storage import require_new_target, write_file
from prover.toolchain import BOOK_NAME
from verifier import InputError

app = new_app()


def _parse_size(text: str) -> Decimal:
    try:
        size = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("expected a number of USD") from None
    if not size.is_finite() or size <= 0:
        raise typer.BadParameter("expected a number of USD above 0")
    return size


@app.command(
    epilog=examples(
        "zksolvency book new --instruments instruments.csv --out my-book.json",
        "zksolvency book new --instruments instruments.csv --tiers tiers.json \\",
        "    --size 5000000 --out my-book.json",
    )
)
def new(
    instruments: Annotated[
        Path, typer.Option("--instruments", metavar="FILE", help="CSV with an asset a row; - for standard input.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Book to make; never overwritten. Its name is the book's.")
    ],
    tiers: Annotated[
        Path | None,
        typer.Option(
            "--tiers",
            metavar="FILE",
            help="Leverage tiers: what ccxt's fetch_leverage_tiers or Binance's leverageBracket answers.",
        ),
    ] = None,
    size: Annotated[
        Decimal | None,
        typer.Option(
            "--size", metavar="USD", parser=_parse_size, help="Largest position that the book must be able to close."
        ),
    ] = None,
    slots: Annotated[
        int | None,
        typer.Option("--slots", metavar="13|28|43|58", help="Slots of the book.  [default: the least that is enough]"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a book file from instruments and leverage tiers.

    The CSV has the columns symbol, kind (spot, perpetual, option) and price (what one is worth today, in USD). Margin
    fractions are columns too: maintenance and initial, such as 0.05, or tiers, the name of the contract in --tiers. A
    spot asset needs decimals (of its token), an option its underlying and, for a put, its strike.

    Limits follow the rules of docs/guides/risk-parameters.md: prices count from a tenth to a hundred times of today's,
    and a price moves by a third of the initial margin in a minute at most. Read the file before you deploy it.
    """
    require_new_target(out)
    if out.suffix != ".json" or not BOOK_NAME.fullmatch(out.stem):
        raise InputError(f"{out}: a book's file is named like my-book.json: small letters, digits and hyphens")
    if (tiers is None) != (size is None):
        raise InputError("--tiers and --size belong together: which tier counts depends on the size of a position")
    table = None if tiers is None or size is None else TierTable(load_tiers(tiers), size)
    assets = parse_instruments(*_csv(instruments, table))
    made = AssetList(out.stem, slots or book_size(assets), assets)
    write_file(out, book_text(made.name, made.n, made.assets), overwrite=False)

    def render(console: Console) -> None:
        print_facts(console, [("file", str(out)), ("digest", made.digest())])
        console.print()
        render_assets(console, made, {})

    emit({"file": str(out), **told_assets(made, {})}, render, as_json=as_json)


def _csv(path: Path, table: TierTable | None) -> tuple[bytes, TierTable | None, str]:
    data, where = read_csv(path)
    return data, table, where
