"""Books by name, and by the path of their file."""

from pathlib import Path

import pytest

from prover.toolchain import find_book, find_home, find_named_book, load_book
from verifier import InputError

FILE = find_home() / "books" / "perps-13.json"


def test_a_book_is_found_by_name_or_file() -> None:
    assert find_book("perps-13") == FILE
    assert find_book(str(FILE)) == FILE
    assert find_book("mine.json") == Path("mine.json")
    assert load_book("perps-13").name == "perps-13"


@pytest.mark.parametrize("name", ["perps-31", "Perps-13", "", "../books/perps-13", str(FILE.with_suffix(""))])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(InputError, match=r"no book is called .* \(there are .*perps-13"):
        find_named_book(name)
