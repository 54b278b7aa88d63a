"""Minimal close: what is planned can always be proven, and nothing smaller cures (spec ZS-76)."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_releases import KINDS, valid_takings
from releases import Taking, part, terms

from prover.account import State
from prover.market import RELEASE_LIMITS
from prover.trade import Rates, Release, plan_release, sellable_part
from verifier import BASIS, MARGIN_KINDS, InputError, MarginsPerUnit, ReleaseInputs, RoundVectors

USD = 10**9
ONE = 10**9
DOLLAR = 10**18
N = 13
FLAT = (1,) * N
LEGS = {0: (10_000 * USD, 1_000 * USD), 3: (10_000 * USD, 250 * USD), 4: (500 * USD, 12 * USD, 3 * USD)}
HELD = State(part(N, {0: ONE, 3: 10 * ONE, 4: -50 * ONE}), -82_000 * DOLLAR)
"""Equity 3,000 of a margin of 4,250 USD."""

TERMS = terms(N, LEGS)
RATES = Rates(1_000, 500)


def planned(state: State = HELD, impact: tuple[int, ...] = FLAT, terms: ReleaseInputs = TERMS) -> Release:
    found = plan_release(state, terms, RATES, impact)
    assert found is not None
    return found


def test_the_cheapest_slot_cures_alone() -> None:
    """1,250 USD are missing, of which a tenth is the reward: 1,389 USD of margin. Each BTC frees 1,000, or 250 in the
    perpetual."""
    spot_first = planned()
    assert spot_first.taken[0] == ONE
    assert spot_first.is_cured
    dear_spot = planned(impact=part(N, {0: 1_000, 3: 1, 4: 1_000}))
    assert {slot for slot, amount in enumerate(dear_spot.taken) if amount} == {3}
    assert dear_spot.taken[3] == 5_555_555_556
    short_first = planned(impact=part(N, {0: 9_000, 3: 9_000, 4: 1}))
    assert short_first.taken[4] == -50 * ONE  # and still 639 USD are missing


def test_one_unit_less_does_not_cure() -> None:
    """Of the slot that completes the part: the others go whole."""
    for impact, slot in ((FLAT, 3), (part(N, {0: 1, 3: 5}), 0), (part(N, {4: 7, 3: 1}), 3)):
        found = planned(impact=impact)
        assert found.is_cured
        assert all(amount in (0, HELD.balances[place]) or place == slot for place, amount in enumerate(found.taken))
        less = tuple(amount - (place == slot) for place, amount in enumerate(found.taken))
        assert not Release.of(HELD, less, found.rates, TERMS).is_cured


def test_a_slot_that_costs_nothing_to_sell_goes_first() -> None:
    assert planned(impact=part(N, {0: 1, 3: 0, 4: 1})).taken[3] == 5_555_555_556


def test_a_slot_without_margin_is_kept() -> None:
    extra = terms(N, LEGS | {5: (USD, 0)})
    state = State(tuple(b + (slot == 5) * ONE for slot, b in enumerate(HELD.balances)), HELD.quote - DOLLAR)
    assert planned(state, part(N, {0: 9, 3: 9, 4: 9}), extra).taken[5] == 0


def test_the_insolvent_and_dust_go_whole() -> None:
    insolvent = planned(HELD._replace(quote=HELD.quote - 3_001 * DOLLAR))
    assert insolvent.taken == HELD.balances
    assert not insolvent.is_covered
    small = planned(terms=replace(TERMS, limits=replace(TERMS.limits, dust=4_250 * DOLLAR)))
    assert small.taken == HELD.balances
    assert small.is_cured


def test_a_rate_above_what_equity_pays_is_lowered() -> None:
    found = plan_release(HELD._replace(quote=HELD.quote - 2_000 * DOLLAR), TERMS, Rates(5_000), FLAT)
    assert found is not None
    assert found.rates.covered == 2_000  # of 2,352 that equity pays


def test_where_less_does_not_cure_all_that_can_be_sold_goes() -> None:
    found = planned(HELD._replace(quote=HELD.quote - 2_900 * DOLLAR), terms=replace(TERMS, sellable=1 << 3))
    assert found.taken == part(N, {3: 10 * ONE})
    assert not found.is_cured


def test_a_reward_of_everything_cures_nothing() -> None:
    found = plan_release(HELD._replace(quote=HELD.quote - 2_900 * DOLLAR), TERMS, Rates(5_000, BASIS), FLAT)
    assert found is not None
    assert found.taken == HELD.balances


def test_where_a_unit_leaves_too_much_the_account_stays_below() -> None:
    """The last unit frees 7 of which 3 are missing, and the buffer of what is left allows none."""
    unit = terms(N, {3: (0, 7)}, dust=0, buffer_rate=0)
    state = State(part(N, {3: 100}), 700 - 3)
    found = plan_release(state, replace(unit, limits=replace(unit.limits, least_share=0)), Rates(0), FLAT)
    assert found is None  # one unit less is nothing
    state = State(part(N, {3: 100}), 700 - 10)
    found = plan_release(state, replace(unit, limits=replace(unit.limits, least_share=0)), Rates(0), FLAT)
    assert found is not None
    assert (found.taken[3], found.health_after) == (1, -3)


@pytest.mark.parametrize(
    "state",
    [HELD._replace(quote=0), State((0,) * N, -DOLLAR), State(part(N, {5: ONE}), -DOLLAR)],
    ids=["healthy", "only a debt", "nothing of worth"],
)
def test_there_is_not_always_a_plan(state: State) -> None:
    sold = replace(TERMS, sellable=TERMS.sellable & ~(1 << 5))
    assert plan_release(state, sold, RATES, FLAT) is None


def test_an_impact_is_needed_for_each_slot() -> None:
    for impact in ((1,) * 12, (-1,) + (1,) * 12):
        with pytest.raises(InputError, match="impact"):
            plan_release(HELD, TERMS, RATES, impact)


@pytest.mark.parametrize("count", [len(KINDS) * 15, pytest.param(len(KINDS) * 300, marks=pytest.mark.deep)])
def test_accounts_of_every_kind_have_a_plan_that_can_be_proven(count: int) -> None:
    """With the usual limits, at rates that the auction can reach."""
    rng, seen = random.Random(count), Counter[bool]()
    for taking in valid_takings(N, count, rng):
        inputs = replace(taking.terms, limits=RELEASE_LIMITS[taking.terms.kind])
        reached = Rates(rng.randint(0, 8_000), rng.randint(0, 8_000))
        impact = tuple(rng.choice((0, 1, rng.getrandbits(30))) for _ in range(N))
        found = plan_release(taking.old, inputs, reached, impact)
        if any(sellable_part(taking.old, inputs)):
            assert found is not None
            assert_provable(found, inputs, reached)
            seen[found.is_cured] += 1
    assert min(seen.values()) > count // 10


@st.composite
def accounts(draw: st.DrawFn) -> tuple[State, ReleaseInputs]:
    """A few slots with prices and margins of every magnitude, and an equity below the margin."""
    n = draw(st.integers(1, 4))
    long = tuple(draw(st.integers(0, 1 << draw(st.integers(0, 45)))) for _ in range(n))
    extra = tuple(draw(st.sampled_from((0, 1, 1 << 40))) for _ in range(n))
    prices = tuple(draw(st.integers(-(1 << 47), 1 << 47)) for _ in range(n))
    balances = tuple(draw(st.integers(-(1 << 50), 1 << 50)) for _ in range(n))
    margins = MarginsPerUnit(long, extra)
    kind = draw(st.sampled_from(MARGIN_KINDS))
    vectors = RoundVectors(prices, margins, margins, margins)
    inputs = ReleaseInputs(vectors, kind, draw(st.integers(0, (1 << n) - 1)), RELEASE_LIMITS[kind])
    taking = Taking(State(balances, 0), (0,) * n, inputs)
    equity = draw(st.integers(-taking.facts.margin // 3 - 1, taking.facts.margin - 1))
    return taking.at_equity(equity).old, inputs


@given(accounts(), st.integers(0, 8_000), st.integers(0, 8_000), st.lists(st.integers(0, 99), min_size=4, max_size=4))
@settings(max_examples=300, deadline=None)
def test_whatever_is_planned_can_be_proven(
    account: tuple[State, ReleaseInputs], covered: int, uncovered: int, impact: list[int]
) -> None:
    state, inputs = account
    reached = Rates(covered, uncovered)
    found = plan_release(state, inputs, reached, impact[: len(state.balances)])
    if found is None:
        assert not any(sellable_part(state, inputs))
    else:
        assert_provable(found, inputs, reached)


def assert_provable(found: Release, inputs: ReleaseInputs, reached: Rates) -> None:
    assert found.inputs == inputs
    assert found.rule is not None
    assert not any(found.broken_rules(found.rule))
    assert found.rates.covered <= reached.covered
    assert found.rates.uncovered == reached.uncovered
