"""Margin fractions from the leverage tiers that an exchange publishes, and the example book made of them.

    pip download --no-deps --dest /tmp/tiers freqtrade==2026.9
    python tools/leverage_tiers.py write /tmp/tiers/freqtrade-2026.9-py3-none-any.whl
    python tools/leverage_tiers.py show tests/vectors/binance-tiers.json XRP/USDT:USDT 250000

`write` takes the tiers of the perpetuals of the book out of the wheel into tests/vectors/binance-tiers.json, and writes
books/majors-13.json from there. `show` prints the fractions of any symbol at any position size, from the wheel or from
the excerpt. The choices that exchanges do not determine are below, and explained in docs/guides/risk-parameters.md.
"""

import argparse
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from prover import Asset, AssetKind
from prover.market import (
    OPTION_PPM,
    PRICE_DECIMALS,
    TierTable,
    book_text,
    listed_asset,
    option_terms,
    parse_decimal,
    tier_at,
    tiers_of,
)

ROOT: Final = Path(__file__).parent.parent
EXCERPT: Final = ROOT / "tests" / "vectors" / "binance-tiers.json"
BOOK: Final = ROOT / "books" / "majors-13.json"

VERSION: Final = "2026.9"
SNAPSHOT_FILE: Final = "freqtrade/exchange/binance_leverage_tiers.json"
FIELDS: Final = ("minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage")

POSITION_SIZE: Final = Decimal(5_000_000)
"""The largest position that the fractions of the book are made for [USD]."""

PERPETUALS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "AVAX", "LINK")
SPOT: Final = (("WBTC", 8, 100_000, 150_000), ("WETH", 18, 100_000, 150_000), ("SOL", 9, 200_000, 250_000))
"""Symbol, decimals of its token, maintenance and initial fraction [ppm]."""

OPTIONS: Final = (
    ("BTC-26MAR27-80000-P", "BTC", 80_000, "500"),
    ("BTC-26MAR27-120000-C", "BTC", 0, "500"),
    ("ETH-26MAR27-3000-P", "ETH", 3_000, "50"),
)
"""Symbol, underlying, strike of a put or 0 [USD], how far any price of it may move in a minute [USD]."""

PRICES: Final = {
    "BTC": ("10000", "10000000"),
    "ETH": ("300", "300000"),
    "SOL": ("10", "10000"),
    "XRP": ("0.1", "100"),
    "DOGE": ("0.01", "10"),
    "AVAX": ("1", "1000"),
    "LINK": ("1", "1000"),
}
"""The least and the greatest price that count [USD]: about a tenth and a hundred times of what they were."""

Rows = Sequence[Mapping[str, str]]
"""Tiers of a symbol as the snapshot writes them, every number as its text."""


def read_rows(snapshot: Path) -> tuple[dict[str, Rows], str]:
    """Read the tiers of every symbol, and the SHA-256 of the original, from the wheel or from the excerpt."""
    if snapshot.suffix == ".whl":
        with zipfile.ZipFile(snapshot) as wheel:
            assert f"freqtrade-{VERSION}.dist-info/METADATA" in wheel.namelist(), f"not freqtrade {VERSION}"
            data = wheel.read(SNAPSHOT_FILE)
        return parse(data), hashlib.sha256(data).hexdigest()
    content = parse(snapshot.read_bytes())
    return content["tiers"], content["source"]["sha256"]


def parse(data: bytes) -> Any:
    """JSON with numbers left as their text: none passes through a float."""
    return json.loads(data, parse_float=str, parse_int=str)


def pair(underlying: str) -> str:
    """The perpetual of an underlying, as the snapshot calls it: the one settled in USDT."""
    return f"{underlying}/USDT:USDT"


def perpetual(underlying: str, rows: Rows) -> Asset:
    """A perpetual with the fractions of its tier, and the least that the exchange asks as floor."""
    table = TierTable({pair(underlying): tiers_of(rows, pair(underlying))}, POSITION_SIZE)
    fractions = table.fractions(pair(underlying), underlying)
    return listed_asset(f"{underlying}-PERP", AssetKind.PERPETUAL, fractions, price_range(*PRICES[underlying]))


def price_range(least: str, greatest: str) -> tuple[int, int]:
    """Two prices [1e-9 USD]."""
    return units(least), units(greatest)


def units(usd: str) -> int:
    """A price [1e-9 USD]."""
    return parse_decimal(usd, PRICE_DECIMALS, "price")


def option(symbol: str, underlying: str, strike: int, move: str) -> Asset:
    """An option. A put is worth its strike at most."""
    maintenance, initial = OPTION_PPM
    return listed_asset(
        symbol,
        AssetKind.OPTION,
        (maintenance, initial, maintenance // 2),
        price_range("0", str(strike) if strike else PRICES[underlying][1]),
        move=units(move),
        option=option_terms(f"{underlying}-PERP", strike * 10**PRICE_DECIMALS),
    )


def assets(tiers: Mapping[str, Rows]) -> list[Asset]:
    """The assets of the book."""
    spot = [
        listed_asset(
            symbol,
            AssetKind.SPOT,
            (maintenance, initial, maintenance // 2),
            price_range(*PRICES[symbol.removeprefix("W")]),
            decimals=decimals,
        )
        for symbol, decimals, maintenance, initial in SPOT
    ]
    perpetuals = [perpetual(underlying, tiers[pair(underlying)]) for underlying in PERPETUALS]
    return [*spot, *perpetuals, *(option(*terms) for terms in OPTIONS)]


def excerpt_text(tiers: Mapping[str, Rows], digest: str) -> str:
    """The tiers of the book's perpetuals, a tier a line, with where they come from."""
    source = {
        "package": "freqtrade",
        "registry": "PyPI",
        "version": VERSION,
        "file": SNAPSHOT_FILE,
        "sha256": digest,
        "licence": "GPL-3.0",
        "changes": f"{len(PERPETUALS)} of its symbols, {len(FIELDS)} of the fields of each tier, numbers as text",
    }
    symbols = []
    for symbol in map(pair, PERPETUALS):
        lines = ",\n".join(f"      {json.dumps({field: tier[field] for field in FIELDS})}" for tier in tiers[symbol])
        symbols.append(f'    "{symbol}": [\n{lines}\n    ]')
    head = json.dumps(source, indent=2).replace("\n", "\n  ")
    return f'{{\n  "source": {head},\n  "tiers": {{\n' + ",\n".join(symbols) + "\n  }\n}\n"


def main() -> None:
    """Run one of the commands above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="write excerpt and book from the wheel")
    write.add_argument("wheel", type=Path)
    show = commands.add_parser("show", help="print the fractions of a symbol at a position size")
    show.add_argument("snapshot", type=Path, help="the wheel or the excerpt")
    show.add_argument("symbol", help="such as BTC/USDT:USDT")
    show.add_argument("size", type=Decimal, help="of the position [USD]")
    words = parser.parse_args()
    if words.command == "show":
        tier = tier_at(tiers_of(read_rows(words.snapshot)[0][words.symbol], words.symbol), words.size, words.symbol)
        print(f"tier from {tier.floor} to {tier.cap} USDT")
        print(f"maintenance {tier.maintenance_ppm()} ppm, initial {tier.initial_ppm()} ppm")
    else:
        EXCERPT.write_text(excerpt_text(*read_rows(words.wheel)))
        listed = assets(read_rows(EXCERPT)[0])
        BOOK.write_text(book_text(BOOK.stem, len(listed), listed))
        print(f"written: {EXCERPT.relative_to(ROOT)}, {BOOK.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
