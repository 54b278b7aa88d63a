"""Forecasts along real prices: what they know, and that they beat both baselines."""

from pathlib import Path

import numpy as np
import pytest

from liquidator.risk import Candles, Forecasts, VolatilityMethod, brier_score, log_score, walk_forward
from tests.liquidator.risk.risk_stage import ROOT
from verifier import InputError

PRICES = ROOT / "examples" / "prices"


def candles(name: str) -> Candles:
    return Candles.load(name, PRICES / f"{name}.csv")


@pytest.fixture(scope="module")
def made() -> Forecasts:
    """Of every 9th day of Bitcoin: two horizons."""
    return walk_forward(candles("btc-daily"), (1, 7), VolatilityMethod.HAR, first=700, stride=9, paths=500)


def test_simulations_beat_distance_and_base_rate(made: Forecasts) -> None:
    assert len(made.times) > 100
    for horizon in range(2):
        outcomes = made.outcomes[..., horizon].ravel()
        simulated, distance, base = (each[..., horizon].ravel() for each in made[1:4])
        assert 0.1 < outcomes.mean() < 0.5
        assert log_score(simulated, outcomes) < log_score(distance, outcomes) < log_score(base, outcomes)
        assert brier_score(simulated, outcomes) < brier_score(base, outcomes)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("name", "steps", "first", "stride"),
    [("btc-hourly", (1, 24), 1_000, 12), ("eth-daily", (1, 7), 505, 1), ("ltc-daily", (1, 7), 505, 1)],
)
def test_every_series_is_forecast_better_than_by_distance(
    name: str, steps: tuple[int, int], first: int, stride: int
) -> None:
    found = walk_forward(candles(name), steps, VolatilityMethod.HAR, first=first, stride=stride)
    for horizon in range(2):
        simulated, distance, base, outcomes = (each[..., horizon].ravel() for each in found[1:])
        for score in (brier_score, log_score):
            assert score(simulated, outcomes) < min(score(distance, outcomes), score(base, outcomes))


def test_a_forecast_knows_nothing_of_what_comes() -> None:
    prices = candles("btc-daily")
    first = walk_forward(prices.slice(0, 708), (1, 7), VolatilityMethod.HAR, first=700, stride=1, paths=200)
    changed = Candles(prices.history, prices.highs * 1.5, prices.lows / 1.5)
    second = walk_forward(changed.slice(0, 708), (1, 7), VolatilityMethod.HAR, first=700, stride=1, paths=200)
    assert len(first.times) == 2
    assert np.array_equal(first.simulated, second.simulated)
    assert np.array_equal(first.distance, second.distance)
    assert not np.array_equal(first.outcomes, second.outcomes)


def test_a_base_rate_waits_until_outcomes_are_known(made: Forecasts) -> None:
    assert (made.base_rate[:1] == 0.5).all()
    assert made.base_rate[1, 0].tolist() == made.outcomes[0].mean(axis=0).tolist()
    assert made.base_rate[-1, 0] == pytest.approx(made.outcomes[:-1].mean(axis=(0, 1)))


def test_higher_leverage_crosses_no_later(made: Forecasts) -> None:
    longs, shorts = np.split(made.outcomes, 2, axis=1)
    assert (np.diff(longs, axis=1) >= 0).all()
    assert (np.diff(shorts, axis=1) >= 0).all()


def test_candles_without_extremes_have_those_of_the_opens(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("timestamp,open\n0,100\n60,110\n120,90\n")
    opens = Candles.load("BTC", path)
    assert (opens.highs.tolist(), opens.lows.tolist()) == ([110, 110, 90], [100, 90, 90])
    path.write_text("timestamp,open,low,high\n0,100,95,111\n60,110,80,112\n120,90,89,91\n")
    whole = Candles.load("BTC", path)
    assert (whole.highs.tolist(), whole.lows.tolist()) == ([111, 112, 91], [95, 80, 89])
    path.write_text("timestamp,open,low,high\n0,100,0,111\n60,110,80,112\n120,90,89,91\n")
    with pytest.raises(InputError, match="not above 0"):
        Candles.load("BTC", path)
