"""Scenarios: equal to the exact rules on small markets, cascades, liquidators who cannot carry more."""

import numpy as np
import pytest

import liquidator.simulation._scenario
from liquidator.risk import Floats
from liquidator.simulation import Outcome, Point, SimulatedMarket, crash_paths, play
from liquidator.simulation._scenario import _Scenario
from liquidator.simulation._watch import Watch
from prover.account import State
from tests.liquidator.risk.risk_stage import BOOK, ROUND
from tests.liquidator.simulation.simulation_stage import (
    DOLLAR,
    SLOTS,
    ExactMarket,
    perpetual_states,
    simulated,
    willing,
)


def crash(*moves: float, hours: float = 0.5, seed: int = 3) -> Floats:
    """A path down to some moves, with noise."""
    return crash_paths([Point(hours, moves)], (0.03, 0.04, 0.05), 60, 2, seed)[1]


def both(states: list[State], volume: float, path: Floats, **terms: float) -> tuple[Outcome, ExactMarket]:
    """The simulated outcome, and the exact market after the same path."""
    chosen = willing(**terms)
    found = play(simulated(states, chosen, volume), path)
    exact = ExactMarket(list(states), chosen, volume)
    exact.play(path, found.rounds)
    return found, exact


@pytest.mark.parametrize(
    ("volume", "seed", "hours", "window"),
    [(1e15, 1, 0.3, 60), (4e8, 3, 0.3, 60), (1e15, 2, 0.05, 60), (2e8, 5, 0.05, 60), (1e15, 2, 0.05, 300)],
)
def test_a_scenario_is_that_of_the_exact_rules(volume: float, seed: int, hours: float, window: int) -> None:
    states, path = perpetual_states(24, seed), crash(-0.16, -0.19, -0.3, seed=seed, hours=hours)
    found, exact = both(states, volume, path, fund=50_000.0, cure_window=window)
    dust = sum(notional < 1.0 for _, _, notional in exact.taken)
    assert found.flagged == len(exact.flagged) > 8
    assert len(exact.taken) - dust <= found.takeovers <= len(exact.taken)
    assert found.sold == pytest.approx(sum(notional for _, _, notional in exact.taken), rel=1e-5)
    assert found.rewards == pytest.approx(exact.rewards / DOLLAR, rel=1e-5)
    assert found.debt == pytest.approx(exact.debts / DOLLAR, rel=1e-5)
    assert found.debt > 0.0
    assert found.fund_paid == pytest.approx(50_000.0 - exact.fund.assets / DOLLAR, rel=1e-5)
    assert found.shortfall == pytest.approx(exact.ledger.shortfall / DOLLAR, rel=1e-5, abs=1e-3)


def test_sales_pull_accounts_below_that_prices_alone_spare() -> None:
    states, path = perpetual_states(300, 7), crash(-0.04, -0.05, -0.06)
    deep, shallow = (play(simulated(states, willing(), volume), path) for volume in (1e15, 2e8))
    assert shallow.flagged > deep.flagged
    assert (deep.depth, shallow.depth > 1) == (1, True)
    assert deep.impact < 1e-4
    assert shallow.impact > 0.01


def test_the_wave_of_an_account_counts_the_sales_that_it_took() -> None:
    """Price puts the first one below; its sale the second one; only both sales the third one."""
    states = [long(1_000_000.0, leverage) for leverage in (38.0, 36.2, 34.0)]
    alone = [play(simulated([state], willing(dust=1e9), 4e8), crash_by(-0.002)).flagged for state in states]
    assert alone == [1, 0, 0]
    pairs = [play(simulated([states[0], other], willing(dust=1e9), 4e8), crash_by(-0.002)) for other in states[1:]]
    assert [(pair.flagged, pair.depth) for pair in pairs] == [(2, 2), (1, 1)]
    both_sold = play(simulated(states, willing(dust=1e9), 4e8), crash_by(-0.002))
    assert (both_sold.flagged, both_sold.depth) == (3, 3)


def long(usd: float, leverage: float) -> State:
    """An account that is long of BTC-PERP."""
    balances = [0] * BOOK.n
    balances[SLOTS[0]] = round(usd * 1e18 / ROUND.prices[SLOTS[0]])
    value = balances[SLOTS[0]] * ROUND.vectors.effective_prices[SLOTS[0]]
    return State(tuple(balances), round(usd / leverage * DOLLAR) - value)


def crash_by(*moves: float) -> Floats:
    """A path that is at its moves from the first round on."""
    return np.log1p(np.resize(moves, (3, 1))) * np.ones((1, 10))


def test_nothing_is_sold_without_liquidators() -> None:
    found = play(simulated(perpetual_states(60, 2), willing(liquidators=0), 1e9), crash(-0.2, -0.2, -0.2))
    assert found.takeovers == 0
    assert 0.9 * found.flagged < found.unsold <= found.flagged
    assert found.open_debt > 0.0


def test_liquidators_take_no_more_than_they_can_carry() -> None:
    """Ten accounts of 100,000 USD are sold whole; two liquidators carry two each, and close nothing."""
    terms = willing(capital=12_000.0, liquidators=2, participation=1e-9, dust=1e9)
    found = play(simulated([long(1e5, 36.0)] * 10, terms, 1e15), crash_by(-0.01))
    assert (found.flagged, found.takeovers, found.unsold) == (10, 4, 6)


