"""Black (1976) against arithmetic of 60 digits and a library of its own, extremes included."""

from collections.abc import Sequence
from itertools import product

import mpmath
import numpy as np
import pytest
import vollib.black
from vollib.black.greeks import analytical

from liquidator.risk import Greeks, black76, black76_value, implied_volatility

STRIKE = 100.0
FORWARDS = (1e-3, 50.0, 99.9999, 100.0, 100.5, 140.0, 400.0, 1e5)
YEARS = (1e-8, 1 / 8760, 0.02, 0.5, 3.0, 30.0)
VOLATILITIES = (1e-4, 0.05, 0.5, 2.0, 6.0)
GRID = np.array(list(product(FORWARDS, YEARS, VOLATILITIES, (0.0, 1.0), (0.0, 0.05))))
LEAST = 1e-290
"""Smaller values lose digits in floating point itself."""


def exact(forward: float, years: float, volatility: float, is_call: bool, rate: float) -> list[float]:
    """The formulas of Black (1976) as textbooks have them."""
    with mpmath.workdps(60):
        f, k, t, sigma, r = map(mpmath.mpf, (forward, STRIKE, years, volatility, rate))
        s = sigma * mpmath.sqrt(t)
        d1 = mpmath.log(f / k) / s + s / 2
        d2, discount = d1 - s, mpmath.e ** (-r * t)
        n, density = mpmath.ncdf, mpmath.npdf(d1)
        value = discount * (f * n(d1) - k * n(d2) if is_call else k * n(-d2) - f * n(-d1))
        delta = discount * (n(d1) if is_call else -n(-d1))
        vega = discount * f * density * mpmath.sqrt(t)
        theta = r * value - discount * f * density * sigma / (2 * mpmath.sqrt(t))
        return [float(each) for each in (value, delta, discount * density / (f * s), vega, theta)]


def of_the_library(forward: float, years: float, volatility: float, is_call: bool, rate: float) -> list[float]:
    flag, terms = "c" if is_call else "p", (forward, STRIKE, years, rate, volatility)
    return [
        vollib.black.black(flag, forward, STRIKE, years, rate, volatility),
        analytical.delta(flag, *terms),
        analytical.gamma(flag, *terms),
        analytical.vega(flag, *terms) * 100,  # it is for 1 %
        analytical.theta(flag, *terms) * 365,  # it is for a day
    ]


def largest_difference(ours: Sequence[float], theirs: Sequence[float]) -> float:
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if abs(b) > LEAST]
    return max((abs(a / b - 1) for a, b in pairs), default=0.0)


def test_values_and_greeks_are_exact_on_extremes() -> None:
    forwards, years, volatilities, calls, rates = GRID.T
    greeks = black76(forwards, STRIKE, years, volatilities, calls.astype(bool), rates)
    ours = np.stack(greeks, axis=1)
    differences = [largest_difference(row, exact(*point)) for row, point in zip(ours, GRID.tolist(), strict=True)]
    assert max(differences) < 1e-12


def test_values_and_greeks_are_those_of_a_library() -> None:
    forwards, years, volatilities, calls, rates = GRID.T
    ours = np.stack(black76(forwards, STRIKE, years, volatilities, calls.astype(bool), rates), axis=1)
    theirs = [of_the_library(*point) for point in GRID.tolist()]
    differences = [largest_difference(row, other) for row, other in zip(ours, theirs, strict=True)]
    # Its theta loses digits where decay and interest cancel: 1.04e-10 at one point of the grid.
    assert max(differences) < 1.1e-10
    assert sum(difference > 1e-10 for difference in differences) <= 1


def test_the_value_alone_is_the_same() -> None:
    forwards, years, volatilities, calls, rates = GRID.T
    arguments = (forwards, STRIKE, years, volatilities, calls.astype(bool), rates)
    assert np.array_equal(black76_value(*arguments), black76(*arguments).value)


