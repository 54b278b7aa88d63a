"""The files that commands are given."""

import sys
from pathlib import Path
from typing import Final

from prover import Account, AssetList, PriceRound
from prover.account import FORMAT as ACCOUNT_FORMAT
from prover.cli._questions import typed
from prover.market import SymbolMap
from prover.storage import require_private
from prover.toolchain import find_book, find_named_book, load_book
from verifier import InputError, open_input_file, read_bounded, read_input_file, read_json, require_format

MAX_CSV_BYTES: Final = 1 << 20
STDIN: Final = "-"
ROUND_FORMAT: Final = "zksolvency/round/1"


def load_symbols(wanted: Path | None, book: AssetList, book_option: str | None) -> SymbolMap:
    """The symbol map of a book.

    Args:
        wanted: what --symbols says; None for the file of the book's own name in the folder symbols/ beside the book.
        book: whose symbols they mean.
        book_option: what --book says; None for a book in books/.

    Returns:
        An empty map where there is no such file.

    Raises:
        InputError: malformed, or of another book.
    """
    if wanted is None:
        beside = find_book(book_option or book.name)
        wanted = beside.parent / "symbols" / beside.name
        if not wanted.is_file():
            return SymbolMap(book, {})
    return SymbolMap.load(wanted, book)


def load_account(path: Path, book: str | None = None) -> Account:
    """Read an account file.

    Args:
        path: the file.
        book: what --book says; None for the book that the file names.

    Raises:
        InputError: malformed, another book's, or open to other users.
    """
    content, where = read_json(path, "account file"), f"account file {path}"
    require_format(content, ACCOUNT_FORMAT, where)
    _require_private(path)
    return Account.from_json(content, _book(book, content, where), where)


def load_round(path: Path, book: str | None = None) -> PriceRound:
    """Read a price round file. Arguments and errors as for `load_account`."""
    return parse_round_file(read_json(path, "price round"), book, f"price round {path}")


def parse_round_file(content: object, book: str | None, where: str) -> PriceRound:
    """Read the content of a price round file.

    Args:
        content: the JSON value.
        book: as for `load_account`.
        where: what to call it in an error.

    Raises:
        InputError: as `load_account`.
    """
    require_format(content, ROUND_FORMAT, where)
    return PriceRound.from_json(content, _book(book, content, where), where)


def read_csv(path: Path) -> tuple[bytes, str]:
    """The bytes of a CSV file, and what to call it in errors; `-` is standard input.

    Raises:
        InputError: unreadable, not a regular file, or too large.
    """
    if str(path) != STDIN:
        if path.is_fifo():
            raise InputError(f"{path}: a pipe, not a regular file; name {STDIN} to read standard input")
        return read_input_file(path, str(path), MAX_CSV_BYTES), str(path)
    where = "standard input"
    try:
        return typed(lambda: read_bounded(sys.stdin.buffer, where, MAX_CSV_BYTES)), where
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror})") from None


def _require_private(path: Path) -> None:
    """As ssh does with its keys: a secret that others can read is no secret, so say it before it is used."""
    where = f"account file {path}"
    with open_input_file(path, where) as file:
        require_private(file, path, where)


def _book(wanted: str | None, content: object, where: str) -> AssetList:
    if wanted is not None:
        return load_book(wanted)
    name = content.get("book") if isinstance(content, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{where}: it names no book")
    return AssetList.load(find_named_book(name))  # never a path: a file from elsewhere must not choose what is opened
