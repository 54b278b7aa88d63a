"""Which accounts a forecast is about: those below their line, and of the others those nearest to it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from liquidator.risk import Holdings, Sampling, expected_loss, nearest, predict
from liquidator.screening import AccountMatrix
from prover.account import State, assess_at
from tests.liquidator.risk.risk_stage import BITCOIN, BOOK, OTHERS, ROUND, SYMBOLS, random_states
from tests.liquidator.risk.test_predict import MODEL, USD
from verifier import InputError, VectorKind

STATES = random_states(300, equity=(0.05, 0.6))
SAMPLING = Sampling(paths=200, steps=8)


def healths(states: list[State]) -> list[float]:
    return [assess_at(state, ROUND.vectors, VectorKind.MAINTENANCE).health / USD for state in states]


def test_a_forecast_is_that_of_a_simulation_of_the_chosen_accounts_alone() -> None:
    found = nearest(Holdings.of(STATES), ROUND, SYMBOLS, MODEL, len(STATES), sampling=SAMPLING)
    health = np.array(healths(STATES))
    assert 0 < np.sum(health < 0) < len(STATES), "some are below their line"
    assert set(np.flatnonzero(health < 0)) < set(found.places)
    alone = predict([STATES[place] for place in found.places], ROUND, SYMBOLS, MODEL, sampling=SAMPLING)
    assert np.allclose(found.crossing, alone.crossing, atol=1e-6)
    assert (found.crossing[health[found.places] < 0] == 1).all()


def test_margin_is_what_equity_has_over_health() -> None:
    found = nearest(Holdings.of(STATES), ROUND, SYMBOLS, MODEL, 50, sampling=SAMPLING)
    for place, margin in zip(found.places.tolist(), found.margin.tolist(), strict=True):
        state = STATES[place]
        worth = sum(b * e for b, e in zip(state.balances, ROUND.vectors.effective_prices, strict=True))
        health = assess_at(state, ROUND.vectors, VectorKind.MAINTENANCE).health
        assert margin == pytest.approx((worth + state.quote - health) / USD, rel=1e-6)


def test_those_nearest_to_their_line_are_simulated_and_the_rest_costs_nothing() -> None:
    few = nearest(Holdings.of(STATES), ROUND, SYMBOLS, MODEL, 20, sampling=SAMPLING)
    all_ = nearest(Holdings.of(STATES), ROUND, SYMBOLS, MODEL, len(STATES), sampling=SAMPLING)
    health = np.array(healths(STATES))
    chosen = [place for place in few.places if health[place] >= 0]
    assert len(chosen) == 20
    likely = dict(zip(all_.places.tolist(), all_.crossing[:, -1].tolist(), strict=True))
    left = [likely[place] for place in all_.places.tolist() if place not in set(few.places.tolist())]
    assert min(likely[place] for place in chosen) > np.quantile(left, 0.5)


def test_an_account_without_positions_or_far_from_its_line_is_left_out() -> None:
    safe = STATES[0]._replace(quote=STATES[0].quote + 10**30)
    states = [State((0,) * BOOK.n, 10**18), safe]
    found = nearest(Holdings.of(states), ROUND, SYMBOLS, MODEL, 10, sampling=SAMPLING)
    assert found.places.size == 0
    assert found.crossing.shape == (0, 4)


def test_who_holds_what_has_no_history_hides_nobody_else() -> None:
    """One account with an exotic asset must not end the forecasts of all."""
    bitcoin = BOOK.slots["BTC-PERP"]
    balances = [0] * BOOK.n
    balances[bitcoin] = 10**9
    plain = State(tuple(balances), -ROUND.prices[bitcoin] * 10**9 + 2_000 * USD)
    model = replace(
        MODEL,
        names=("bitcoin",),
        variances=MODEL.variances[:, :1],
        correlation=np.ones((1, 1)),
        jump_mean=MODEL.jump_mean[:1],
        jump_root=MODEL.jump_root[:1, :1],
    )
    found = nearest(Holdings.of([STATES[0], plain]), ROUND, [BITCOIN], model, 10, sampling=SAMPLING)
    assert (found.places.tolist(), found.unvalued) == ([1], 1)


def test_an_option_whose_price_implies_no_volatility_hides_its_holder_alone() -> None:
    option = BOOK.slots["BTC-26MAR27-80000-P"]
    prices = list(ROUND.prices)
    prices[option] = 10 * prices[BOOK.slots["BTC-PERP"]]
    without = [
        state._replace(balances=tuple(0 if slot == option else b for slot, b in enumerate(state.balances)))
        for state in STATES[:50]
    ]
    found = nearest(
        Holdings.of([STATES[0], *without]), replace(ROUND, prices=tuple(prices)), SYMBOLS, MODEL, 100, sampling=SAMPLING
    )
    assert found.unvalued == 1
    assert 0 not in found.places
    assert found.places.size > 0


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(InputError, match="NONE"):
        nearest(Holdings.of(STATES[:1]), ROUND, [("NONE",), OTHERS], MODEL, 1)


def test_numbers_of_a_matrix_are_those_of_the_states() -> None:
    matrix = AccountMatrix(BOOK.n)
    matrix.put_all(dict(enumerate(STATES)))
    matrix.remove(3)
    names, amounts = matrix.amounts()
    made, expected = Holdings.of_amounts(amounts), Holdings.of([STATES[name] for name in names])
    assert np.allclose(made.balances, expected.balances, rtol=1e-14)
    assert np.allclose(made.quote, expected.quote, rtol=1e-14)
    matrix.put(0, STATES[5])
    assert np.allclose(made.quote, expected.quote, rtol=1e-14), "a copy: later changes are not in it"


@pytest.mark.parametrize("equity", [-3.0, -0.1, 0.0, 0.7, 4.0])
@pytest.mark.parametrize("deviation", [0.2, 1.0, 30.0])
def test_an_expected_loss_is_the_mean_of_what_is_below_zero(equity: float, deviation: float) -> None:
    def part(z: float) -> float:
        return max(-(equity + deviation * z), 0.0) * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)

    exact = quad(part, -40, np.clip(-equity / deviation, -40, 40))[0]
    assert expected_loss(equity, deviation) == pytest.approx(exact, rel=1e-6, abs=1e-12)


def test_without_volatility_the_loss_is_what_is_below_zero_now() -> None:
    assert expected_loss(-5.0, 0.0) == 5.0
    assert expected_loss(5.0, 0.0) == 0.0