def test_a_reward_that_does_not_pay_is_not_worked_for() -> None:
    states, path = perpetual_states(60, 2), crash(-0.1, -0.1, -0.1)
    cheap, dear = (play(simulated(states, willing(gas=gas), 1e12), path) for gas in (0.0, 1e6))
    assert dear.takeovers == 0 < cheap.takeovers
    patient = play(simulated(states, willing(least_profit=0.004), 1e12), path)
    assert patient.rewards / patient.sold > 1.2 * cheap.rewards / cheap.sold


def test_liquidators_that_lose_more_than_they_have_owe_it() -> None:
    states = perpetual_states(60, 2)
    terms = willing(capital=20_000.0, participation=1e-9)
    found = play(simulated(states, terms, 1e9), crash(-0.5, -0.5, -0.5, hours=1.0))
    assert found.liquidators_gained < -20_000.0
    assert found.open_debt >= -20_000.0 - found.liquidators_gained


def test_prices_beyond_the_limit_wait_for_their_confirmation() -> None:
    """Nothing is flagged or sold before it, so a gap costs more."""
    states, path = perpetual_states(60, 2), crash(-0.12, -0.12, -0.12, hours=0.1)
    free, held = (play(simulated(states, willing(deviation=limit), 1e12), path) for limit in (1e3, 0.01))
    assert held.debt + held.open_debt > free.debt + free.open_debt


@pytest.mark.parametrize("volume", [1e12, 3e8])
def test_looking_at_few_accounts_misses_none(volume: float, monkeypatch: pytest.MonkeyPatch) -> None:
    market, path = simulated(perpetual_states(400, 9, (0.03, 0.4)), willing(), volume), crash(-0.1, -0.13, -0.2)
    found = play(market, path)
    monkeypatch.setattr(
        SimulatedMarket, "may_be_below", lambda _, low, high, rows=None: np.arange(400) if rows is None else rows
    )
    monkeypatch.setattr(liquidator.simulation._scenario, "_AHEAD", 1)
    assert play(market, path) == found
    assert 50 < found.flagged < 350


def test_a_quiet_path_changes_nothing() -> None:
    path = crash(0.01, 0.01, 0.01)
    assert play(simulated([long(1e5, 2.0)], willing(), 1e9), path) == Outcome(rounds=path.shape[1])


def test_stock_that_takes_long_to_close_is_bought_dearer() -> None:
    states, path = perpetual_states(60, 2), crash(-0.1, -0.1, -0.1)
    slow = {"participation": 0.01}
    calm, careful = (play(simulated(states, willing(risk=risk, **slow), 1e10), path) for risk in (0.0, 1.0))
    assert careful.rewards / careful.sold > 1.1 * calm.rewards / calm.sold


def test_closing_costs_liquidators_the_spread() -> None:
    states, path = perpetual_states(60, 2), crash(-0.1, -0.1, -0.1)
    free, dear = (play(simulated(states, willing(spread=spread), 1e12), path) for spread in (0.0, 1e-4))
    assert dear.sold == pytest.approx(free.sold, rel=0.05)
    assert free.liquidators_gained - dear.liquidators_gained == pytest.approx(1e-4 * dear.sold, rel=0.2)


def test_impact_fades() -> None:
    states, path = perpetual_states(300, 7), crash(-0.04, -0.05, -0.06)
    short, long_ = (play(simulated(states, willing(memory=memory), 2e8), path) for memory in (30.0, 1e12))
    assert short.flagged < long_.flagged
    assert short.impact < long_.impact


def test_a_flag_that_is_too_old_begins_again() -> None:
    market = simulated(perpetual_states(20, 2), willing(liquidators=0), 1e9)
    path = np.repeat(crash(-0.1, -0.1, -0.1), 10, axis=1)
    scenario = _Scenario(market, path, Watch(market, path))
    found = scenario.play()
    ages = found.rounds * 60 - scenario._followed.flagged_at
    assert found.rounds * 60 > 2 * 7_200
    assert found.unsold > 3
    assert np.nanmax(ages) <= 7_260


def test_nothing_is_sold_at_an_old_price_while_a_new_one_waits() -> None:
    """Prices rise further than a minute allows. A taker at the old price would earn the rise."""
    path = np.log1p(np.array([[-0.01] + [0.2] * 8])) * np.ones((3, 1))
    market = simulated([long(1e5, 36.0)], willing(deviation=1.0, round_interval=20, dust=1e9), 1e15)
    assert (play(market, path).flagged, play(market, path).takeovers) == (1, 0)
    assert play(market, np.log1p(np.full((3, 9), -0.01))).takeovers == 1


def test_prices_that_wait_at_the_end_are_confirmed() -> None:
    path = np.log1p(np.full((3, 1), -0.2))
    found = play(simulated(perpetual_states(20, 2), willing(deviation=0.3), 1e12), path)
    assert found.flagged > 5


def test_the_fund_pays_on_while_nothing_else_happens() -> None:
    states, path = perpetual_states(24, 2), crash(-0.16, -0.19, -0.3, seed=2, hours=0.05)
    longer = np.concatenate([path, np.repeat(path[:, -1:], 300, axis=1)], axis=1)
    found, exact = both(states, 1e15, longer, fund=50_000.0)
    assert found.rounds > 300
    assert 15_000.0 < found.fund_paid == pytest.approx(50_000.0 - exact.fund.assets / DOLLAR, rel=1e-5)
