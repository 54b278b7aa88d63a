"""A liquidator believes nothing of a notice: proofs, profit, and what the own account can carry.

Spec ZS-96.
"""

from dataclasses import replace
from typing import Any

import pytest
from on_demand import built_artifacts
from parcels import AUCTION, FLAT, HELD, INPUTS, LEGS, USD, N, before, notice, unproven
from releases import KEYS
from steps import DOLLAR, vectors_of

from prover.account import SealedState, State
from prover.liquidation import (
    Liquidity,
    Notice,
    Parcel,
    PricedParcel,
    TakeoverEstimate,
    best_parcel,
    gas_cost,
    plan_ladder,
    prove_ladder,
    reasons_not_to_carry,
    verify_parcel,
)
from prover.statements import backend_check
from prover.toolchain import AnyBackend
from prover.trade import Rates
from verifier import BASIS, Check, InputError, RiskInputs, VerificationError, VerifyingKey

EFFECTIVE = INPUTS.vectors.effective_prices
TAKER = 99


def parcels(sealed: SealedState, *times: int) -> tuple[Parcel, ...]:
    return unproven(sealed, plan_ladder(sealed, INPUTS, AUCTION, FLAT, times))


@pytest.fixture(scope="module")
def check(backend: AnyBackend) -> Check:
    return backend_check(backend)


@pytest.fixture(scope="module")
def sold(backend: AnyBackend) -> tuple[Parcel, VerifyingKey]:
    """A parcel of an account with equity, and the key of its proof."""
    artifacts, sealed = built_artifacts()["release-13"], before()
    (parcel,) = prove_ladder(backend, artifacts, KEYS, sealed, plan_ladder(sealed, INPUTS, AUCTION, FLAT, (75,)))
    return parcel, artifacts.key


@pytest.mark.full
def test_a_true_parcel_verifies(sold: tuple[Parcel, VerifyingKey], check: Check) -> None:
    parcel, key = sold
    verify_parcel(parcel, INPUTS, AUCTION, key, check=check)


@pytest.mark.full
@pytest.mark.parametrize(
    "changes",
    [
        {"rate": 5_000},
        {"rate": BASIS},
        {"uncovered_rate": 0},
        {"cured": False},
        {"taker": TAKER},
        {"old_commitment": 1},
        {"new_commitment": 1},
        {"rho": 1},
        {"ciphertext": (1,) * 5},
    ],
    ids=str,
)
def test_a_parcel_with_another_claim_is_refused(
    sold: tuple[Parcel, VerifyingKey], check: Check, changes: dict[str, Any]
) -> None:
    parcel, key = sold
    with pytest.raises(VerificationError, match="does not verify"):
        verify_parcel(replace(parcel, claim=replace(parcel.claim, **changes)), INPUTS, AUCTION, key, check=check)


@pytest.mark.full
def test_a_parcel_at_other_prices_or_limits_is_refused(sold: tuple[Parcel, VerifyingKey], check: Check) -> None:
    """The liquidator's own round counts: a replay at another round has other prices."""
    parcel, key = sold
    moved = replace(INPUTS.vectors, effective_prices=(EFFECTIVE[0] + 1, *EFFECTIVE[1:]))
    for inputs in (replace(INPUTS, vectors=moved), replace(INPUTS, sellable=INPUTS.sellable - 1)):
        with pytest.raises(VerificationError, match="does not verify"):
            verify_parcel(parcel, inputs, AUCTION, key, check=check)
    limits = replace(AUCTION.limits, buffer_rate=AUCTION.limits.buffer_rate + 1)
    with pytest.raises(VerificationError, match="does not verify"):
        verify_parcel(parcel, INPUTS, replace(AUCTION, limits=limits), key, check=check)


@pytest.mark.full
def test_a_key_of_another_statement_is_refused(sold: tuple[Parcel, VerifyingKey], check: Check) -> None:
    with pytest.raises(VerificationError) as caught:
        verify_parcel(sold[0], INPUTS, AUCTION, built_artifacts()["update-13"].key, check=check)
    assert caught.value.reason == "wrong-key"


