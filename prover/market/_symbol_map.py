"""What exchanges call the assets of a book, and what a name may have meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self

from prover.market._book import AssetList
from prover.market._nearest import suggestion
from prover.storage import FileModel, load_model
from verifier import InputError

CASH_SYMBOL: Final = "CASH"
"""Names the wallet balance in files of positions: before the profit of what is open."""

EQUITY_SYMBOL: Final = "EQUITY"
"""Names the whole of an account in files of positions: after the profit of what is open."""


class _SymbolFile(FileModel):
    format: Literal["zksolvency/symbols/1"]
    book: str
    symbols: dict[str, dict[str, str]]


@dataclass(frozen=True)
class SymbolMap:
    """Names of assets by exchange.

    Attributes:
        book: whose symbols they mean.
        venues: symbol of the book, or CASH, by the exchange's name of it, by exchange.
    """

    book: AssetList = field(repr=False)
    venues: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read a symbol map.

        Raises:
            InputError: malformed, of another book, or a name means what the book does not have.
        """
        file = load_model(_SymbolFile, path, "symbol map")
        where = f"symbol map {path}"
        if file.book != book.name:
            raise InputError(f"{where}: it belongs to the book {file.book[:40]!r}, not {book.name!r}")
        for venue, names in file.symbols.items():
            require_symbols(names, book, f"{where}, {venue[:40]}")
        return cls(book, file.symbols)

    def of(self, venue: str) -> Mapping[str, str]:
        """The names of one exchange. Symbols of the book are none of them: SOL may be spot here, a perpetual there."""
        return self.venues.get(venue, {})


def require_symbols(names: Mapping[str, str], book: AssetList, where: str) -> None:
    """Refuse names that mean what the book does not have. Raises InputError."""
    for name, symbol in names.items():
        if symbol != CASH_SYMBOL and symbol not in book.slots:
            raise InputError(f"{where}: {name[:40]!r} means no symbol of the book; {suggestion(symbol, book.slots)}")
