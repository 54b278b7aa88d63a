"""What scenarios share: no account that may fall below its margin is left out."""

from dataclasses import replace

import numpy as np
import pytest

from liquidator.risk import AssetMarket, Holdings
from liquidator.simulation import SimulatedMarket, SimulationTerms
from tests.liquidator.risk.risk_stage import BITCOIN, OTHERS, ROUND, random_states
from verifier import InputError

MARKETS = (AssetMarket(BITCOIN, 0.04, 2e9), AssetMarket(OTHERS, 0.06, 5e8))


@pytest.mark.parametrize("seed", range(3))
def test_worst_values_at_the_ends_bound_those_between(seed: int) -> None:
    rng = np.random.default_rng(seed)
    market = SimulatedMarket(ROUND, Holdings.of(random_states(300, seed)), MARKETS, SimulationTerms())
    low, high = np.array([-0.5, -0.4]) * rng.random(), np.array([0.3, 0.5]) * rng.random()
    moves = low[:, None] + (high - low)[:, None] * rng.random((2, 400))
    health = market.columns @ market.weights(market.units(moves))
    may = market.may_be_below(low, high)
    assert set(np.flatnonzero((health < 0.0).any(axis=1))) <= set(may.tolist())
    assert 0 < len(may) < 300
    assert set(market.may_be_below(low, high, np.arange(300)).tolist()) <= set(may.tolist())


def test_deltas_are_changes_of_value() -> None:
    market = SimulatedMarket(ROUND, Holdings.of(random_states(5)), MARKETS, SimulationTerms())
    units = market.units(market.with_bumps(np.zeros(2)))
    deltas = dict(zip(market.slots, market.deltas(units).tolist(), strict=True))
    assert deltas[3] == pytest.approx(97_150.5, rel=1e-6)
    assert deltas[10] < 0.0 < deltas[11] < 97_150.5


def test_margins_are_scaled() -> None:
    twice = SimulatedMarket(ROUND, Holdings.of(random_states(5)), MARKETS, SimulationTerms(margin_scale=2.0))
    once = replace(twice, terms=SimulationTerms())
    before, after = (each.values(each.units(np.zeros((2, 1))), 0) for each in (once, twice))
    assert after.long == pytest.approx(2 * before.long)
    assert after.short == pytest.approx(2 * before.short)
    assert after.effective == pytest.approx(before.effective)


def test_what_cannot_be_simulated_is_refused() -> None:
    holdings = Holdings.of(random_states(5))
    with pytest.raises(InputError, match="no account holds"):
        SimulatedMarket(ROUND, replace(holdings, balances=0 * holdings.balances), MARKETS, SimulationTerms())
    with pytest.raises(InputError, match="stale"):
        SimulatedMarket(replace(ROUND, stale=1), holdings, MARKETS, SimulationTerms())
    with pytest.raises(InputError, match="there is none for"):
        SimulatedMarket(ROUND, holdings, MARKETS[:1], SimulationTerms())
