"""prover/market/_nearest.py: a mistyped symbol is answered with the nearest one, and not shown."""

import pytest

from prover import AssetList
from prover.market import suggestion
from verifier import InputError

SYMBOLS = ("WBTC", "BTC-PERP", "ETH-PERP")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("BTC-PRP", "BTC-PERP"),
        (" eth-perp", "ETH-PERP"),
        ("WBT", "WBTC"),
        ("CSH", "CASH"),
        ("77.123", None),
        ("", None),
    ],
)
def test_the_nearest_symbol_is_named(name: str, nearest: str | None) -> None:
    told = suggestion(name, SYMBOLS, ["CASH"])
    assert told.endswith("valid symbols are WBTC, BTC-PERP, ETH-PERP")
    assert told.startswith(f"the nearest is {nearest}; " if nearest else "valid symbols are")
    assert "77" not in told


def test_a_large_book_is_not_listed_whole() -> None:
    assert suggestion("X", [f"A{i}" for i in range(20)]).endswith("A18, A19")
    assert suggestion("X", [f"A{i}" for i in range(21)]).endswith("A18, A19 and 1 more")


def test_a_book_says_what_it_has(book: AssetList) -> None:
    with pytest.raises(
        InputError, match="has no asset 'BTC-PREP'; the nearest is BTC-PERP; valid symbols are WBTC, WETH"
    ):
        book.slot("BTC-PREP", "round")
