"""The files that commands are given."""

import sys
from pathlib import Path
from typing import Final

from prover import AssetList
from prover.cli._questions import typed
from prover.market import SymbolMap
from prover.toolchain import find_book
from verifier import InputError, read_bounded, read_input_file

MAX_CSV_BYTES: Final = 1 << 20
STDIN: Final = "-"


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
