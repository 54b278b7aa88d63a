"""prover/account/_portfolio.py: a state is worth what the exchange shows, whatever the file says it by."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover import AssetList, PriceRound
from prover.account import Basis, Holding, Portfolio, Settlement, assess_at
from prover.account._portfolio import exact_balance, require_sum
from verifier import InputError, VectorKind

UNIT = 10**9
WBTC, BTC, ETH, PUT = 0, 3, 4, 10


def equity(portfolio: Portfolio, round_: PriceRound) -> int:
    state = portfolio.state(round_.book, round_)
    return assess_at(state, round_.vectors, VectorKind.MAINTENANCE).equity


def priced(round_: PriceRound, slot: int) -> Fraction:
    return Fraction(round_.prices[slot], UNIT)


def test_equity_is_cash_and_profit_and_what_was_paid_for(round_1: PriceRound) -> None:
    holdings = (
        Holding(WBTC, 2 * UNIT),
        Holding(BTC, 3 * UNIT, priced(round_1, BTC) - 10),
        Holding(ETH, -5 * UNIT, priced(round_1, ETH) - 1),
        Holding(PUT, -UNIT, Fraction(1)),
    )
    portfolio = Portfolio(holdings, Settlement(Basis.CASH, Fraction(1000)))
    worth = 1000 + 2 * priced(round_1, WBTC) + 3 * 10 - 5 * 1 - priced(round_1, PUT)
    assert equity(portfolio, round_1) == worth * 10**18


def test_a_wallet_balance_is_no_quote(round_1: PriceRound) -> None:
    """The natural file: 6.5 BTC and 10,000 of cash. Taken for a quote, the position would be a gift of its price."""
    holding = Holding(BTC, 13 * UNIT // 2, priced(round_1, BTC))
    assert equity(Portfolio((holding,), Settlement(Basis.CASH, Fraction(10_000))), round_1) == 10_000 * 10**18
    state = Portfolio((holding,), Settlement(Basis.STATE, Fraction(10_000))).state(round_1.book, round_1)
    assert state.quote == 10_000 * 10**18


def test_a_quote_beside_perpetuals_must_be_meant(book: AssetList) -> None:
    quote, perpetual, spot = Settlement(Basis.STATE, Fraction(1)), Holding(BTC, UNIT), Holding(WBTC, UNIT)
    with pytest.raises(InputError, match="QUOTE beside perpetuals"):
        Portfolio((perpetual,), quote).require_meant(book, is_state=False)
    Portfolio((perpetual,), quote).require_meant(book, is_state=True)
    Portfolio((spot,), quote).require_meant(book, is_state=False)
    with pytest.raises(InputError, match="has a row QUOTE"):
        Portfolio((spot,), Settlement(Basis.CASH, Fraction(1))).require_meant(book, is_state=True)


@given(
    amounts=st.lists(st.tuples(st.sampled_from([WBTC, BTC, ETH, PUT]), st.integers(1, 10**15)), max_size=5),
    cash=st.fractions(min_value=-(10**9), max_value=10**9),
)
def test_equity_at_mark_prices_and_cash_at_entry_prices_make_one_state(
    round_1: PriceRound, amounts: list[tuple[int, int]], cash: Fraction
) -> None:
    holdings = tuple(
        Holding(slot, amount, priced(round_1, slot) - slot, priced(round_1, slot)) for slot, amount in amounts
    )
    worth = cash + sum(
        holding.size * (holding.slot if holding.slot in (BTC, ETH) else priced(round_1, holding.slot))
        for holding in holdings
    )
    by_cash = Portfolio(holdings, Settlement(Basis.CASH, cash))
    by_equity = Portfolio(holdings, Settlement(Basis.EQUITY, worth))
    assert by_cash.state(round_1.book, round_1) == by_equity.state(round_1.book, round_1)
    assert 0 <= worth * 10**18 - equity(by_cash, round_1) < 1  # rounded down, against the account


def test_a_net_amount_needs_no_price(round_1: PriceRound) -> None:
    portfolio = Portfolio((Holding(BTC, UNIT),), Settlement(Basis.NET, -priced(round_1, BTC) + 7))
    assert equity(portfolio, round_1) == 7 * 10**18


def test_funding_until_the_round_is_in_the_exchange_s_cash(round_1: PriceRound) -> None:
    portfolio = Portfolio((Holding(BTC, UNIT, priced(round_1, BTC)),), Settlement(Basis.CASH, Fraction(5)))
    paid = dataclasses.replace(round_1, funding=tuple(value + 3 * UNIT for value in round_1.funding))
    assert equity(portfolio, round_1) == equity(portfolio, paid) == 5 * 10**18


def test_both_sides_of_a_hedge_count(round_1: PriceRound, book: AssetList) -> None:
    long, short = Holding(BTC, 3 * UNIT, Fraction(90_000)), Holding(BTC, -3 * UNIT, Fraction(90_010))
    portfolio = Portfolio((long, short), Settlement(Basis.CASH, Fraction(100)))
    assert portfolio.balances(book)[BTC] == 0
    assert equity(portfolio, round_1) == (100 + 3 * 10) * 10**18


@pytest.mark.parametrize(
    ("holding", "basis", "complaint"),
    [
        (Holding(BTC, UNIT), Basis.CASH, "no entry price for BTC-PERP"),
        (Holding(BTC, UNIT, Fraction(1)), Basis.EQUITY, "no mark price for BTC-PERP"),
        (Holding(WBTC, UNIT), Basis.EQUITY, "no mark price for WBTC"),
    ],
)
def test_a_missing_price_is_never_guessed(round_1: PriceRound, holding: Holding, basis: Basis, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Portfolio((holding,), Settlement(basis, Fraction(0))).state(round_1.book, round_1)


def test_perpetuals_need_a_round_and_other_assets_do_not(book: AssetList) -> None:
    with pytest.raises(InputError, match="--round"):
        Portfolio((Holding(BTC, UNIT, Fraction(1)),), Settlement(Basis.CASH, Fraction(0))).state(book, None)
    assert Portfolio((Holding(WBTC, UNIT),), Settlement(Basis.CASH, Fraction(7))).state(book, None).quote == 7 * 10**18
    with pytest.raises(InputError, match="wallet balance is missing"):
        Portfolio((), None).state(book, None)


@pytest.mark.parametrize(("times", "fits"), [("1/2", True), ("2", True), ("0.4999", False), ("2.0001", False)])
def test_a_price_far_from_the_mark_is_another_contract_s(round_1: PriceRound, times: str, fits: bool) -> None:
    """A contract on a thousand tokens, mapped to one on a single token, would be a thousandth of the account."""
    mark = priced(round_1, BTC) * Fraction(times)
    portfolio = Portfolio((Holding(BTC, UNIT, mark, mark),), Settlement(Basis.CASH, Fraction(0)))
    option = Portfolio((Holding(PUT, UNIT, None, Fraction(1)),), Settlement(Basis.CASH, Fraction(0)))
    option.state(round_1.book, round_1)
    if fits:
        portfolio.state(round_1.book, round_1)
        return
    with pytest.raises(InputError, match="price of BTC-PERP is more than 2 times away"):
        portfolio.state(round_1.book, round_1)


def test_a_round_of_another_book_is_refused(round_1: PriceRound, book: AssetList) -> None:
    """Its slots hold other assets."""
    other = dataclasses.replace(book, assets=tuple(reversed(book.assets)))
    with pytest.raises(InputError, match="prices another book"):
        Portfolio((), Settlement(Basis.CASH, Fraction(0))).state(other, round_1)


def test_a_balance_is_exact_or_refused() -> None:
    assert exact_balance(Fraction(-1, 10**9), "x") == -1
    with pytest.raises(InputError, match="at most 9 digits"):
        exact_balance(Fraction(1, 10**10), "x")


@pytest.mark.parametrize(("parts", "stated", "ok"), [("100", "100.02", True), ("100", "100.021", False)])
def test_parts_add_up_but_for_rounding(parts: str, stated: str, ok: bool) -> None:
    if ok:
        require_sum(Fraction(parts), Fraction(stated), "x")
        return
    with pytest.raises(InputError, match="do not add up"):
        require_sum(Fraction(parts), Fraction(stated), "x")


def test_nothing_of_a_portfolio_is_in_its_repr() -> None:
    portfolio = Portfolio((Holding(3, 777, Fraction(778)),), Settlement(Basis.CASH, Fraction(779)), Fraction(780))
    assert not any(
        str(number) in repr((portfolio, *portfolio.holdings, portfolio.settlement)) for number in range(777, 781)
    )