@pytest.mark.full
def test_a_parcel_of_the_cure_window_verifies_at_a_floor_of_nothing(backend: AnyBackend, check: Check) -> None:
    artifacts, sealed = built_artifacts()["release-13"], before(-1)
    releases = plan_ladder(sealed, INPUTS, AUCTION, FLAT, (30, 60))
    for parcel in prove_ladder(backend, artifacts, KEYS, sealed, releases):
        verify_parcel(parcel, INPUTS, AUCTION, artifacts.key, check=check)
        other = BASIS if parcel.claim.rate < BASIS else 5_000
        altered = replace(parcel, claim=replace(parcel.claim, rate=other))
        with pytest.raises(VerificationError, match="does not verify"):
            verify_parcel(altered, INPUTS, AUCTION, artifacts.key, check=check)


@pytest.mark.full
def test_a_rate_out_of_range_is_refused_before_the_proof(sold: tuple[Parcel, VerifyingKey], check: Check) -> None:
    parcel, key = sold
    above = replace(parcel, claim=replace(parcel.claim, rate=BASIS + 1))
    with pytest.raises(InputError, match="rate"):
        verify_parcel(above, INPUTS, AUCTION, key, check=check)


def test_the_reward_is_what_the_release_says() -> None:
    sealed = before()
    releases = plan_ladder(sealed, INPUTS, AUCTION, FLAT, (60, 90, 120))
    marks = tuple(max(price, 0) for price in EFFECTIVE)
    for parcel, release in zip(unproven(sealed, releases), releases, strict=True):
        estimate = TakeoverEstimate.of(parcel, EFFECTIVE, marks, Liquidity.uniform(N), gas=DOLLAR)
        assert estimate.reward == release.reward
        assert estimate.gas == DOLLAR
        assert estimate.impact == Liquidity.uniform(N).cost(release.taken, marks)
        assert estimate.profit == release.reward - estimate.impact - DOLLAR


def test_gas_in_dollars_is_rounded_up() -> None:
    """600,000 gas at 20 gwei are 0.012 ETH, 24 USD at 2,000."""
    assert gas_cost(600_000, 20 * 10**9, 2_000 * USD) == 24 * DOLLAR
    assert gas_cost(1, 1, 1) == 1
    assert gas_cost(0, 1, 1) == 0


def test_an_estimate_is_not_shown() -> None:
    assert repr(TakeoverEstimate(1, 2, 3)) == "TakeoverEstimate()"


def risk_of(reduce_only: int = 0) -> RiskInputs:
    """Initial margins are twice the maintenance margins."""
    margins = [LEGS[slot][1] if slot in LEGS else 0 for slot in range(N)]
    vectors = vectors_of(EFFECTIVE, margins, [2 * margin for margin in margins])
    return RiskInputs(vectors, 1, (50_000, 100_000), reduce_only)


@pytest.fixture
def offered() -> tuple[Notice, Parcel]:
    """All of an insolvent account: 1 BTC, 10 in the perpetual, -50 ETH; an initial margin of 8,200 USD."""
    (parcel,) = parcels(before(-1), 60)
    return notice([parcel]), parcel


def test_an_account_carries_what_its_initial_margin_allows(offered: tuple[Notice, Parcel]) -> None:
    """To the unit. Covered cash counts too: spot lends a twentieth of its price."""
    told, parcel = offered
    assert parcel.ticket.amounts == HELD.balances
    state = State((0,) * N, 18_000 * DOLLAR)
    assert not reasons_not_to_carry(told, parcel, TAKER, state, risk_of())
    need = next_quote(told, parcel)
    assert not reasons_not_to_carry(told, parcel, TAKER, State((0,) * N, need), risk_of())
    assert reasons_not_to_carry(told, parcel, TAKER, State((0,) * N, need - 1), risk_of())
    for reason in reasons_not_to_carry(told, parcel, TAKER, State((0,) * N, 0), risk_of()):
        assert not any(letter.isdigit() for letter in reason)


