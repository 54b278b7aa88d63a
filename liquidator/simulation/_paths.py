"""Paths of prices: drawn from a model of the market, or along the course of a crash."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk import Floats, MarketModel

_HOUR: Final = 3_600.0


class Point(NamedTuple):
    """Of the course of a crash.

    Attributes:
        hours: after its start.
        moves: of each asset since then, as a part of its price at the start.
    """

    hours: float
    moves: tuple[float, ...]


def drawn_paths(model: MarketModel, interval: int, rounds: int, scenarios: int, seed: int) -> Floats:
    """Draw paths from a model.

    Args:
        model: of the prices.
        interval: between two rounds [s].
        rounds: of each path.
        scenarios: how many.
        seed: of the draws.

    Returns:
        logarithms of price over price at the start, by scenario, asset and round.
    """
    rng = np.random.default_rng(seed)
    mixtures = model.mixtures(rng, scenarios + scenarios % 2)
    grid = interval * np.arange(1, rounds + 1, dtype=np.float64)
    steps = [step.moves for step in model.steps(rng, grid, mixtures)]
    return np.ascontiguousarray(np.stack(steps, axis=2).transpose(1, 0, 2)[:scenarios])


def crash_paths(
    course: Sequence[Point], volatilities: Sequence[float], interval: int, scenarios: int, seed: int
) -> Floats:
    """Paths through the points of a crash, with a Brownian bridge between two points.

    The first path goes straight from point to point.

    Args:
        course: from its start, in the order of time; a move of 0 at hour 0 is understood.
        volatilities: of each asset, a day.
        interval: between two rounds [s].
        scenarios: how many.
        seed: of the draws.

    Returns:
        as `drawn_paths`.
    """
    rng = np.random.default_rng(seed)
    times = np.array([0.0, *(point.hours * _HOUR for point in course)])
    logs = np.vstack([np.zeros(len(volatilities)), np.log1p([point.moves for point in course])])
    rounds = max(int(times[-1] // interval), 1)
    grid = interval * np.arange(1, rounds + 1, dtype=np.float64)
    straight = np.stack([np.interp(grid, times, column) for column in logs.T])
    steps = rng.standard_normal((scenarios, len(volatilities), rounds)) * np.sqrt(interval / (24.0 * _HOUR))
    noise = np.cumsum(steps * np.asarray(volatilities)[None, :, None], axis=2)
    noise[0] = 0.0
    ends = np.clip(np.searchsorted(grid, times[1:], side="right") - 1, 0, rounds - 1)
    places = np.concatenate([[0.0], (ends + 1.0) * interval])
    pinned = np.concatenate([np.zeros((*noise.shape[:2], 1)), noise[:, :, ends]], axis=2)
    for scenario in range(scenarios):
        for asset in range(len(volatilities)):
            noise[scenario, asset] -= np.interp(grid, places, pinned[scenario, asset])
    return np.asarray(straight + noise)
