"""Regimes: real changes are found soon, on the day, and noise has none."""

import numpy as np
import pytest

from liquidator.risk import Regimes
from liquidator.risk._regimes import LEAST_DAYS, MEMORY_DAYS
from tests.liquidator.risk.margin_stage import CRASH, DAY, bitcoin_regimes, made_prices, noise, regimes
from verifier import InputError


def test_the_crash_of_november_2018_begins_a_regime_on_its_day() -> None:
    known = bitcoin_regimes(CRASH + 2 * DAY)
    found = known.at(len(known))
    assert (found.since, found.days, found.is_only) == (CRASH, 2, False)
    assert found.volatility > 1.5 * found.reference
    states = known.states(len(known))
    assert states.wild > 0.9 > states.usual + states.calm


def test_the_autumn_before_was_calm() -> None:
    known = bitcoin_regimes(CRASH)
    assert known.at(len(known)).ratio < 0.5
    assert known.states(len(known)).calm > 0.9


@pytest.mark.parametrize("factor", [2.5, 0.4])
def test_a_change_is_dated(factor: float) -> None:
    returns = noise(1, 200)
    returns[150 * 24 :] *= factor
    history = made_prices(returns)
    known = regimes(history)
    found = known.at(len(known))
    assert abs(found.since - (int(history.times[0]) + 150 * DAY)) <= DAY
    assert found.ratio == pytest.approx(factor * np.sqrt(200 / (150 + 50 * factor**2)), rel=0.1)
    states = known.states(len(known))
    assert (states.wild if factor > 1 else states.calm) > 0.9


@pytest.mark.parametrize("step", [3_600, DAY])
def test_noise_has_one_regime(step: int) -> None:
    """A change point that is none is rare, and far from what changes a fraction."""
    found = []
    for seed in range(60):
        known = regimes(made_prices(noise(seed, 400, step), step))
        last = known.at(len(known))
        found += [] if last.is_only else [last.ratio]
    assert len(found) <= 1
    assert all(0.8 < ratio < 1.25 for ratio in found)


def test_what_is_known_later_changes_nothing_before() -> None:
    whole, part = bitcoin_regimes(), bitcoin_regimes(CRASH)
    assert whole.at(len(part)) == part.at(len(part))
    assert whole.states(len(part)) == part.states(len(part))


def test_old_days_do_not_count() -> None:
    returns = noise(2, MEMORY_DAYS + 100, DAY)
    returns[:90] *= 10
    known = regimes(made_prices(returns, DAY))
    assert known.at(len(known)).is_only
    assert not known.at(500).is_only


def test_days_without_trades_are_no_regime() -> None:
    returns = noise(1, 300)
    returns[200 * 24 : 201 * 24] = 0.0
    known = regimes(made_prices(returns))
    assert len(known) == 299
    assert known.at(len(known)).is_only


def test_a_day_with_few_prices_is_left_out() -> None:
    returns = noise(1, 100)
    assert len(regimes(made_prices(returns[: 99 * 24 + 11]))) == 99
    assert len(regimes(made_prices(returns[: 99 * 24 + 12]))) == 100


@pytest.mark.parametrize(
    ("days", "step", "message"), [(LEAST_DAYS - 1, 3_600, "need 60 days"), (70, 2 * DAY, "a price a day")]
)
def test_too_little_is_refused(days: int, step: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Regimes.of(made_prices(noise(1, days, step), step), 0)
