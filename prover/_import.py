"""Positions from a CSV file, such as a venue or a spreadsheet exports."""

from typing import Final

from prover._book import QUOTE_SYMBOL, AssetList
from prover._csv import parse_csv
from prover._units import BALANCE_DECIMALS, QUOTE_DECIMALS, parse_decimal
from verifier import InputError

HEADER: Final = ["symbol", "amount"]


def parse_positions(data: bytes, book: AssetList, where: str) -> tuple[dict[str, str], str]:
    """Read positions and quote from CSV: header `symbol,amount`, one row a symbol, QUOTE for the settlement currency.

    QUOTE is required: left out, it would silently count as zero. Symbols that are left out have no position. No cell
    of the file is ever shown in an error: a row with its cells swapped would put an amount where a symbol stands.

    Args:
        data: the file: UTF-8, with or without a byte order mark.
        book: whose symbols may stand in it.
        where: names the file in errors.

    Returns:
        Amounts by symbol, and the quote: decimal strings, exact.

    Raises:
        InputError: with the line: no such header, another number of cells, an unknown or repeated symbol, or an
            amount that is not a decimal string that the unit holds.
    """
    rows = parse_csv(data, where)
    if not rows or rows[0].cells != HEADER:
        raise InputError(f"{where}, line 1: expected the header {','.join(HEADER)}")

    amounts: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in rows[1:]:
        at = f"{where}, line {line}"
        if len(row) != len(HEADER):
            raise InputError(f"{at}: expected a symbol and an amount, found {len(row)} cells")
        symbol, amount = row
        if symbol != QUOTE_SYMBOL and symbol not in book.slots:
            raise InputError(f"{at}: the book {book.name} has no such symbol")
        if symbol in lines:
            raise InputError(f"{at}: the symbol stands in line {lines[symbol]} already")
        parse_decimal(amount, QUOTE_DECIMALS if symbol == QUOTE_SYMBOL else BALANCE_DECIMALS, at)
        amounts[symbol], lines[symbol] = amount, line
    if QUOTE_SYMBOL not in amounts:
        raise InputError(f"{where}: no row for {QUOTE_SYMBOL}; write `{QUOTE_SYMBOL},0` when there is none")
    quote = amounts.pop(QUOTE_SYMBOL)
    return amounts, quote