@pytest.mark.parametrize(("years", "volatility"), [(0.0, 0.5), (-1.0, 0.5), (1.0, 0.0), (0.0, 0.0)])
def test_nothing_moves_without_time_or_volatility(years: float, volatility: float) -> None:
    greeks = black76([90.0, 100.0, 110.0], 100.0, years, volatility, [[True], [False]])
    assert greeks.value.tolist() == [[0, 0, 10], [10, 0, 0]]
    assert greeks.delta.tolist() == [[0, 0.5, 1], [-1, -0.5, 0]]
    assert not np.any([greeks.gamma, greeks.vega, greeks.theta])


def test_a_forward_or_a_strike_of_nothing_is_priced() -> None:
    assert black76_value([0.0, 0.0, 5.0, 5.0], [7.0, 7.0, 0.0, 0.0], 1.0, 0.5, [True, False] * 2).tolist() == [
        0,
        7,
        5,
        0,
    ]


def test_unbounded_volatility_makes_a_call_worth_the_forward() -> None:
    assert black76_value(100.0, 80.0, 1.0, np.inf, [True, False]).tolist() == [100, 80]


@pytest.mark.parametrize("argument", [{"forward": -1.0}, {"strike": -1.0}, {"volatility": -0.1}, {"years": np.nan}])
def test_what_is_out_of_range_has_no_value(argument: dict[str, float]) -> None:
    given = {"forward": 100.0, "strike": 100.0, "years": 1.0, "volatility": 0.5, "is_call": True} | argument
    assert all(np.isnan(each) for each in black76(**given))
    assert np.isnan(black76_value(**given))


def test_delta_gamma_vega_and_theta_are_the_derivatives_of_the_value() -> None:
    forward, years, sigma, step = 97_000.0, 0.4, 0.6, 1e-5
    terms = (100_000.0, years, sigma, True, 0.03)
    greeks = Greeks(*(float(each) for each in black76(forward, *terms)))
    up, down = (float(black76_value(forward * (1 + sign * step), *terms)) for sign in (1, -1))
    assert (up - down) / (2 * forward * step) == pytest.approx(greeks.delta, rel=1e-6)
    deltas = [float(black76(forward * (1 + sign * step), *terms).delta) for sign in (1, -1)]
    assert (deltas[0] - deltas[1]) / (2 * forward * step) == pytest.approx(greeks.gamma, rel=1e-6)
    vegas = [float(black76_value(forward, 100_000.0, years, sigma + sign * step, True, 0.03)) for sign in (1, -1)]
    assert (vegas[0] - vegas[1]) / (2 * step) == pytest.approx(greeks.vega, rel=1e-6)
    thetas = [float(black76_value(forward, 100_000.0, years - sign * step, sigma, True, 0.03)) for sign in (1, -1)]
    assert (thetas[0] - thetas[1]) / (2 * step) == pytest.approx(greeks.theta, rel=1e-6)


def test_implied_volatility_is_that_of_the_value() -> None:
    points = GRID[(GRID[:, 4] == 0)]
    forwards, years, volatilities, calls, _ = points.T
    out_of_the_money = (forwards <= STRIKE) == calls.astype(bool)
    values = black76_value(forwards, STRIKE, years, volatilities, calls.astype(bool))
    tells = out_of_the_money & (values > LEAST) & (values < 0.999 * np.minimum(forwards, STRIKE))
    assert np.count_nonzero(tells) > 50
    found = implied_volatility(values[tells], forwards[tells], STRIKE, years[tells], calls[tells].astype(bool))
    assert np.max(np.abs(found / volatilities[tells] - 1)) < 1e-11


def test_implied_volatility_of_an_option_in_the_money_is_that_of_its_time_value() -> None:
    value = black76_value(120.0, 100.0, 0.5, 0.8, True, 0.04)
    assert implied_volatility(value, 120.0, 100.0, 0.5, True, 0.04) == pytest.approx(0.8, rel=1e-12)


def test_implied_volatility_is_none_where_no_volatility_has_the_value() -> None:
    values = [9.0, 10.0, 110.0, 200.0, -1.0, np.nan]
    found = implied_volatility(values, 110.0, 100.0, 1.0, True)
    assert np.isnan(found[[0, 2, 3, 4, 5]]).all()
    assert found[1] == 0
    assert np.isnan(implied_volatility(15.0, 110.0, 100.0, 0.0, True))
