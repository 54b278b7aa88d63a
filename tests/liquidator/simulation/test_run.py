"""Runs: repeated to the last digit, another digest for any other input, figures in sum, drawn accounts and paths."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest

from liquidator.risk import Floats, Holdings
from liquidator.screening import LocalPool
from liquidator.simulation import (
    Distribution,
    Outcome,
    Point,
    SimulatedMarket,
    Simulation,
    SimulationTerms,
    crash_paths,
    draw_accounts,
    simulate,
)
from prover.market import PPM
from tests.liquidator.risk.risk_stage import BOOK, ROUND, SYMBOLS
from tests.liquidator.simulation.simulation_stage import ASSETS, markets
from verifier import InputError

T = TypeVar("T")
R = TypeVar("R")
COURSE = [Point(0.5, (-0.1, -0.1, -0.2)), Point(0.7, (-0.05, -0.07, -0.1))]
NAMES = [(symbol,) for symbol in ASSETS]


def run(seed: int = 1, accounts: int = 400, volume: float = 1e9, scenarios: int = 3, **terms: Any) -> Simulation:
    chosen = SimulationTerms().changed(**terms)
    market = SimulatedMarket(ROUND, draw_accounts(ROUND, NAMES, accounts, seed), markets(volume), chosen)
    paths = crash_paths(COURSE, (0.1, 0.1, 0.1), 60, scenarios, seed)
    return simulate(market, paths, {"seed": seed})


def test_a_run_is_repeated_to_the_last_digit() -> None:
    first, second = run(), run()
    assert first.outcomes == second.outcomes
    assert first.digest == second.digest
    assert first.column("flagged").min() > 10
    assert first.outcomes[1] != first.outcomes[2]


def test_any_other_input_gives_another_digest() -> None:
    runs = [run(), run(seed=2), run(accounts=401), run(volume=2e9), run(scenarios=2), run(fund=2e6), run(ramp=301)]
    assert len({each.inputs for each in runs}) == len(runs)
    moved = replace(ROUND, prices=(ROUND.prices[0] + 1, *ROUND.prices[1:]))
    market = SimulatedMarket(ROUND, draw_accounts(ROUND, NAMES, 400, 1), markets(1e9), SimulationTerms())
    paths = crash_paths(COURSE, (0.1, 0.1, 0.1), 60, 3, 1)
    digests = {simulate(each, paths[:1], {}).inputs for each in (market, replace(market, round_=moved))}
    assert len(digests) == 2


def test_progress_is_told() -> None:
    market = SimulatedMarket(ROUND, draw_accounts(ROUND, NAMES, 10, 1), markets(1e9), SimulationTerms())
    told: list[int] = []
    simulate(market, crash_paths(COURSE, (0.1, 0.1, 0.1), 60, 9, 1), {}, told.append)
    assert told == [4, 8, 9]


class TwoHere:
    """Two workers of this process."""

    workers = 2

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        assert 0 < len(items) <= 2
        return [function(item) for item in items]


@pytest.mark.parametrize("workers", ["here", pytest.param("processes", marks=pytest.mark.deep)])
def test_workers_play_the_same_scenarios(workers: str) -> None:
    market = SimulatedMarket(ROUND, draw_accounts(ROUND, NAMES, 200, 1), markets(1e9), SimulationTerms())
    paths = crash_paths(COURSE, (0.1, 0.1, 0.1), 60, 13, 1)
    alone = simulate(market, paths, {})
    if workers == "here":
        assert simulate(market, paths, {}, executor=TwoHere()) == alone
        return
    with LocalPool(2) as pool:
        assert simulate(market, paths, {}, executor=pool) == alone


def test_figures_at_risk() -> None:
    found = Distribution.of(np.arange(1.0, 101.0))
    assert (found.mean, found.median, found.at_risk, found.most) == (50.5, 50.0, 95.0, 100.0)
    assert found.expected_shortfall == np.mean(np.arange(95.0, 101.0))


def test_ruin_is_debt_beyond_the_fund() -> None:
    outcomes = tuple(Outcome(debt=debt, open_debt=20.0) for debt in (0.0, 79.0, 80.0, 81.0))
    assert Simulation(1, 1.0, 100.0, outcomes, "").ruin == 0.25


def leverages(holdings: Holdings) -> tuple[Floats, Floats]:
    """Initial margin over equity, and the side of each account."""
    fractions = np.array([asset.initial_margin_ppm for asset in BOOK.assets]) / PPM
    prices, effective = (np.array(each) / 1e9 for each in (ROUND.prices, ROUND.vectors.effective_prices))
    margin = np.abs(holdings.balances) @ (prices * fractions)
    return margin / (holdings.quote + holdings.balances @ effective), np.sign(holdings.balances.sum(axis=1))


def test_leverage_is_drawn_by_the_published_figures() -> None:
    part, side = leverages(draw_accounts(ROUND, SYMBOLS, 20_000, 1))
    assert part.max() <= 1.0 + 1e-9
    for sign, mean, most in ((1, 0.255, 0.54), (-1, 0.28, 0.47)):
        assert part[side == sign].mean() == pytest.approx(mean, abs=0.01)
        assert np.quantile(part[side == sign], 0.8) == pytest.approx(most, abs=0.02)
    again, other = (draw_accounts(ROUND, SYMBOLS, 50, seed) for seed in (1, 2))
    assert (again.balances[:, 3] != other.balances[:, 3]).any()


def test_drawn_accounts_need_a_perpetual() -> None:
    with pytest.raises(InputError, match="no perpetual"):
        draw_accounts(ROUND, [("WBTC",)], 5, 1)


def test_paths_go_through_the_points_of_a_crash() -> None:
    paths = crash_paths(COURSE, (0.1, 0.2, 0.0), 60, 4, 1)
    assert paths.shape == (4, 3, 42)
    for hours, moves in COURSE:
        place = round(hours * 60) - 1
        assert np.expm1(paths[:, :, place]) == pytest.approx(np.tile(moves, (4, 1)), abs=1e-9)
    assert np.diff(paths[0, 0, :30]) == pytest.approx(np.full(29, np.log(0.9) / 30))
    assert paths[1:, 2] == pytest.approx(np.tile(paths[0, 2], (3, 1)))
    noise = np.diff(paths[1:, 1] - paths[0, 1]).std()
    assert noise == pytest.approx(0.2 / np.sqrt(1_440), rel=0.3)
