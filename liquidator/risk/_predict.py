"""How likely each account is to fall below maintenance margin, and how far below zero it may end.

Health is simulated at the ends of steps. Between them an account may cross the line and return: a Brownian bridge gives
the probability, exp(-2 h0 h1 / v), of a path from h0 > 0 to h1 > 0 whose variance over the step is v.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from threadpoolctl import threadpool_limits

from liquidator.risk._black76 import Floats
from liquidator.risk._model import MarketModel, Step
from liquidator.risk._valuation import Holdings, Valuation
from prover.account import State
from prover.market import PriceRound

HORIZONS: Final = (60.0, 600.0, 3_600.0, 86_400.0)
"""1 minute, 10 minutes, 1 hour, 24 hours [s]."""

_ACCOUNTS_AT_ONCE: Final = 64
"""Rows whose paths fit the cache of a processor."""

_LEAST_EXPONENT: Final = np.float32(-80)
"""Below it exp is a number that is slow to compute with."""

_Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sampling:
    """How much is simulated.

    Attributes:
        paths: an even number.
        steps: of each path, at least one a horizon.
        seed: of the draws: the same one gives the same figures.
    """

    paths: int = 2_000
    steps: int = 24
    seed: int = 1


class Prediction(NamedTuple):
    """What may become of accounts. A row an account, a column a horizon. Secret.

    Attributes:
        horizons: [s].
        crossing: probability to be below maintenance margin at some time until the horizon.
        shortfall: expected amount by which health is below zero at the horizon [USD].
        bad_debt: expected amount by which equity is below zero at the horizon [USD].
    """

    horizons: Floats
    crossing: Floats
    shortfall: Floats
    bad_debt: Floats


def time_grid(horizons: Sequence[float], steps: int) -> Floats:
    """Ends of steps: every horizon, and the longest step halved until there are enough [s].

    Args:
        horizons: rising.
        steps: how many.
    """
    ends = [0.0, *horizons]
    while len(ends) <= steps:
        place = max(range(1, len(ends)), key=lambda end: ends[end] - ends[end - 1])
        ends.insert(place, 0.5 * (ends[place - 1] + ends[place]))
    return np.array(ends[1:])


def predict(
    states: Sequence[State] | Holdings,
    round_: PriceRound,
    symbols: Sequence[Sequence[str]],
    model: MarketModel,
    *,
    horizons: Sequence[float] = HORIZONS,
    sampling: Sampling | None = None,
) -> Prediction:
    """Simulate accounts from a round on.

    Cumulative funding stays where it is, and so do implied volatilities.

    Args:
        states: of the accounts, of the round's book; or the same as numbers.
        round_: at which they are now.
        symbols: for each asset of the model the symbols of the book that move as it does.
        model: of the prices.
        horizons: [s, rising].
        sampling: how much to simulate.

    Raises:
        InputError: an account holds what follows no asset of the model, or an option whose price implies no volatility.
    """
    chosen = Sampling() if sampling is None else sampling
    holdings = states if isinstance(states, Holdings) else Holdings.of(states)
    valuation = Valuation.of(round_, symbols, holdings.held)
    rng = np.random.default_rng(chosen.seed)
    grid = time_grid(horizons, chosen.steps)
    mixtures = model.mixtures(rng, chosen.paths)
    steps = list(model.steps(rng, grid, mixtures))
    values = [valuation.unit_values(step.moves, step.seconds) for step in steps]
    ends = {int(np.flatnonzero(grid == horizon)[0]) for horizon in horizons}
    market = _Market(
        health=[_table(value.long, value.short, mixtures) for value in values],
        equity={end: _table(values[end].effective, values[end].effective, mixtures) for end in ends},
        spread=np.sqrt(mixtures).astype(np.float32),
    )
    deltas = valuation.deltas(holdings, len(model.names))
    variances = np.stack([_variance(deltas, step, model) for step in steps], axis=1)
    now = valuation.unit_values(np.zeros((len(model.names), 1)), 0.0)
    start, columns = valuation.health(holdings, now)[:, 0], holdings.columns(valuation.slots)
    with threadpool_limits(limits=1):  # products are so small that threads would only wait for each other
        parts = [_simulated(columns[rows], start[rows], variances[rows], market) for rows in _chunks(len(start))]
    return Prediction(np.array(horizons), *(np.vstack(each) for each in zip(*parts, strict=True)))


class _Market(NamedTuple):
    """What units are worth on all paths, divided by the root of each path's mixture.

    The variance of a step is then the same on all paths, and the sign of health is what it was.

    Attributes:
        health: at the end of each step, of the columns of `Holdings.columns`.
        equity: the same at the horizons alone, by step.
        spread: the roots.
    """

    health: list[_Singles]
    equity: Mapping[int, _Singles]
    spread: _Singles


def _table(long: Floats, short: Floats, mixtures: Floats) -> _Singles:
    ones = np.ones((1, len(mixtures)))
    return np.asarray(np.vstack([long, short, ones]) / np.sqrt(mixtures), dtype=np.float32)


def _variance(deltas: Floats, step: Step, model: MarketModel) -> Floats:
    """Of each account's health over a step, by its derivatives at the start [USD^2]."""
    exposed = deltas * step.deviations
    return np.asarray(np.sum((exposed @ model.correlation) * exposed, axis=1))


