"""Margin fractions from the leverage tiers that an exchange publishes, and the example book made of them.

    pip download --no-deps --dest /tmp/tiers freqtrade==2026.9
    python tools/leverage_tiers.py write /tmp/tiers/freqtrade-2026.9-py3-none-any.whl
    python tools/leverage_tiers.py show tests/vectors/binance-tiers.json XRP/USDT:USDT 250000

`write` takes the tiers of the perpetuals of the book out of the wheel into tests/vectors/binance-tiers.json, and writes
books/majors-13.json from there. `show` prints the fractions of any symbol at any position size, from the wheel or from
the excerpt. The choices that no exchange makes for us stand below and are explained in docs/guides/risk-parameters.md.
"""

import argparse
import hashlib
import itertools
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, Final

from prover import Asset, AssetKind, Limits, OptionTerms
from prover._listing import LIMITS_IN_MARGIN
from prover._units import PRICE_DECIMALS, format_decimal, parse_decimal

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
"""Symbol, underlying, strike of a put or 0 [USD], how far its price may move in a minute whatever it is [USD]."""

OPTION_FRACTIONS: Final = (750_000, 1_000_000)
"""Maintenance and initial [ppm of the option's own price], on either side."""

UNDERLYING_FRACTIONS: Final = (100_000, 150_000)
"""Maintenance and initial of the short side [ppm of the underlying's price, or of the strike]."""

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

PPM: Final = 1_000_000
DERIVATIVE_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class Tier:
    """What an exchange asks of positions from one size to another.

    Attributes:
        floor: the least size [USDT], taken as USD.
        cap: the greatest size [USDT].
        maintenance_rate: maintenance margin as a fraction of the size.
        max_leverage: how many times the margin a position may be when it is opened.
    """

    floor: Decimal
    cap: Decimal
    maintenance_rate: Decimal
    max_leverage: Decimal

    def maintenance_ppm(self) -> int:
        """Maintenance fraction [ppm], rounded up."""
        return int((self.maintenance_rate * PPM).to_integral_value(ROUND_CEILING))

    def initial_ppm(self) -> int:
        """Initial fraction [ppm]: 1 / leverage, rounded up: rounded down it would allow more leverage."""
        return int((PPM / self.max_leverage).to_integral_value(ROUND_CEILING))


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


def tiers_of(rows: Rows) -> list[Tier]:
    """Tiers by size, without gaps, each stricter than the one before.

    Raises:
        ValueError: they are not.
    """
    tiers = sorted((Tier(*(Decimal(row[field]) for field in FIELDS)) for row in rows), key=lambda tier: tier.floor)
    for below, above in itertools.pairwise(tiers):
        stricter = below.maintenance_rate <= above.maintenance_rate and below.max_leverage >= above.max_leverage
        if below.cap != above.floor or not stricter:
            raise ValueError(f"tiers below and above {above.floor} do not fit together")
    return tiers


def tier_at(tiers: Sequence[Tier], size: Decimal) -> Tier:
    """The tier that holds a position; the stricter one where two meet.

    Args:
        tiers: by size.
        size: of the position [USD].

    Raises:
        ValueError: no position of that size is allowed.
    """
    holding = [tier for tier in tiers if tier.floor <= size <= tier.cap]
    if not holding:
        raise ValueError(f"no tier holds a position of {size}")
    return holding[-1]


def pair(underlying: str) -> str:
    """The perpetual of an underlying, as the snapshot calls it: the one settled in USDT."""
    return f"{underlying}/USDT:USDT"


def perpetual(underlying: str, rows: Rows) -> Asset:
    """A perpetual with the fractions of its tier, and the least that the exchange asks of anybody as floor."""
    tiers = tiers_of(rows)
    tier = tier_at(tiers, POSITION_SIZE)
    floor = tiers[0].maintenance_ppm()
    return asset(f"{underlying}-PERP", AssetKind.PERPETUAL, tier.maintenance_ppm(), tier.initial_ppm(), floor=floor)


