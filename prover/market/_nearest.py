"""Suggestions for a mistyped symbol."""

import difflib
from collections.abc import Collection, Iterable
from typing import Final

_LISTED: Final = 20
"""Maximum number of symbols in a message."""


def suggestion(name: str, symbols: Collection[str], others: Iterable[str] = ()) -> str:
    """The end of an error about an unknown symbol: the nearest one, and those that a book has.

    The name itself is not shown: it may be secret.

    Args:
        name: the unknown symbol.
        symbols: of the book.
        others: further valid names.
    """
    valid = {symbol.upper(): symbol for symbol in (*others, *symbols)}
    close = difflib.get_close_matches(name.strip().upper(), list(valid), n=1)
    nearest = f"the nearest is {valid[close[0]]}; " if close else ""
    more = f" and {len(symbols) - _LISTED} more" if len(symbols) > _LISTED else ""
    return f"{nearest}valid symbols are {', '.join(list(symbols)[:_LISTED])}{more}"