def _simulated(columns: Floats, start: Floats, variances: Floats, market: _Market) -> tuple[Floats, Floats, Floats]:
    """The fields of a prediction, for a few accounts."""
    least = (1e-6 * np.maximum(np.abs(start), 1.0)) ** 2
    variances = np.maximum(variances, least[:, None] / variances.shape[1])
    scale = np.sqrt(variances.sum(axis=1))[:, None]
    rows = (columns / scale).astype(np.float32)
    bridge = (-2.0 * scale * scale / variances).astype(np.float32)
    before = (start[:, None] / scale).astype(np.float32) / market.spread
    stays = np.where(start[:, None] < 0, np.float32(0), np.ones_like(before))
    crosses = np.empty_like(before)
    found: list[tuple[Floats, Floats, Floats]] = []
    for place, table in enumerate(market.health):
        after = rows @ table
        np.multiply(before, after, out=crosses)
        crosses *= bridge[:, place, None]
        np.exp(np.clip(crosses, _LEAST_EXPONENT, np.float32(0), out=crosses), out=crosses)
        stays *= np.subtract(np.float32(1), crosses, out=crosses)
        before = after
        if place in market.equity:
            short, bad = (_mean_below_zero(each, market.spread) for each in (after, rows @ market.equity[place]))
            found.append((1.0 - stays.mean(axis=1, dtype=np.float64), short * scale[:, 0], bad * scale[:, 0]))
    crossing, shortfall, bad_debt = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    holds_nothing = ~columns[:, :-1].any(axis=1)
    crossing[holds_nothing] = start[holds_nothing, None] < 0
    return crossing, shortfall, bad_debt


def _mean_below_zero(amounts: _Singles, spread: _Singles) -> Floats:
    return np.asarray((np.maximum(-amounts, np.float32(0)) @ spread) / len(spread), dtype=np.float64)


def _chunks(count: int) -> Iterator[slice]:
    return (slice(first, first + _ACCOUNTS_AT_ONCE) for first in range(0, count, _ACCOUNTS_AT_ONCE))


def distance_crossing(health: Floats, deviation: Floats) -> Floats:
    """Probability of crossing by distance over volatility: twice that of ending below, by the reflection principle.

    Args:
        health: now [USD].
        deviation: of health at the horizon, of normal moves [USD].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(health < 0, 1.0, np.where(deviation > 0, 2.0 * ndtr(-health / deviation), 0.0))
