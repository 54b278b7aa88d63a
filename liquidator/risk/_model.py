"""How prices may move from here: variance by horizon, correlation, jumps, and paths that are drawn from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._history import DAY, PriceHistory
from liquidator.risk._methods import VolatilityMethod
from liquidator.risk._volatility import CleanReturns, clean, variance_curve

_MEMORY: Final = 720
"""Steps that a correlation remembers: its half-life."""

_FREEDOM: Final = (4.5, 60.0)
"""Degrees of freedom that a mixture of variances may have; at the second it is all but normal."""


class Step(NamedTuple):
    """One step of all paths.

    Attributes:
        seconds: from the start to the end of the step.
        moves: logarithm of price over price at the start, by asset and path.
        deviations: of each asset over the step, jumps left out, before the mixture.
    """

    seconds: float
    moves: Floats
    deviations: Floats


@dataclass(frozen=True)
class MarketModel:
    """Prices as a diffusion with jumps (Merton 1976), whose variance is uncertain from path to path.

    Attributes:
        names: of the assets.
        times: horizons at which the variance is known [s, rising from 0].
        variances: of the logarithm of each price until each of them, jumps left out; a row a horizon.
        correlation: of the assets.
        jump_rate: jumps a second, of all assets together.
        jump_mean: of the logarithm of each price.
        jump_root: a root of the covariance of jumps.
        freedom: degrees of freedom of Student's t that the mixture makes of a normal move.
    """

    names: tuple[str, ...]
    times: Floats
    variances: Floats
    correlation: Floats
    jump_rate: float
    jump_mean: Floats
    jump_root: Floats
    freedom: float

    @classmethod
    def fit(
        cls, history: PriceHistory, horizons: Sequence[float], method: VolatilityMethod = VolatilityMethod.HAR
    ) -> Self:
        """Estimate everything from a history.

        Args:
            history: of the assets.
            horizons: [s, rising].
            method: of the variance.

        Raises:
            InputError: too few returns for the method.
        """
        parts = [clean(column) for column in history.returns.T]
        later = [seconds / history.step for seconds in horizons if seconds > history.step]
        whole_steps = np.array([1.0, *later])
        curves = [variance_curve(part, whole_steps, method) for part in parts]
        times = np.concatenate([[0.0], whole_steps * history.step])
        variances = np.vstack([np.zeros(len(parts)), np.stack(curves, axis=1)])
        jumps = history.returns[np.any([part.is_jump for part in parts], axis=0)]
        rate = len(jumps) / (len(history.returns) * history.step)
        mean, root = _jump_sizes(jumps, len(parts))
        return cls(history.names, times, variances, _correlation(parts), rate, mean, root, _freedom(parts))

    @property
    def daily_volatility(self) -> Floats:
        """Of each asset, on average until the last horizon, jumps left out."""
        return np.asarray(np.sqrt(self.variances[-1] / self.times[-1] * DAY))

    def mixtures(self, rng: np.random.Generator, paths: int) -> Floats:
        """What the variance of each path is multiplied with: inverse gamma of mean 1 (Praetz 1972)."""
        half = self.freedom / 2.0
        return (half - 1.0) / rng.gamma(half, 1.0, paths)

    def steps(self, rng: np.random.Generator, grid: Floats, mixtures: Floats) -> Iterator[Step]:
        """Draw paths whose expected prices stay where they are, half of them mirrors of the other half.

        Args:
            rng: source of the draws.
            grid: ends of the steps [s, rising].
            mixtures: one a path; an even number of paths.
        """
        paths, count = len(mixtures), len(self.names)
        root = _root(self.correlation)
        spread = np.sqrt(mixtures)
        size = np.exp(self.jump_mean + 0.5 * np.sum(self.jump_root**2, axis=1)) - 1.0
        cumulated = np.stack([np.interp(grid, self.times, column) for column in self.variances.T], axis=1)
        moves = np.zeros((count, paths))
        before, variance_before = 0.0, np.zeros(count)
        for end, variance in zip(grid.tolist(), cumulated, strict=True):
            gained, seconds = variance - variance_before, end - before
            half = root @ rng.standard_normal((count, paths // 2))
            normal = np.concatenate([half, -half], axis=1)
            moves = moves + normal * np.sqrt(gained)[:, None] * spread - 0.5 * gained[:, None] * mixtures
            jumps = rng.poisson(self.jump_rate * seconds, paths)
            drawn = self.jump_mean[:, None] * jumps + np.sqrt(jumps) * (
                self.jump_root @ rng.standard_normal((count, paths))
            )
            moves = moves + drawn - (self.jump_rate * seconds * size)[:, None]
            yield Step(end, moves, np.sqrt(gained))
            before, variance_before = end, variance


def _jump_sizes(jumps: Floats, count: int) -> tuple[Floats, Floats]:
    """Mean and a root of the covariance about it; a single jump has no spread."""
    if not len(jumps):
        return np.zeros(count), np.zeros((count, count))
    away = jumps - jumps.mean(axis=0)
    return jumps.mean(axis=0), _root(away.T @ away / len(jumps))


def _correlation(parts: list[CleanReturns]) -> Floats:
    """Of standardised returns, clipped at the limit of jumps; the newest weigh most."""
    signed = [np.sign(part.returns) * np.sqrt(part.clipped / part.variance) for part in parts]
    standard = np.stack(signed, axis=1)
    weights = 0.5 ** (np.arange(len(standard))[::-1] / _MEMORY)
    covariance = (standard * weights[:, None]).T @ standard
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _freedom(parts: list[CleanReturns]) -> float:
    """Of Student's t with the kurtosis of standardised returns that are no jumps: 3 + 6 / (freedom - 4)."""
    standard = np.concatenate([(part.returns / np.sqrt(part.variance))[~part.is_jump] for part in parts])
    squares = standard * standard
    kurtosis = float(np.mean(squares * squares)) / max(float(np.mean(squares)) ** 2, 1e-300)
    least, most = _FREEDOM
    return float(np.clip(4.0 + 6.0 / max(kurtosis - 3.0, 1e-9), least, most))


def _root(matrix: Floats) -> Floats:
    """A square root of a symmetric matrix, of a singular one too."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
