"""Predictions against exact health, against formulas where there are some, and against finer simulations."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from liquidator.risk import (
    Holdings,
    MarketModel,
    PriceHistory,
    Sampling,
    Valuation,
    VolatilityMethod,
    distance_crossing,
    predict,
)
from liquidator.risk._predict import time_grid
from prover.account import State, assess_at
from prover.market import PriceRound
from tests.liquidator.risk.risk_stage import BITCOIN, BOOK, HOURLY, OTHERS, ROUND, SYMBOLS, random_states
from verifier import InputError, VectorKind

DAY = 86_400.0
USD = 10**18
MODEL = MarketModel(
    ("bitcoin", "others"),
    np.array([0.0, DAY]),
    np.array([[0.0, 0.0], [4e-4, 9e-4]]),
    np.array([[1.0, 0.7], [0.7, 1.0]]),
    0.5 / DAY,
    np.array([-0.04, -0.06]),
    np.array([[0.02, 0.0], [0.01, 0.02]]),
    8.0,
)
DIFFUSION = replace(MODEL, jump_rate=0.0, freedom=60.0)


def perpetual(size: float, equity: float) -> State:
    """Bitcoin alone: a size [tokens] and an equity [USD]."""
    balances = [0] * BOOK.n
    balances[BOOK.slots["BTC-PERP"]] = round(size * 1e9)
    paid = balances[BOOK.slots["BTC-PERP"]] * ROUND.vectors.effective_prices[BOOK.slots["BTC-PERP"]]
    return State(tuple(balances), round(equity * USD) - paid)


def moved(factors: tuple[float, float]) -> PriceRound:
    """The round with prices multiplied; options as the valuation prices them."""
    prices = list(ROUND.prices)
    for symbols, factor in zip(SYMBOLS, factors, strict=True):
        for symbol in symbols:
            prices[BOOK.slots[symbol]] = round(prices[BOOK.slots[symbol]] * factor)
    board = Valuation.of(ROUND, SYMBOLS, range(BOOK.n)).board
    forwards = np.array([prices[option.underlying] / 1e9 for option in board.options])
    for option, value in zip(board.options, board.values(forwards, 0.0), strict=True):
        prices[option.slot] = round(float(value) * 1e9)
    return replace(ROUND, prices=tuple(prices))


@pytest.mark.parametrize("factors", [(1.0, 1.0), (0.6, 0.7), (1.5, 1.3), (0.05, 2.0)])
@pytest.mark.parametrize("scale", [10**18, 3 * 10**18])
def test_simulated_health_is_that_of_the_exact_rule(factors: tuple[float, float], scale: int) -> None:
    states = random_states(40)
    round_ = replace(moved(factors), spot_scale=scale)
    valuation = Valuation.of(replace(ROUND, spot_scale=scale), SYMBOLS, range(BOOK.n))
    values = valuation.unit_values(np.log([[factors[0]], [factors[1]]]), 0.0)
    found = valuation.health(Holdings.of(states), values)[:, 0]
    exact = [assess_at(state, round_.vectors, VectorKind.MAINTENANCE).health / USD for state in states]
    gross = [sum(abs(b) * p for b, p in zip(s.balances, round_.prices, strict=True)) / USD for s in states]
    assert np.max(np.abs(found - exact) / gross) < 1e-9


def test_spot_and_options_are_held_in_both_ways() -> None:
    """What the comparison above would miss if no account had it."""
    held = np.array([state.balances for state in random_states(40)])
    assert (held[:, : len(BOOK.assets)] > 0).any(axis=0).all()
    assert (held[:, BOOK.slots["BTC-26MAR27-80000-P"]] < 0).any()


def test_crossing_of_one_position_is_that_of_the_reflection_principle() -> None:
    quiet = replace(DIFFUSION, variances=DIFFUSION.variances / 100)
    state = perpetual(1.0, 2_700.0)
    distance = assess_at(state, ROUND.vectors, VectorKind.MAINTENANCE).health / USD
    deviation = (1 - 0.025) * 97_150.5 * 0.002
    (found,) = predict([state], ROUND, SYMBOLS, quiet, sampling=Sampling(paths=40_000)).crossing
    assert 0.05 < 2 * ndtr(-distance / deviation) < 0.5
    assert found[-1] == pytest.approx(2 * ndtr(-distance / deviation), abs=0.01)


@pytest.mark.parametrize("model", [DIFFUSION, MODEL], ids=["diffusion", "jumps"])
def test_few_steps_with_bridges_cross_as_often_as_many_steps(model: MarketModel) -> None:
    states, wild = random_states(48, equity=(0.2, 0.3)), replace(model, variances=9 * model.variances)
    few = predict(states, ROUND, SYMBOLS, wild, sampling=Sampling(paths=4_000)).crossing
    many = predict(states, ROUND, SYMBOLS, wild, sampling=Sampling(paths=4_000, steps=150, seed=2)).crossing
    assert np.count_nonzero((many[:, -1] > 0.01) & (many[:, -1] < 0.99)) > 10
    assert np.max(np.abs(few - many)) < 0.03


def test_without_bridges_crossings_would_be_missed() -> None:
    """The test above would see it: one step without a bridge finds half of the crossings of one position."""
    state = perpetual(1.0, 4_500.0)
    crossing = predict([state], ROUND, SYMBOLS, DIFFUSION, sampling=Sampling(paths=20_000, steps=4)).crossing[0, -1]
    ends_below = predict([state], ROUND, SYMBOLS, DIFFUSION, sampling=Sampling(paths=20_000)).shortfall[0, -1]
    distance = assess_at(state, ROUND.vectors, VectorKind.MAINTENANCE).health / USD
    deviation = (1 - 0.025) * 97_150.5 * 0.02
    assert crossing == pytest.approx(2 * ndtr(-distance / deviation), rel=0.1)
    z = distance / deviation
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    assert ends_below == pytest.approx(deviation * (density - z * ndtr(-z)), rel=0.1)


def test_bad_debt_is_what_equity_lacks() -> None:
    state = perpetual(-1.0, 2_000.0)
    found = predict([state], ROUND, SYMBOLS, DIFFUSION, sampling=Sampling(paths=40_000))
    z = 2_000 / (97_150.5 * 0.02)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    assert found.bad_debt[0, -1] == pytest.approx(97_150.5 * 0.02 * (density - z * ndtr(-z)), rel=0.1)
    assert (found.bad_debt <= found.shortfall).all()


def test_an_account_below_the_line_has_crossed_it() -> None:
    below, exactly = perpetual(1.0, 2_000.0), perpetual(0.0, 0.0)
    crossing = predict([below, exactly], ROUND, SYMBOLS, MODEL).crossing
    assert crossing.tolist() == [[1] * 4, [0] * 4]


def test_crossing_rises_with_the_horizon_and_falls_with_equity() -> None:
    crossing = predict([perpetual(1.0, equity) for equity in (3_000, 6_000, 20_000)], ROUND, SYMBOLS, MODEL).crossing
    assert (np.diff(crossing, axis=1) >= 0).all()
    assert (np.diff(crossing, axis=0) <= 0).all()
    assert crossing[0, -1] > crossing[0, 0]


def test_the_same_seed_gives_the_same_figures_and_an_account_its_own() -> None:
    states = random_states(130)
    once, again = (predict(states, ROUND, SYMBOLS, MODEL) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    alone = predict(states[100:101], ROUND, SYMBOLS, MODEL)
    assert alone.crossing == pytest.approx(once.crossing[100:101], abs=1e-5)
    other = predict(states, ROUND, SYMBOLS, MODEL, sampling=Sampling(seed=2))
    assert not np.array_equal(once.crossing, other.crossing)


def test_what_is_held_needs_a_history() -> None:
    with pytest.raises(InputError, match="WETH"):
        predict(random_states(1), ROUND, [BITCOIN], replace(MODEL, names=("bitcoin",)))
    with pytest.raises(InputError, match="two histories"):
        predict(random_states(1), ROUND, [BITCOIN, (*OTHERS, "WBTC")], MODEL)
    with pytest.raises(InputError, match="follows its underlying"):
        predict(random_states(1), ROUND, [BITCOIN, (*OTHERS, "BTC-26MAR27-80000-P")], MODEL)


def test_steps_end_at_every_horizon() -> None:
    grid = time_grid((60.0, 600.0, DAY), 24)
    assert len(grid) == 24
    assert {60.0, 600.0, DAY} <= set(grid.tolist())
    assert (np.diff(grid) > 0).all()


def test_distance_over_volatility_is_the_reflection_principle() -> None:
    found = distance_crossing(np.array([-1.0, 0.0, 10.0, 10.0]), np.array([5.0, 5.0, 5.0, 0.0]))
    assert found == pytest.approx([1, 1, 2 * ndtr(-2), 0])


def test_a_model_of_real_prices_predicts() -> None:
    history = PriceHistory.load({"bitcoin": HOURLY})
    model = MarketModel.fit(history, np.array([3_600.0, DAY]), VolatilityMethod.EWMA)
    crossing = predict([perpetual(1.0, 8_000.0)], ROUND, [BITCOIN], model, horizons=(3_600.0, DAY)).crossing
    assert 0 < crossing[0, 0] < crossing[0, 1] < 1
