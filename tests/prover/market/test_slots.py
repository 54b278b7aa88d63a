"""Assets by symbol, and amounts in the decimals of their slots."""

from dataclasses import replace
from pathlib import Path

import pytest

from prover import AssetList
from prover.market import asset_slot, asset_symbol, parse_amount, slot_symbols
from verifier import InputError

BOOKS = Path(__file__).parents[3] / "books"


@pytest.fixture(scope="module")
def majors() -> AssetList:
    return AssetList.load(BOOKS / "majors-13.json")


def test_assets_are_named_by_symbol_and_the_settlement_currency_is_usd(majors: AssetList) -> None:
    assert (asset_slot(majors, "WETH", "asset"), asset_slot(majors, "USD", "asset")) == (1, majors.n)
    assert (asset_symbol(majors, 1), asset_symbol(majors, majors.n)) == ("WETH", "USD")
    assert slot_symbols(majors, 0b1010) == ["WETH", "BTC-PERP"]
    with pytest.raises(InputError, match=r"^--asset: "):
        asset_slot(majors, "GOLD", "--asset")


def test_a_slot_without_an_asset_has_a_number_for_a_name(majors: AssetList) -> None:
    wider = replace(majors, n=28)
    assert (asset_symbol(wider, 13), asset_symbol(wider, 28)) == ("slot 13", "USD")


def test_amounts_have_the_decimals_of_their_slot(majors: AssetList) -> None:
    assert parse_amount(majors, 1, "1.5", "amount") == 15 * 10**8
    assert parse_amount(majors, majors.n, "1.5", "amount") == 15 * 10**17
    for amount in ("0", "-1", "1.0000000001", "x"):
        with pytest.raises(InputError, match=r"^--amount: "):
            parse_amount(majors, 1, amount, "--amount")
