"""Price rounds from CSV: a symbol, a price and its cumulative funding in each row."""

from collections.abc import Mapping
from typing import Final

from prover.formats import parse_number, parse_table
from prover.market._nearest import suggestion
from prover.market._round import PriceRound
from prover.market._symbol_map import SymbolMap
from prover.market._units import PRICE_DECIMALS, format_decimal
from verifier import InputError

_NEEDED: Final = ("symbol", "price")
_FURTHER: Final = ("funding",)


def parse_round(data: bytes, symbols: SymbolMap, round_id: int, timestamp: int, where: str) -> PriceRound:
    """Read a price round.

    Args:
        data: CSV with the header `symbol,price` or `symbol,price,funding`; prices in USD, funding per unit in USD.
        symbols: the names that it may use.
        round_id: of the round, from 1.
        timestamp: Unix seconds.
        where: names the file in errors.

    Raises:
        InputError: with the line: another header, an unknown or repeated symbol, or no number; an asset without price;
            or a price out of range or finer than 1e-9 USD.
    """
    book = symbols.book
    names = {symbol: symbol for symbol in book.slots} | dict(symbols.of("csv"))
    prices: dict[str, str] = {}
    funding: dict[str, str] = {}
    for at, row in parse_table(data, where, _NEEDED, _FURTHER):
        symbol = names.get(row["symbol"], names.get(row["symbol"].upper()))
        if symbol is None or symbol not in book.slots:
            raise InputError(f"{at}: the book {book.name} has no such symbol; {suggestion(row['symbol'], book.slots)}")
        if symbol in prices:
            raise InputError(f"{at}: a second price for {symbol}")
        prices[symbol] = _usd(row, "price", at)
        if row.get("funding"):
            funding[symbol] = _usd(row, "funding", at)
    content = {
        "format": "zksolvency/round/1",
        "book": book.name,
        "id": round_id,
        "timestamp": timestamp,
        "prices": prices,
        "funding": funding,
    }
    return PriceRound.from_json(content, book, where)


def _usd(row: Mapping[str, str], name: str, at: str) -> str:
    units = parse_number(row[name], f"{at}, {name}") * 10**PRICE_DECIMALS
    if units.denominator != 1:
        raise InputError(f"{at}, {name}: at most {PRICE_DECIMALS} digits after the point can be held exactly")
    return format_decimal(int(units), PRICE_DECIMALS)
