"""The positions of an account at a round, one by one."""

from pathlib import Path

import pytest

from prover import Account, AssetList, PriceRound
from prover.account import account_positions
from prover.market import AssetKind
from verifier import InputError, VectorKind

BOOKS = Path(__file__).parents[3] / "books"


@pytest.mark.parametrize("kind", [VectorKind.MAINTENANCE, VectorKind.INITIAL])
def test_positions_add_up_to_equity_and_margin(account: Account, round_1: PriceRound, kind: VectorKind) -> None:
    positions = account_positions(account, round_1, kind)
    health = account.health(round_1, kind)
    assert {position.symbol: position.balance for position in positions} == {
        asset.symbol: balance
        for asset, balance in zip(account.book.assets, account.state.balances, strict=True)
        if balance
    }
    assert account.state.quote + sum(position.value for position in positions) == health.equity
    assert sum(position.margin for position in positions) == health.margin


def test_a_short_option_has_the_margin_of_its_short_side(account: Account) -> None:
    """It may be ten times that of the long side."""
    book = AssetList.load(BOOKS / "majors-13.json")
    slot = next(slot for slot, asset in enumerate(book.assets) if asset.kind is AssetKind.OPTION)
    prices = tuple((5 if asset.kind is AssetKind.OPTION else 4_000) * 10**9 for asset in book.assets)
    round_ = PriceRound(book, 1, 1, prices, (0,) * book.n)
    margins = round_.vectors.maintenance
    assert margins.short[slot] != margins.long[slot]
    for amount, per_unit in (("-2", margins.short[slot]), ("2", margins.long[slot])):
        held = Account.create(book, {book.assets[slot].symbol: amount}, "0", account.keys)
        (position,) = account_positions(held, round_)
        assert position.margin == 2 * 10**9 * per_unit


def test_a_position_has_the_liquidation_price_of_its_asset(account: Account, round_1: PriceRound) -> None:
    for position in account_positions(account, round_1):
        assert position.liquidation_price == account.liquidation_price(position.symbol, round_1)
        assert position.price == round_1.prices[account.book.slots[position.symbol]]


def test_a_round_of_another_book_prices_nothing(account: Account, round_1: PriceRound) -> None:
    other = Account.create(AssetList.load(BOOKS / "majors-13.json"), {}, "0", account.keys)
    with pytest.raises(InputError, match="prices another book"):
        account_positions(other, round_1)


def test_no_amount_is_in_a_repr(account: Account, round_1: PriceRound) -> None:
    for position in account_positions(account, round_1):
        for amount in (position.balance, position.value, position.margin):
            assert str(abs(amount)) not in repr(position)