def asset(
    symbol: str,
    kind: AssetKind,
    maintenance: int,
    initial: int,
    *,
    floor: int,
    decimals: int = DERIVATIVE_DECIMALS,
    prices: tuple[str, str] | None = None,
    amount: str = "0",
    option: OptionTerms | None = None,
) -> Asset:
    """An asset whose initial fraction a steward can double at most, and whose limit is a third of it."""
    least, greatest = prices or PRICES[symbol.removesuffix("-PERP").removeprefix("W")]
    bounds = (parse_decimal(text, PRICE_DECIMALS, symbol) for text in (amount, least, greatest))
    limits = Limits(decimals, floor, min(2 * initial, PPM), initial // LIMITS_IN_MARGIN, *bounds)
    return Asset(symbol, kind, initial, maintenance, option, limits)


def option(symbol: str, underlying: str, strike: int, amount: str) -> Asset:
    """An option. A put is worth its strike at most."""
    maintenance, initial = OPTION_FRACTIONS
    under_maintenance, under_initial = UNDERLYING_FRACTIONS
    terms = OptionTerms(
        underlying=f"{underlying}-PERP",
        strike=strike * 10**PRICE_DECIMALS,
        short_initial_ppm=initial,
        short_maintenance_ppm=maintenance,
        underlying_initial_ppm=under_initial,
        underlying_maintenance_ppm=under_maintenance,
    )
    return asset(
        symbol,
        AssetKind.OPTION,
        maintenance,
        initial,
        floor=maintenance // 2,
        prices=("0", str(strike) if strike else PRICES[underlying][1]),
        amount=amount,
        option=terms,
    )


def assets(tiers: Mapping[str, Rows]) -> list[Asset]:
    """The assets of the book."""
    spot = [
        asset(symbol, AssetKind.SPOT, maintenance, initial, floor=maintenance // 2, decimals=decimals)
        for symbol, decimals, maintenance, initial in SPOT
    ]
    perpetuals = [perpetual(underlying, tiers[pair(underlying)]) for underlying in PERPETUALS]
    return [*spot, *perpetuals, *(option(*terms) for terms in OPTIONS)]


def book_text(tiers: Mapping[str, Rows]) -> str:
    """The book file, an asset a line."""
    listed = assets(tiers)
    lines = ",\n".join(f"    {json.dumps(row(item))}" for item in listed)
    head = f'"format": "zksolvency/book/1",\n  "name": "{BOOK.stem}",\n  "n": {len(listed)}'
    return f'{{\n  {head},\n  "assets": [\n{lines}\n  ]\n}}\n'


def row(item: Asset) -> dict[str, object]:
    """An asset as a book file has it."""
    assert item.limits is not None
    result: dict[str, object] = {
        "symbol": item.symbol,
        "kind": item.kind.value,
        "initial_margin_ppm": item.initial_margin_ppm,
        "maintenance_margin_ppm": item.maintenance_margin_ppm,
    }
    if item.option is not None:
        strike = {"strike": usd(item.option.strike)} if item.option.strike else {}
        result["option"] = {
            "underlying": item.option.underlying,
            **strike,
            "short_initial_margin_ppm": item.option.short_initial_ppm,
            "short_maintenance_margin_ppm": item.option.short_maintenance_ppm,
            "underlying_initial_margin_ppm": item.option.underlying_initial_ppm,
            "underlying_maintenance_margin_ppm": item.option.underlying_maintenance_ppm,
        }
    result["limits"] = {
        "decimals": item.limits.decimals,
        "floor_ppm": item.limits.floor_ppm,
        "ceiling_ppm": item.limits.ceiling_ppm,
        "deviation_ppm": item.limits.deviation_ppm,
        "deviation_amount": usd(item.limits.deviation_amount),
        "least_price": usd(item.limits.least_price),
        "greatest_price": usd(item.limits.greatest_price),
    }
    return result


def usd(amount: int) -> str:
    """An amount as a book file has it [1e-9 USD]."""
    return format_decimal(amount, PRICE_DECIMALS)


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
        tier = tier_at(tiers_of(read_rows(words.snapshot)[0][words.symbol]), words.size)
        print(f"tier from {tier.floor} to {tier.cap} USDT")
        print(f"maintenance {tier.maintenance_ppm()} ppm, initial {tier.initial_ppm()} ppm")
    else:
        EXCERPT.write_text(excerpt_text(*read_rows(words.wheel)))
        BOOK.write_text(book_text(read_rows(EXCERPT)[0]))
        print(f"written: {EXCERPT.relative_to(ROOT)}, {BOOK.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
