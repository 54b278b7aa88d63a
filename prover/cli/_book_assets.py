"""`zksolvency book assets`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover import AssetList
from prover.cli._commands import examples, new_app
from prover.cli._files import load_symbols
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table
from prover.market import PRICE_DECIMALS, format_decimal, format_ppm
from prover.toolchain import load_book

app = new_app()


@app.command(epilog=examples("zksolvency book assets perps-13", "zksolvency book assets my-book.json --json"))
def assets(
    book: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Book: a name in books/, or a file.")],
    symbols: Annotated[
        Path | None,
        typer.Option(
            "--symbols", metavar="FILE", help="Symbol map.  [default: the one in the folder symbols beside the book]"
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the assets of a book file, and what exchanges call them.

    Margins are fractions of the price; of options, those of the long side. Assets with limits can be listed on chain.
    """
    loaded = load_book(book)
    names = _names(load_symbols(symbols, loaded, book).venues)

    def render(console: Console) -> None:
        print_facts(
            console,
            [
                ("book", f"{loaded.name}, {len(loaded.assets)} assets in {loaded.n} slots"),
                ("digest", loaded.digest()),
            ],
        )
        console.print()
        render_assets(console, loaded, names)

    emit(told_assets(loaded, names), render, as_json=as_json)


def render_assets(console: Console, book: AssetList, names: Mapping[str, Mapping[str, list[str]]]) -> None:
    """Print a table of a book's assets, and one of what exchanges call them."""
    rows = [
        [
            asset.symbol,
            asset.kind.value,
            format_ppm(asset.maintenance_margin_ppm),
            format_ppm(asset.initial_margin_ppm),
            "yes" if asset.limits else "no",
        ]
        for asset in book.assets
    ]
    print_table(console, columns(["asset", "kind", "maintenance", "initial", "limits"], rows, left=2))
    called = [
        [asset.symbol, *(", ".join(venue.get(asset.symbol, [])) for venue in names.values())] for asset in book.assets
    ]
    if names:
        console.print()
        print_table(console, columns(["asset", *names], [row for row in called if any(row[1:])], left=1 + len(names)))


def told_assets(book: AssetList, names: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Any]:
    """The assets of a book for machines."""
    return {
        "book": {"name": book.name, "digest": book.digest(), "slots": book.n},
        "assets": [
            {
                "slot": slot,
                "symbol": asset.symbol,
                "kind": asset.kind.value,
                "maintenance_margin_ppm": asset.maintenance_margin_ppm,
                "initial_margin_ppm": asset.initial_margin_ppm,
                "underlying": asset.option.underlying if asset.option else None,
                "strike": format_decimal(asset.option.strike, PRICE_DECIMALS) if asset.option else None,
                "limits": asset.limits is not None,
                "names": {venue: called[asset.symbol] for venue, called in names.items() if asset.symbol in called},
            }
            for slot, asset in enumerate(book.assets)
        ],
    }


def _names(venues: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, list[str]]]:
    """Names by symbol of the book, by exchange."""
    result: dict[str, dict[str, list[str]]] = {}
    for venue, symbols in venues.items():
        for name, symbol in symbols.items():
            result.setdefault(venue, {}).setdefault(symbol, []).append(name)
    return result
