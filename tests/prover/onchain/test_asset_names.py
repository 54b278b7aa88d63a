"""Assets of a margin book by name."""

import pytest

from prover.onchain import asset_slot, asset_symbol, parse_amount, slot_symbols
from prover.toolchain import load_book
from verifier import InputError

BOOK = load_book("majors-13")


def test_assets_are_named_by_symbol_and_the_settlement_currency_is_usd() -> None:
    assert (asset_slot(BOOK, "WETH"), asset_slot(BOOK, "USD")) == (1, BOOK.n)
    assert (asset_symbol(BOOK, 1), asset_symbol(BOOK, BOOK.n)) == ("WETH", "USD")
    assert slot_symbols(BOOK, 0b101) == ["WBTC", "SOL"]


def test_an_amount_is_above_zero_and_exact() -> None:
    assert (parse_amount(BOOK, 1, "1.5", "a"), parse_amount(BOOK, BOOK.n, "1.5", "a")) == (15 * 10**8, 15 * 10**17)
    for amount in ("0", "-1", "1.0000000001", "x"):
        with pytest.raises(InputError, match=r"^size"):
            parse_amount(BOOK, 1, amount, "size")
