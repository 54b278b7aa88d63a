"""Account and round files, read against the book that they name."""

from pathlib import Path
from typing import Final

from prover.account import FORMAT as ACCOUNT_FORMAT
from prover.account import Account
from prover.market import AssetList, PriceRound
from prover.storage import require_private
from prover.toolchain._named_books import find_named_book, load_book
from verifier import InputError, open_input_file, read_json, require_format

ROUND_FORMAT: Final = "zksolvency/round/1"


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
