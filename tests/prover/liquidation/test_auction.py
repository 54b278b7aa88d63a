"""The rates of an auction, second by second, and when a proof of given rates is taken."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_model.engine import rates_at
from market_model.rules import Rules
from parcels import AUCTION

from prover.chain import FixedRates, LiquidationCurves, LiquidationTerms
from prover.liquidation import Auction
from prover.market import RELEASE_LIMITS
from prover.trade import Rates
from verifier import BASIS, MARGIN_KINDS, InputError, ReleaseLimits, VectorKind

OVERDRAFT = Auction(
    RELEASE_LIMITS[VectorKind.OVERDRAFT],
    cap=500,
    ramp=600,
    uncovered_cap=2_500,
    uncovered_ramp=300,
    cure_window=60,
    lifetime=7_200,
)
AUCTIONS = {VectorKind.MAINTENANCE: AUCTION, VectorKind.OVERDRAFT: OVERDRAFT}


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_an_engine_with_the_defaults_has_these_auctions(kind: VectorKind) -> None:
    assert Auction.of(LiquidationTerms(), LiquidationCurves(), kind, 60) == AUCTIONS[kind]
    terms = LiquidationTerms(maintenance_buffer=1, overdraft_buffer=2, least_share=3, flag_lifetime=4_000)
    terms = terms._replace(least_amount=5, dust=6)
    curves = LiquidationCurves(10, 20, 30, 40, 50, 60, 70, 80)
    floor, cap, ramp, buffer_rate = (10, 20, 30, 1) if kind is VectorKind.MAINTENANCE else (40, 50, 60, 2)
    limits = ReleaseLimits(floor, buffer_rate, 3, 5, 6)
    assert Auction.of(terms, curves, kind, 90) == Auction(limits, cap, ramp, 70, 80, 90, 4_000)


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_fixed_rates_are_reached_at_once(kind: VectorKind) -> None:
    """The uncovered one from the flag on, the other one when the cure window is over. No ground pays more than its
    own."""
    auction = Auction.of(LiquidationTerms(), FixedRates(1_200, 70, 400), kind, 60)
    rate, uncovered = (1_200, 400) if kind is VectorKind.MAINTENANCE else (70, 70)
    assert auction.limits == replace(AUCTIONS[kind].limits, floor_rate=rate)
    assert [auction.reached(elapsed) for elapsed in (0, 59)] == [Rates(BASIS, uncovered)] * 2
    assert [auction.reached(elapsed) for elapsed in (60, 61, 7_200)] == [Rates(rate, uncovered)] * 3
    assert auction.times_of(Rates(rate, uncovered)) == range(60, 7_201)
    assert auction.times_of(Rates(rate - 1, uncovered)) == range(60, 7_201)
    assert auction.times_of(Rates(BASIS, uncovered)) == range(60)
    for beyond in (Rates(rate + 1, 0), Rates(rate, uncovered + 1)):
        assert not auction.times_of(beyond)


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_rates_are_those_of_the_market_model(kind: VectorKind) -> None:
    rules, auction = Rules(), AUCTIONS[kind]
    for elapsed in (*range(1_000), 7_199, 7_200):
        assert auction.reached(elapsed) == rates_at(rules, kind, elapsed)


def test_rates_at_the_corners() -> None:
    assert AUCTION.reached(0) == Rates(BASIS, 0)
    assert AUCTION.reached(59) == Rates(BASIS, 491)
    assert AUCTION.reached(60) == Rates(1_000, 500)
    assert AUCTION.reached(61) == Rates(1_013, 508)
    assert AUCTION.reached(360) == AUCTION.reached(7_200) == Rates(5_000, 2_500)
    assert OVERDRAFT.reached(60) == Rates(50, 500)  # the uncovered rate is at most the cap
    assert OVERDRAFT.reached(660) == Rates(500, 500)


@pytest.mark.parametrize("auction", [AUCTION, OVERDRAFT], ids=["maintenance", "overdraft"])
def test_a_proof_is_taken_from_the_second_in_which_both_rates_are_reached(auction: Auction) -> None:
    for elapsed in (*range(130), *range(130, 700, 29)):
        rates = auction.reached(elapsed)
        times = auction.times_of(rates)
        assert elapsed in times
        assert times.stop == (60 if elapsed < 60 else 7_201)
        first = times.start
        assert first == elapsed or auction.reached(first) == rates
        if first > 0 and first != 60:
            assert auction.reached(first - 1) != rates


@given(st.integers(0, BASIS), st.integers(0, BASIS))
@settings(max_examples=300, deadline=None)
def test_any_rates_are_taken_exactly_while_the_curves_allow_them(covered: int, uncovered: int) -> None:
    times = AUCTION.times_of(Rates(covered, uncovered))
    for elapsed in {*range(0, 400, 7), 59, 60, 61, 7_199, 7_200, 7_201, times.start - 1, times.start, times.stop - 1}:
        if elapsed < 0:
            continue
        reached = AUCTION.reached(elapsed)
        in_window = elapsed < 60
        is_taken = elapsed <= 7_200 and uncovered <= reached.uncovered
        is_taken &= covered == BASIS if in_window else covered <= reached.covered
        assert (elapsed in times) == (is_taken or (covered == uncovered == 0 and elapsed <= 7_200))


def test_an_owner_releases_for_nothing_from_the_flag_on() -> None:
    assert AUCTION.times_of(Rates(0, 0)) == range(7_201)
    assert AUCTION.times_of(Rates(0, 1)).start == 60
    assert AUCTION.times_of(Rates(1, 0)).start == 60


def test_rates_beyond_the_caps_are_never_taken() -> None:
    for rates in (
        Rates(5_001),
        Rates(1_000, 2_501),
        Rates(9_999),
        Rates(BASIS, 492),
        OVERDRAFT.reached(60)._replace(uncovered=501),
    ):
        auction = OVERDRAFT if rates.uncovered == 501 else AUCTION
        assert not auction.times_of(rates)


def test_the_floor_is_nothing_in_the_cure_window() -> None:
    """Of the time, and of a proof that says the rate of the cure window."""
    assert AUCTION.limits_at(59) == AUCTION.limits_of(Rates(BASIS, 5)) == replace(AUCTION.limits, floor_rate=0)
    assert AUCTION.limits_at(60) == AUCTION.limits_of(Rates(BASIS - 1, 5)) == AUCTION.limits


@pytest.mark.parametrize(
    "change",
    [
        {"cap": 999},
        {"cap": BASIS},
        {"ramp": -1},
        {"uncovered_ramp": -1},
        {"uncovered_cap": -1},
        {"uncovered_cap": BASIS + 1},
        {"cure_window": -1},
        {"cure_window": 7_201},
    ],
    ids=str,
)
def test_what_no_engine_has_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="auction"):
        replace(AUCTION, **change)
    assert replace(AUCTION, uncovered_cap=0).times_of(Rates(1_000)).start == 60
