"""Parcels of many accounts at once: equal to the exact minimal close."""

import numpy as np
import pytest

from liquidator.risk import Floats, Holdings, PriceImpact
from liquidator.simulation import SimulationTerms
from liquidator.simulation._parcels import Values, plan_parcels
from prover.account import State
from prover.trade import Release, plan_release
from tests.liquidator.risk.risk_stage import ROUND, random_states
from tests.liquidator.simulation.simulation_stage import DOLLAR, MAINTENANCE, markets, perpetual_states, simulated

AUCTION = SimulationTerms().auction
AGES = (0, 30, 60, 61, 130, 359, 360, 3_600)


def exact(state: State, age: int, impact: tuple[int, ...]) -> Release | None:
    """What the guardian offers; None also where the engine would not take it."""
    inputs = ROUND.release(MAINTENANCE, AUCTION.limits_at(age))
    release = plan_release(state, inputs, AUCTION.reached(age), impact)
    is_taken = release is not None and age in AUCTION.times_of(release.rates)
    return release if is_taken and release and release.inputs.limits == AUCTION.limits_of(release.rates) else None


@pytest.mark.parametrize("equity", [(-0.05, 0.03), (0.0, 0.026), (0.02, 0.06)])
def test_parcels_are_those_of_the_exact_rule(equity: tuple[float, float]) -> None:
    states = perpetual_states(60, 11, equity)
    market = simulated(states, SimulationTerms(), 1e9)
    ages = np.array([AGES[place % len(AGES)] for place in range(len(states))])
    values = market.values(market.units(np.zeros((3, 1))), 0)
    impact = PriceImpact(ROUND, markets(1e9))
    per_unit = [impact.per_unit(state.balances, ROUND.prices) for state in states]
    costs = np.abs(market.balances) * np.array(per_unit, dtype=float)[:, market.slots]
    found = plan_parcels(market.balances, market.holdings.quote, values, costs, AUCTION, ages)
    sold = 0
    for place, (state, age) in enumerate(zip(states, ages.tolist(), strict=True)):
        release = exact(state, age, per_unit[place])
        assert bool(found.is_sold[place]) is (release is not None)
        if release is not None:
            sold += 1
            taken = np.array(release.taken, dtype=float)[market.slots] / 1e9
            assert found.taken[place] == pytest.approx(taken, rel=1e-9, abs=2e-9)
            assert found.reward[place] == pytest.approx(release.reward / DOLLAR, rel=1e-6, abs=1e-6)
            assert found.is_covered[place] == release.is_covered
            assert found.is_cure[place] == release.is_cured
    assert sold > 5


def test_options_and_spot_are_parcelled_too() -> None:
    states = random_states(40, equity=(0.0, 0.2))
    values, balances, quote = _all_slots(states)
    per_unit = [tuple(range(1, len(ROUND.prices) + 1))] * len(states)
    costs = np.abs(balances) * np.array(per_unit, dtype=float)
    found = plan_parcels(balances, quote, values, costs, AUCTION, np.full(len(states), 360))
    releases = [exact(state, 360, per_unit[0]) for state in states]
    assert found.is_sold.tolist() == [release is not None for release in releases]
    for row, release in zip(found.taken, releases, strict=True):
        if release is not None:
            assert row == pytest.approx(np.array(release.taken, dtype=float) / 1e9, rel=1e-8, abs=2e-9)
    assert sum(release is not None for release in releases) > 5


def _all_slots(states: list[State]) -> tuple[Values, Floats, Floats]:
    vectors, margins = ROUND.vectors, ROUND.vectors.margins(MAINTENANCE)
    per_unit = (vectors.effective_prices, margins.long, margins.short)
    holdings = Holdings.of(states)
    return Values(*(np.array(each, dtype=float) / 1e9 for each in per_unit)), holdings.balances, holdings.quote
