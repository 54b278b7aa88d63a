"""The terms of a trade of one or several legs: from CSV, standard input or a dialogue, never from the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import typer

from prover import AssetList, Side
from prover.cli._files import read_csv
from prover.formats import parse_csv
from prover.market import BALANCE_BITS, BALANCE_DECIMALS, PRICE_DECIMALS, parse_decimal, suggestion
from verifier import PRICE_BITS, InputError

HEADER: Final = ("side", "asset", "size", "price")

_T = TypeVar("_T")
_SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL}


@dataclass(frozen=True)
class Terms:
    """One leg of what a party offers to trade. Secret.

    Attributes:
        side: what its maker does.
        slot: of the asset.
        size: [1e-9 token], above 0.
        price: mark price that both agree on [1e-9 USD], above 0.
    """

    side: Side = field(repr=False)
    slot: int = field(repr=False)
    size: int = field(repr=False)
    price: int = field(repr=False)


def read_terms(path: Path, book: AssetList) -> tuple[Terms, ...]:
    """Read the legs of one trade; `-` is standard input. Raises InputError as `parse_terms`, or when unreadable."""
    data, where = read_csv(path)
    return parse_terms(data, book, where)


def parse_terms(data: bytes, book: AssetList, where: str) -> tuple[Terms, ...]:
    """Read terms from CSV: header `side,asset,size,price` and a row for each leg.

    No cell is ever shown in an error: a row with its cells swapped would put a size where the asset stands.

    Args:
        data: the file: UTF-8, with or without a byte order mark.
        book: whose assets may stand in it.
        where: names the file in errors.

    Raises:
        InputError: another header, no row, an asset in two rows, or a cell that is not what its heading says.
    """
    rows = [row.cells for row in parse_csv(data, where)]
    if not rows or tuple(rows[0]) != HEADER:
        raise InputError(f"{where}: expected the header {','.join(HEADER)}")
    if len(rows) == 1:
        raise InputError(f"{where}: expected a row below the header for each asset that is traded, found none")
    legs = tuple(_leg(cells, book, f"{where}, row {number}") for number, cells in enumerate(rows[1:], start=1))
    if len({leg.slot for leg in legs}) != len(legs):
        raise InputError(f"{where}: an asset stands in two rows")
    return legs


def _leg(cells: Sequence[str], book: AssetList, where: str) -> Terms:
    if len(cells) != len(HEADER):
        raise InputError(f"{where}: expected {len(HEADER)} cells, found {len(cells)}")
    side, asset, size, price = cells
    return Terms(
        _side(side, f"{where}, side"),
        _slot(book, asset, f"{where}, asset"),
        _size(size, f"{where}, size"),
        _price(price, f"{where}, price"),
    )


def ask_terms(book: AssetList) -> Terms:
    """Ask for the terms of one leg on the terminal; a wrong answer is asked for again.

    What is typed is seen: a trade typed blind would be the greater danger.

    Raises:
        typer.Abort: nobody answers.
    """
    return Terms(
        _ask("side (buy or sell)", lambda text: _side(text, "side")),
        _ask("asset", lambda text: _slot(book, text, "asset")),
        _ask("size", lambda text: _size(text, "size")),
        _ask("price [USD]", lambda text: _price(text, "price")),
    )


def _ask(prompt: str, read: Callable[[str], _T]) -> _T:
    def value(text: str) -> _T:
        try:
            return read(text.strip())
        except InputError as error:
            raise typer.BadParameter(str(error)) from None

    answer: _T = typer.prompt(prompt, value_proc=value, err=True)
    return answer


def _side(text: str, where: str) -> Side:
    try:
        return _SIDES[text.lower()]
    except KeyError:
        raise InputError(f"{where}: expected buy or sell") from None


def _slot(book: AssetList, text: str, where: str) -> int:
    slot = book.slots.get(text.upper())
    if slot is None:
        raise InputError(f"{where}: the book {book.name} has no such asset; {suggestion(text, book.slots)}")
    return slot


def _size(text: str, where: str) -> int:
    return _positive(text, BALANCE_DECIMALS, BALANCE_BITS, where)


def _price(text: str, where: str) -> int:
    return _positive(text, PRICE_DECIMALS, PRICE_BITS, where)


def _positive(text: str, decimals: int, bits: int, where: str) -> int:
    value = parse_decimal(text, decimals, where)
    if not 0 < value < 1 << bits:
        raise InputError(f"{where}: must be above 0 and below {(1 << bits) // 10**decimals:,}")
    return value
