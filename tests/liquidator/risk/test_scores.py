"""Scores of probabilities, and bounds that learn."""

import numpy as np
import pytest

from liquidator.risk import AdaptiveBound, brier_score, log_score, move_bound, reliability

HALVES = np.array([1.0, 0.0, 1.0, 0.0])


def test_scores_of_forecasts_that_can_be_computed_by_hand() -> None:
    assert brier_score(np.array([0.9, 0.2, 0.5, 0.0]), HALVES) == pytest.approx((0.01 + 0.04 + 0.25) / 4)
    assert log_score(np.full(4, 0.5), HALVES) == pytest.approx(np.log(2))


def test_certainty_that_was_wrong_costs_much_but_not_everything() -> None:
    assert 8 < log_score(np.zeros(1), np.ones(1)) < 9


def test_the_truth_scores_best() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(size=20_000)
    outcomes = (rng.uniform(size=20_000) < truth).astype(float)
    for score in (brier_score, log_score):
        assert score(truth, outcomes) < score(np.sqrt(truth), outcomes)
        assert score(truth, outcomes) < score(np.full(20_000, outcomes.mean()), outcomes)


def test_a_diagram_of_the_truth_lies_on_the_diagonal() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(size=50_000) ** 4
    points = reliability(truth, (rng.uniform(size=50_000) < truth).astype(float))
    assert points.observed == pytest.approx(points.forecast, abs=0.02)
    assert points.cases.sum() == 50_000
    assert np.ptp(points.cases) <= 1


def test_bins_are_no_more_than_cases() -> None:
    assert reliability(np.array([0.1, 0.2]), np.zeros(2)).cases.tolist() == [1, 1]


def test_a_bound_is_missed_as_often_as_wanted_though_values_grow() -> None:
    rng = np.random.default_rng(2)
    adaptive, steady = AdaptiveBound(0.1), AdaptiveBound(0.1, speed=0.0)
    values = np.abs(rng.normal(size=4_000)) * np.linspace(1, 5, 4_000)
    missed, missed_steadily = ([bound.learn(float(v)) for v in values] for bound in (adaptive, steady))
    assert np.mean(missed[200:]) == pytest.approx(0.1, abs=0.01)
    assert np.mean(missed_steadily[200:]) > 0.13


def test_a_bound_that_knows_nothing_bounds_nothing() -> None:
    assert AdaptiveBound(0.1).bound == np.inf
    assert not AdaptiveBound(0.1).learn(1e300)


def test_a_bound_needs_enough_values_to_be_missed_so_rarely() -> None:
    """Of 99 values and a new one, each is the largest with a probability of 1 %."""
    bound = AdaptiveBound(0.01, speed=0.0)
    for value in range(98):
        bound.learn(float(value))
    assert bound.bound == np.inf
    bound.learn(98.0)
    assert bound.bound == 98


@pytest.mark.parametrize("steps", [1, 24])
def test_moves_exceed_their_bound_as_often_as_wanted(steps: int) -> None:
    rng = np.random.default_rng(4)
    returns = rng.standard_t(3, 24_000) * 0.01 * np.where(np.arange(24_000) // 1_000 % 2, 3.0, 1.0)
    found = move_bound(returns, steps, 0.05)
    assert found.missed == pytest.approx(0.05, abs=0.01)
    assert found.cases > 0.95 * 24_000 / steps - 20
    assert 0 < found.log_move < 1


def test_a_short_history_bounds_no_move() -> None:
    found = move_bound(np.full(100, 0.01), 24, 0.01)
    assert (found.log_move, found.cases) == (np.inf, 0)


def test_a_bound_forgets_what_is_older_than_its_memory() -> None:
    bound = AdaptiveBound(0.5, speed=0.0, memory=3)
    for value in (100.0, 100.0, 100.0, 1.0, 3.0, 2.0):
        bound.learn(value)
    assert bound.bound == 2
