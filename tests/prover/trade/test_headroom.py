"""What an account can withdraw, to the last unit, and what it lacks for more (spec ZS-59, ZS-61)."""

import random
from dataclasses import replace

import pytest
from steps import DOLLAR, ONE, risk, state

from prover.account import State
from prover.trade import Claim, Headroom, Side, Transfer, Transition, provable_rule, withdrawable
from verifier import InputError, RiskInputs

RISK = risk(13)
USD = 13
CENT = DOLLAR // 100


def can_withdraw(held: State, risk: RiskInputs, asset: int, amount: int) -> bool:
    step = Transition.of(held, Transfer(asset, amount, is_withdrawal=True), None, Side.NONE)
    return provable_rule(step, risk, Claim.UNSAID) is not None


def test_a_long_withdraws_its_free_collateral_and_its_profit() -> None:
    """Bought at 40,000 with 10,000 of its own: 20,000 of equity, 5,000 of initial margin, and a negative quote."""
    long = state(13, -30_000 * DOLLAR, b4=ONE)
    assert Headroom.of(long, RISK) == Headroom(17_500 * DOLLAR, 15_000 * DOLLAR, 20_000 * DOLLAR)
    assert withdrawable(long, RISK, USD) == 15_000 * DOLLAR


def test_cash_bounds_what_spot_collateral_lends() -> None:
    """Two bitcoins bear the margin of another one, and 5 % of them can be borrowed."""
    held = state(13, -50_000 * DOLLAR, b0=2 * ONE, b4=ONE)
    assert Headroom.of(held, RISK).cash == 5_000 * DOLLAR
    assert Headroom.of(held, RISK).initial == 95_000 * DOLLAR
    assert withdrawable(held, RISK, USD) == 5_000 * DOLLAR
    assert withdrawable(held, RISK, 0) == 19 * ONE // 10  # the rest bears the initial margin of 5,000 USD
    short_of_cash = replace(RISK, reduce_only=1)
    assert withdrawable(held, short_of_cash, USD) == 0
    indebted = held._replace(quote=held.quote - 5_000 * DOLLAR)
    assert withdrawable(indebted, RISK, 0) == 0  # what lends the debt stays


@pytest.mark.parametrize("asset", [0, USD])
def test_what_is_withdrawable_can_be_withdrawn_and_one_unit_more_cannot(asset: int) -> None:
    rng, seen = random.Random(12), set()
    for _ in range(300):
        spot, *perpetuals = (rng.choice((0, rng.randint(0, ONE), rng.randint(-ONE, ONE))) for _ in range(13))
        held = State((abs(spot), *perpetuals), rng.randint(-200_000, 200_000) * DOLLAR + rng.randrange(CENT))
        amount = withdrawable(held, RISK, asset)
        seen.add(amount > 0)
        assert not can_withdraw(held, RISK, asset, amount + 1)
        assert not amount or can_withdraw(held, RISK, asset, amount)
    assert seen == {True, False}


def test_what_is_missing_is_the_least_deposit_that_mends_every_limit() -> None:
    poor = state(13, -48_000 * DOLLAR - 1, b4=ONE)
    assert Headroom.of(poor, RISK).missing == 3_000 * DOLLAR + 1
    owing = state(13, -5_000 * DOLLAR - 1, b0=2 * ONE)
    assert Headroom.of(owing, RISK).missing == 1
    for held in (poor, owing):
        missing = Headroom.of(held, RISK).missing
        for paid, mended in ((missing, True), (missing - 1, False)):
            step = Transition.of(held, Transfer(USD, paid, is_withdrawal=False), None, Side.NONE)
            assert (provable_rule(step, RISK, Claim.MEETS_INITIAL_MARGIN) is not None) is mended
    assert Headroom.of(state(13, CENT), RISK).missing == 0


def test_an_account_below_initial_margin_withdraws_nothing() -> None:
    below = state(13, -46_000 * DOLLAR, b0=0, b4=ONE)
    assert [withdrawable(below, RISK, asset) for asset in (0, USD)] == [0, 0]


def test_an_asset_that_the_book_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="no such asset"):
        withdrawable(state(13), RISK, 14)


def test_no_amount_is_in_a_repr() -> None:
    assert not any(character.isdigit() for character in repr(Headroom.of(state(13, 77 * DOLLAR), RISK)))