def next_quote(told: Notice, parcel: Parcel) -> int:
    """The least cash that is enough, by bisection."""
    low, high = 0, 18_000 * DOLLAR
    while high - low > 1:
        middle = (low + high) // 2
        if reasons_not_to_carry(told, parcel, TAKER, State((0,) * N, middle), risk_of()):
            low = middle
        else:
            high = middle
    return high


def test_the_least_cash_is_that_of_initial_margin_or_covered_cash(offered: tuple[Notice, Parcel]) -> None:
    told, parcel = offered
    state = State(HELD.balances, next_quote(told, parcel) - parcel.ticket.cost)
    equity = state.quote + sum(b * e for b, e in zip(state.balances, EFFECTIVE, strict=True))
    initial = 2 * (1_000 + 10 * 250 + 50 * 12) * DOLLAR
    spot = 10_000 * DOLLAR
    assert min(equity - initial, equity - spot + spot // 20) == 0


def test_a_position_on_the_other_side_needs_no_margin(offered: tuple[Notice, Parcel]) -> None:
    """Who is short of what is sold closes it, even below initial margin."""
    told, parcel = offered
    opposite = State(tuple(-balance for balance in HELD.balances[1:]), 0)
    short = State((0, *opposite.balances), 90_000 * DOLLAR)
    assert not reasons_not_to_carry(told, parcel, TAKER, short, risk_of())


def test_no_position_grows_in_a_stale_slot(offered: tuple[Notice, Parcel]) -> None:
    told, parcel = offered
    rich = State((0,) * N, 10**6 * DOLLAR)
    assert not reasons_not_to_carry(told, parcel, TAKER, rich, risk_of())
    (reason,) = reasons_not_to_carry(told, parcel, TAKER, rich, risk_of(1 << 3))
    assert "can only be reduced" in reason


def test_no_account_takes_itself_or_what_is_for_another(offered: tuple[Notice, Parcel]) -> None:
    told, parcel = offered
    rich = State((0,) * N, 10**6 * DOLLAR)
    assert reasons_not_to_carry(told, parcel, told.account, rich, risk_of()) == ["an account cannot take itself over"]
    sealed = before(-1)
    (bound,) = unproven(sealed, plan_ladder(sealed, INPUTS, AUCTION, FLAT, (60,)), taker=TAKER)
    assert reasons_not_to_carry(notice([bound]), bound, TAKER + 1, rich, risk_of()) == [
        "the parcel is for another account"
    ]
    assert not reasons_not_to_carry(notice([bound]), bound, TAKER, rich, risk_of())


def priced(rates: Rates, profit: int, *reasons: str) -> PricedParcel:
    (parcel,) = parcels(before(), 60)
    claim = replace(parcel.claim, rate=rates.covered, uncovered_rate=rates.uncovered)
    estimate = TakeoverEstimate(profit + 5, 3, 2)
    return PricedParcel(replace(parcel, claim=claim), estimate, AUCTION.times_of(rates), reasons)


def test_the_best_parcel_is_the_one_that_earns_the_most_of_those_that_are_taken_now() -> None:
    low, high = priced(Rates(1_000, 500), 10), priced(Rates(1_133, 583), 20)
    assert best_parcel([low, high], 59) is None
    assert best_parcel([low, high], 69) is low
    assert best_parcel([low, high], 70) is high
    assert best_parcel([low, high], 7_201) is None
    assert best_parcel([low, priced(Rates(1_133, 583), 20, "too large")], 70) is low
    assert best_parcel([low, high], 70, max_rate=1_132) is low
    assert best_parcel([low, high], 70, max_rate=999) is None
    assert best_parcel([low, high], 70, least_profit=21) is None
    assert best_parcel([low, high], 70, least_profit=20) is high
    assert best_parcel([priced(Rates(1_000, 500), -1)], 70) is None
    assert best_parcel([priced(Rates(1_000, 500), -1)], 70, least_profit=-1) is not None
    assert best_parcel([], 70) is None


def test_in_the_cure_window_the_uncovered_rate_counts() -> None:
    urgent = priced(Rates(BASIS, 400), 10)
    assert best_parcel([urgent], 50, max_rate=400) is urgent
    assert best_parcel([urgent], 50, max_rate=399) is None
    assert best_parcel([urgent], 60) is None
