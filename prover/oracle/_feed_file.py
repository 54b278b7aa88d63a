"""What a price feed says: prices by symbol, each with the time at which the feed saw it.

Two forms are read: JSON of `zksolvency/prices/1`, and CSV with a time in each row. A price round file is read too. A
number that cannot be read costs its own symbol, and nothing is put in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field

from prover.formats import parse_number, parse_table
from prover.market import PRICE_DECIMALS, AssetList, ReportedPrices, parse_decimal
from prover.storage import FileModel, validate_model
from verifier import InputError, parse_json

FORMAT: Final = "zksolvency/prices/1"

_ROUND_FORMAT: Final = "zksolvency/round/1"
_COLUMNS: Final = ("symbol", "price", "timestamp")
_FUNDING: Final = "funding"
_MAX_TIME: Final = 1 << 64
_MAX_DIGITS: Final = 20


class _PricesFile(FileModel):
    format: Literal["zksolvency/prices/1"]
    timestamp: Annotated[int, Field(ge=0, lt=_MAX_TIME)]
    prices: dict[str, str]
    funding: Annotated[dict[str, str], Field(default_factory=dict)]


@dataclass(frozen=True, slots=True)
class SeenPrice:
    """A price of a feed.

    Attributes:
        price: mark price [1e-9 USD].
        funding: cumulative funding per unit [1e-9 USD].
        timestamp: when the feed saw it, Unix seconds.
    """

    price: int
    funding: int
    timestamp: int


@dataclass(frozen=True)
class FeedPrices:
    """What a feed says at one time.

    Attributes:
        prices: by symbol of the book.
        faults: why a symbol of the book has no price in the feed, where the feed names it.
        unknown: names that are no symbol of the book.
    """

    prices: Mapping[str, SeenPrice]
    faults: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def parse_feed(data: bytes, where: str, book: AssetList) -> FeedPrices:
    """Read what a feed says.

    Args:
        data: JSON or CSV.
        where: names the feed in errors.
        book: whose symbols count.

    Raises:
        InputError: it is neither, or has no time.
    """
    if not data.lstrip().startswith((b"{", b"[")):
        return _from_csv(data, where, book)
    content = parse_json(data, where)
    if isinstance(content, dict) and content.get("format") == _ROUND_FORMAT:
        return _from_round(ReportedPrices.from_json(content, book, where))
    file = validate_model(_PricesFile, content, where)
    prices, faults = {}, {}
    for symbol, text in file.prices.items():
        try:
            price = parse_decimal(text, PRICE_DECIMALS, "its price")
            funding = parse_decimal(file.funding.get(symbol, "0"), PRICE_DECIMALS, "its funding")
            prices[symbol] = SeenPrice(price, funding, file.timestamp)
        except InputError as error:
            faults[symbol] = str(error)
    faults |= dict.fromkeys(file.funding.keys() - file.prices.keys(), "it has funding and no price")
    return _of_book(prices, faults, book)


def _from_round(reported: ReportedPrices) -> FeedPrices:
    values, funding = reported.report_values()
    named = enumerate(reported.book.assets)
    prices = {
        asset.symbol: SeenPrice(price, funding[slot], reported.timestamp)
        for slot, asset in named
        if (price := values[slot]) is not None
    }
    return FeedPrices(prices)


def _from_csv(data: bytes, where: str, book: AssetList) -> FeedPrices:
    prices: dict[str, SeenPrice] = {}
    faults: dict[str, str] = {}
    for _, row in parse_table(data, where, _COLUMNS, (_FUNDING,)):
        symbol = row["symbol"]
        if symbol in prices or symbol in faults:
            faults[symbol] = "it is in two rows"
            continue
        try:
            prices[symbol] = SeenPrice(
                _usd(row["price"], "its price"), _usd(row.get(_FUNDING) or "0", "its funding"), _time(row["timestamp"])
            )
        except InputError as error:
            faults[symbol] = str(error)
    return _of_book({name: price for name, price in prices.items() if name not in faults}, faults, book)


def _of_book(prices: Mapping[str, SeenPrice], faults: Mapping[str, str], book: AssetList) -> FeedPrices:
    known = book.slots
    unknown = sorted({*prices, *faults} - known.keys())
    return FeedPrices(
        {symbol: price for symbol, price in prices.items() if symbol in known},
        {symbol: fault for symbol, fault in faults.items() if symbol in known},
        tuple(unknown),
    )


def _usd(text: str, where: str) -> int:
    units = parse_number(text, where) * 10**PRICE_DECIMALS
    if units.denominator != 1:
        raise InputError(f"{where}: at most {PRICE_DECIMALS} digits after the point can be held exactly")
    return int(units)


def _time(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS or int(text) >= _MAX_TIME:
        raise InputError("its timestamp: expected Unix seconds")
    return int(text)
