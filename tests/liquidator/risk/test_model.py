"""Paths of prices have the moments that the model says."""

from dataclasses import replace

import numpy as np
import pytest

from liquidator.risk import MarketModel, PriceHistory, VolatilityMethod

DAY = 86_400.0
GRID = np.array([60.0, 3_600.0, DAY])
PLAIN = MarketModel(
    ("a", "b"),
    np.array([0.0, 3_600.0, DAY]),
    np.array([[0.0, 0.0], [1e-4, 4e-4], [1e-3, 2e-3]]),
    np.array([[1.0, 0.6], [0.6, 1.0]]),
    0.0,
    np.zeros(2),
    np.zeros((2, 2)),
    60.0,
)
JUMPS = replace(PLAIN, jump_rate=2 / DAY, jump_mean=np.array([-0.05, -0.1]), jump_root=np.diag([0.02, 0.03]))


def moves(model: MarketModel, paths: int = 40_000) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    rng = np.random.default_rng(3)
    return [step.moves for step in model.steps(rng, GRID, model.mixtures(rng, paths))]


def test_variance_and_correlation_at_each_horizon_are_those_of_the_model() -> None:
    for drawn, expected in zip(moves(PLAIN), ([1e-4 / 60, 4e-4 / 60], [1e-4, 4e-4], [1e-3, 2e-3]), strict=True):
        assert np.var(drawn, axis=1) == pytest.approx(expected, rel=0.05)
        assert np.corrcoef(drawn)[0, 1] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("model", [PLAIN, JUMPS], ids=["plain", "jumps"])
def test_expected_prices_stay_where_they_are(model: MarketModel) -> None:
    for drawn in moves(replace(model, variances=30 * model.variances)):
        assert np.exp(drawn).mean(axis=1) == pytest.approx([1, 1], abs=6e-3)


def test_jumps_come_as_often_and_as_large_as_the_model_says() -> None:
    last = moves(JUMPS)[-1]
    added = 2 * (np.array([0.02, 0.03]) ** 2 + np.array([0.05, 0.1]) ** 2)
    assert np.var(last, axis=1) == pytest.approx(np.array([1e-3, 2e-3]) + added, rel=0.05)
    assert (np.mean((last - last.mean(axis=1)[:, None]) ** 3, axis=1) < 0).all(), "jumps down make a long left tail"


def test_few_degrees_of_freedom_make_fat_tails() -> None:
    fat, plain = (moves(replace(PLAIN, freedom=freedom))[-1][0] for freedom in (4.5, 60.0))
    assert np.var(fat) == pytest.approx(np.var(plain), rel=0.15)
    assert np.mean(np.abs(fat) > 4 * np.sqrt(1e-3)) > 5 * np.mean(np.abs(plain) > 4 * np.sqrt(1e-3))


def history(jump: bool) -> PriceHistory:
    rng = np.random.default_rng(6)
    common, own = rng.normal(size=1_500), rng.normal(size=(1_500, 2))
    returns = 0.01 * (0.8 * common[:, None] + 0.6 * own)
    if jump:
        returns[[400, 900]] = [[-0.15, -0.12], [-0.09, -0.1]]
    prices = 100 * np.exp(np.vstack([np.zeros(2), np.cumsum(returns, axis=0)]))
    return PriceHistory(("a", "b"), np.arange(1_501) * 3_600, prices)


def test_a_fit_finds_what_a_history_was_made_with() -> None:
    model = MarketModel.fit(history(jump=True), GRID)
    assert model.correlation[0, 1] == pytest.approx(0.64, abs=0.06)
    assert model.jump_rate == pytest.approx(2 / (1_500 * 3_600))
    assert model.jump_mean == pytest.approx([-0.12, -0.11])
    assert model.jump_root @ model.jump_root.T == pytest.approx(np.array([[9e-4, 3e-4], [3e-4, 1e-4]]))
    assert np.interp(DAY, model.times, model.variances[:, 0]) == pytest.approx(24e-4, rel=0.25)
    assert model.freedom > 15


def test_a_calm_history_has_no_jumps() -> None:
    model = MarketModel.fit(history(jump=False), GRID, VolatilityMethod.EWMA)
    assert model.jump_rate == 0
    assert not model.jump_root.any()


def test_the_same_seed_draws_the_same_paths() -> None:
    assert all(np.array_equal(a, b) for a, b in zip(moves(JUMPS, 10), moves(JUMPS, 10), strict=True))
