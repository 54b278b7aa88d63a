"""What the tables of docs/risk-methods.md are made of."""

from dataclasses import replace

import numpy as np

from liquidator.risk import Forecasts
from tools.risk_calibration import SERIES, advantage, in_crash, scores

EVERY = np.ones(200, bool)


def made() -> Forecasts:
    """Outcomes of known probabilities: the simulation knows them, distance does not."""
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.05, 0.95, size=(200, 4, 1))
    outcomes = (rng.uniform(size=truth.shape) < truth).astype(float)
    base = np.full(truth.shape, 0.5)
    return Forecasts(np.arange(200.0), truth, np.clip(truth + 0.2, 0, 1), base, outcomes)


def test_the_better_forecast_is_ahead_by_standard_errors() -> None:
    forecasts = made()
    ahead = advantage(forecasts, 0, EVERY)
    assert ahead > 2
    swapped = forecasts._replace(simulated=forecasts.distance, distance=forecasts.simulated)
    assert advantage(swapped, 0, EVERY) == -ahead


def test_a_row_has_cases_frequency_and_scores_of_each_forecast() -> None:
    cells = list(scores(made(), 0, EVERY))
    assert cells[0] == "800"
    assert len(cells) == 2 + 3 + 3 + 1
    assert float(cells[2]) < float(cells[3])
    assert cells[4] == "0.2500"
    assert cells[7] == "0.693"


def test_a_crash_is_told_by_its_days() -> None:
    series = replace(SERIES[0], crash=("1970-01-02", "1970-01-03"))
    assert in_crash(series, np.array([0.0, 86_400.0, 172_800.0, 172_801.0])).tolist() == [False, True, True, False]
