"""Positions from a CSV file, such as a spreadsheet or an exchange's page exports.

No cell of the file is ever shown in an error: a row with its cells swapped puts an amount into the column of symbols.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field

from prover.account._portfolio import Basis, Holding, Portfolio, Settlement, exact_balance
from prover.formats import CsvRow, DecimalMark, parse_csv, parse_number
from prover.market import CASH_SYMBOL, EQUITY_SYMBOL, QUOTE_SYMBOL, AssetList, SymbolMap, require_symbols, suggestion
from prover.storage import FileModel, load_model
from verifier import InputError

HEADER: Final = ("symbol", "amount", "entry")
"""Of the files that this program writes."""

_DELIMITERS: Final = (",", ";", "\t")
_HEADINGS: Final[Mapping[str, frozenset[str]]] = {
    "symbol": frozenset({"symbol", "asset", "instrument", "market", "coin"}),
    "amount": frozenset({"amount", "size", "quantity", "qty", "balance"}),
    "side": frozenset({"side", "direction"}),
    "mark": frozenset({"mark", "markprice"}),
    "entry": frozenset({"entry", "entryprice", "averageprice", "averageentryprice", "avgprice", "avgentryprice"}),
}
_LONG: Final = frozenset({"long", "buy"})
_SHORT: Final = frozenset({"short", "sell"})
_UNSIDED: Final = frozenset({"", "both", "net"})
_SETTLEMENTS: Final = {CASH_SYMBOL: Basis.CASH, EQUITY_SYMBOL: Basis.EQUITY, QUOTE_SYMBOL: Basis.STATE}


class _ColumnsFile(FileModel):
    format: Literal["zksolvency/columns/1"]
    symbol: str
    amount: str
    side: str | None = None
    entry: str | None = None
    mark: str | None = None
    long: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    decimal: Literal["point", "comma"] | None = None
    symbols: Annotated[dict[str, str], Field(default_factory=dict)]


@dataclass(frozen=True)
class Columns:
    """Which columns of a file hold what, where their headings do not say it.

    Attributes:
        headings: of the file, by `symbol`, `amount`, `side`, `entry` and `mark`.
        long: words of the side column for a long position,
        short: and for a short one, in lower case.
        decimal: the decimal mark; None where the file may have either.
        symbols: symbol of the book, or CASH, by the file's name of it.
    """

    headings: Mapping[str, str]
    long: frozenset[str] = _LONG
    short: frozenset[str] = _SHORT
    decimal: DecimalMark | None = None
    symbols: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read a mapping file.

        Raises:
            InputError: malformed, or a name means what the book does not have.
        """
        file = load_model(_ColumnsFile, path, "mapping file")
        require_symbols(file.symbols, book, f"mapping file {path}, symbols")
        headings = {name: getattr(file, name) for name in _HEADINGS}
        return cls(
            {name: heading for name, heading in headings.items() if heading is not None},
            frozenset(map(str.lower, file.long)) or _LONG,
            frozenset(map(str.lower, file.short)) or _SHORT,
            None if file.decimal is None else DecimalMark(file.decimal),
            file.symbols,
        )


class _Table(NamedTuple):
    """A file whose header is understood: where each column is, and what was between cells."""

    rows: Sequence[CsvRow]
    width: int
    places: Mapping[str, int]
    delimiter: str


def parse_portfolio(
    data: bytes,
    symbols: SymbolMap,
    where: str,
    columns: Columns | None = None,
    decimal: DecimalMark | None = None,
) -> Portfolio:
    """Read positions from CSV: a symbol, an amount, and where there are perpetuals an entry price in each row.

    The row CASH holds the wallet balance, before unrealised profit. A row EQUITY in its place holds what the account is
    worth at the prices of a column `mark`. A row QUOTE says that the file is a state of a book, whose quote is cash
    less the sum of size times entry price. Amounts of 0 are no positions.

    Args:
        data: the file: UTF-8, cells separated by commas, semicolons or tabs.
        symbols: the names that it may use.
        where: names the file in errors.
        columns: which columns hold what; None for the headings of `_HEADINGS`.
        decimal: the decimal mark; None: a point in a file with commas between cells, and in others whatever has one
            reading.

    Raises:
        InputError: with the line: no such header, a symbol that is unknown or appears twice on one side, a number that
            has no reading or two, or a side that contradicts the sign of the amount.
    """
    table = _table(data, where, columns)
    mark = decimal or (columns.decimal if columns else None)
    if mark is None and table.delimiter == ",":
        mark = DecimalMark.POINT
    reader = _Reader(symbols, table, columns or Columns({}), mark, where)
    for row in table.rows:
        if any(row.cells):
            reader.read(row)
    return reader.portfolio()


