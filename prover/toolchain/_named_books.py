"""The books of assets that come with the project, by name."""

import re
from pathlib import Path
from typing import Final

from prover.market import AssetList
from prover.toolchain._home import find_home
from verifier import InputError

BOOK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""Of a book, and so of its file without .json."""


def is_book_path(wanted: str) -> bool:
    """Whether a text names the file of a book: it holds a slash or ends in .json."""
    return "/" in wanted or wanted.endswith(".json")


def find_book(wanted: str) -> Path:
    """The file of a book.

    Args:
        wanted: its path, see `is_book_path`; or a name in books/.

    Raises:
        InputError: no book has this name.
    """
    return Path(wanted) if is_book_path(wanted) else find_named_book(wanted)


def find_named_book(name: str) -> Path:
    """The file of a book in books/. Never a path: use it for a name in a file that another party has made.

    Raises:
        InputError: no book has this name.
    """
    folder = find_home() / "books"
    path = folder / f"{name}.json"
    if not BOOK_NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.json")))
        raise InputError(f"no book is called {name[:40]!r} (there are {known}): name its file with --book")
    return path


def load_book(wanted: str) -> AssetList:
    """A book of assets. Arguments as for `find_book`.

    Raises:
        InputError: no such book, or a malformed one.
    """
    return AssetList.load(find_book(wanted))
