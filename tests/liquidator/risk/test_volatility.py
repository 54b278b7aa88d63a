"""Forecasts of variance: what is found again in series that were made with it."""

import numpy as np
import pytest

from liquidator.risk import VolatilityMethod
from liquidator.risk._volatility import clean, variance_curve
from verifier import InputError

STEPS = np.array([1.0, 6.0, 24.0])


def normal_returns(count: int, deviation: float = 0.01) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(7).normal(0.0, deviation, count)


def persistent_returns(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Calm and wild stretches of 200 steps, the last one wild."""
    return normal_returns(count) * np.where(np.arange(count)[::-1] // 200 % 2 == 0, 3.0, 1.0)


@pytest.mark.parametrize("method", VolatilityMethod)
def test_constant_volatility_is_found(method: VolatilityMethod) -> None:
    curve = variance_curve(clean(normal_returns(3_000)), STEPS, method)
    assert np.sqrt(curve / STEPS) == pytest.approx(0.01, rel=0.15)


@pytest.mark.parametrize("method", VolatilityMethod)
def test_a_wild_stretch_is_seen_and_variance_rises_with_the_horizon(method: VolatilityMethod) -> None:
    curve = variance_curve(clean(persistent_returns(3_000)), STEPS, method)
    assert np.sqrt(curve[0]) == pytest.approx(0.03, rel=0.3)
    assert (np.diff(curve) > 0).all()


def test_the_far_forecast_returns_towards_the_mean() -> None:
    curve = variance_curve(clean(persistent_returns(3_000)), np.array([1.0, 150.0]), VolatilityMethod.HAR)
    assert curve[1] / 150 < 0.9 * curve[0]


def test_jumps_are_told_from_volatility() -> None:
    returns = normal_returns(1_000)
    returns[[300, 700]] = [-0.12, 0.09]
    cleaned = clean(returns)
    assert np.flatnonzero(cleaned.is_jump).tolist() == [300, 700]
    assert cleaned.clipped[300] == pytest.approx(16 * cleaned.variance[300])
    with_jumps, without = (variance_curve(clean(each), STEPS, VolatilityMethod.HAR) for each in (returns, returns / 1))
    assert with_jumps == pytest.approx(without)
    plain = variance_curve(clean(normal_returns(1_000)), STEPS, VolatilityMethod.HAR)
    assert with_jumps == pytest.approx(plain, rel=0.2)


def test_a_forecast_knows_nothing_of_its_own_return() -> None:
    returns = normal_returns(300)
    changed = returns.copy()
    changed[200] = 0.02
    assert clean(changed).variance[200] == clean(returns).variance[200]
    assert clean(changed).variance[201] != clean(returns).variance[201]


@pytest.mark.parametrize(("method", "needed"), [("ewma", 100), ("har", 500), ("garch", 500)])
def test_too_short_a_history_is_refused(method: str, needed: int) -> None:
    with pytest.raises(InputError, match=f"needs {needed}"):
        variance_curve(clean(normal_returns(needed - 1)), STEPS, VolatilityMethod(method))
    variance_curve(clean(normal_returns(needed)), STEPS, VolatilityMethod(method))


def test_prices_that_stand_still_have_a_forecast() -> None:
    curve = variance_curve(clean(np.zeros(600)), STEPS, VolatilityMethod.HAR)
    assert (curve > 0).all()
    assert curve[-1] < 1e-6