def _table(data: bytes, where: str, columns: Columns | None) -> _Table:
    if data.lstrip().startswith((b"{", b"[")):
        raise InputError(f"{where}: this is JSON; name the exchange that it is from with --from")
    header = next((line for line in data.splitlines() if line.strip()), b"")
    for delimiter in _DELIMITERS:
        headings = [row.cells for row in parse_csv(header, f"{where}, line 1", delimiter)]
        places = _places(headings[0], where, columns) if headings else {}
        if {"symbol", "amount"} <= set(places):
            return _Table(parse_csv(data, where, delimiter)[1:], len(headings[0]), places, delimiter)
    if columns is not None:
        raise InputError(f"{where}, line 1: expected a header with the columns that the mapping file names")
    raise InputError(
        f"{where}, line 1: expected a header with a column for the symbol and one for the amount, such as "
        f"{','.join(HEADER)}; `zksolvency account template` writes one, and a mapping file names other columns"
    )


def _places(header: Sequence[str], where: str, columns: Columns | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(header):
        for name in _meanings(heading, columns):
            if name in found:
                raise InputError(
                    f"{where}, line 1: columns {found[name] + 1} and {place + 1} may both be the {name}; remove one, "
                    "or name the right one in a mapping file"
                )
            found[name] = place
    if columns is not None and set(found) != set(columns.headings):
        return {}
    return found


def _meanings(heading: str, columns: Columns | None) -> list[str]:
    if columns is not None:
        return [name for name, wanted in columns.headings.items() if wanted == heading]
    word = re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)", "", heading.lower()))
    return [name for name, words in _HEADINGS.items() if word in words]


class _Reader:
    """Reads rows to positions."""

    def __init__(
        self, symbols: SymbolMap, table: _Table, columns: Columns, mark: DecimalMark | None, where: str
    ) -> None:
        self._book = symbols.book
        own = {symbol: symbol for symbol in (*symbols.book.slots, *_SETTLEMENTS)}
        self._names = own | dict(symbols.of("csv")) | dict(columns.symbols)
        self._table = table
        self._columns = columns
        self._mark = mark
        self._where = where
        self._holdings: list[Holding] = []
        self._lines: dict[tuple[str, int], int] = {}
        self._settlement: Settlement | None = None

    def read(self, row: CsvRow) -> None:
        at = f"{self._where}, line {row.line}"
        if len(row.cells) != self._table.width:
            raise InputError(f"{at}: expected {self._table.width} cells as in the header, found {len(row.cells)}")
        cells = {name: row.cells[place] for name, place in self._table.places.items()}
        symbol = self._symbol(cells["symbol"], at)
        amount = parse_number(cells["amount"], f"{at}, amount", self._mark)
        if symbol in _SETTLEMENTS:
            self._settle(Settlement(_SETTLEMENTS[symbol], amount), at)
        else:
            signed = self._signed(amount, cells.get("side", ""), at)
            prices = [self._price(cells.get(name, ""), f"{at}, {name}") for name in ("entry", "mark")]
            balance = exact_balance(signed, f"{at}, amount")
            self._hold(symbol, Holding(self._book.slots[symbol], balance, *prices), row.line)

    def portfolio(self) -> Portfolio:
        return Portfolio(tuple(holding for holding in self._holdings if holding.amount), self._settlement)

    def _symbol(self, name: str, at: str) -> str:
        symbol = self._names.get(name, self._names.get(name.upper()))
        if symbol is None:
            hint = suggestion(name, self._book.slots, _SETTLEMENTS)
            raise InputError(f"{at}: the book {self._book.name} has no such symbol; {hint}")
        return symbol

    def _settle(self, settlement: Settlement, at: str) -> None:
        if self._settlement is not None:
            raise InputError(f"{at}: a second row of the settlement currency ({', '.join(_SETTLEMENTS)})")
        self._settlement = settlement

    def _signed(self, amount: Fraction, side: str, at: str) -> Fraction:
        word = side.lower()
        if word in self._columns.short:
            return -abs(amount)
        if word in self._columns.long:
            if amount < 0:
                raise InputError(f"{at}: a long position with a negative amount")
            return amount
        if word not in _UNSIDED:
            raise InputError(f"{at}: the side is neither long nor short (buy nor sell)")
        return amount

    def _price(self, text: str, at: str) -> Fraction | None:
        price = parse_number(text, at, self._mark) if text else None
        if price is not None and price <= 0:
            raise InputError(f"{at}: a price must be above 0; leave the cell empty where there is none")
        return price

    def _hold(self, symbol: str, holding: Holding, line: int) -> None:
        """Keep a position. One asset may be on both sides where the file has a column for the side."""
        is_sided = "side" in self._table.places and holding.amount
        key = (symbol, 0 if not is_sided else 1 if holding.amount > 0 else -1)
        if key in self._lines:
            raise InputError(f"{self._where}, line {line}: the symbol is in line {self._lines[key]} already")
        self._lines[key] = line
        self._holdings.append(holding)
