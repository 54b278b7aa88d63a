"""Forecasts of variance from a history of returns, with jumps set apart.

Every forecast is a curve: the variance that a logarithm of a price gathers until each of several horizons.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import nnls

from liquidator.risk._black76 import Floats
from liquidator.risk._methods import VolatilityMethod
from verifier import InputError

JUMP_DEVIATIONS: Final = 4.0
"""A return beyond this many of its standard deviations, as they were known before it, is a jump."""

HALF_LIFE: Final = 24
"""Of the exponentially weighted average [steps]."""

WINDOWS: Final = (1, 6, 24, 120)
"""Past variances that the heterogeneous autoregression weighs [steps]."""

_LEAST_RETURNS: Final = {"ewma": 100, "har": 500, "garch": 500}


class CleanReturns(NamedTuple):
    """Returns of one asset, and what is a jump among them.

    Attributes:
        returns: over one step each.
        is_jump: of each.
        variance: of each, as it was forecast by the weighted average just before it.
        following: the same after the last return.
        clipped: squares of the returns, none beyond the limit of jumps.
    """

    returns: Floats
    is_jump: np.ndarray[tuple[int], np.dtype[np.bool_]]
    variance: Floats
    following: float
    clipped: Floats


def clean(returns: Floats, half_life: float = HALF_LIFE) -> CleanReturns:
    """Set jumps apart: returns that their own recent variance does not explain (Mancini 2009, Lee and Mykland 2008).

    The variance is an exponentially weighted average of squared returns (RiskMetrics 1996), which a jump enters only up
    to the limit: it says that times are wild, but no single return rules the forecast.

    Args:
        returns: of one asset, the oldest first.
        half_life: of the average [steps].
    """
    keep = 0.5 ** (1.0 / half_life)
    first = float(np.median(np.abs(returns[: 4 * HALF_LIFE])) / 0.6745) ** 2 or float(np.var(returns)) or 1e-12
    limit = JUMP_DEVIATIONS**2
    variance, clipped = np.empty(len(returns)), np.empty(len(returns))
    now = first
    for place, square in enumerate((returns * returns).tolist()):
        variance[place] = now
        clipped[place] = min(square, limit * now)
        now = max(keep * now + (1.0 - keep) * clipped[place], 1e-6 * first)
    return CleanReturns(returns, returns * returns > limit * variance, variance, now, clipped)


def least_returns(method: VolatilityMethod) -> int:
    """Returns over one step that a method needs."""
    return _LEAST_RETURNS[method]


def variance_curve(cleaned: CleanReturns, steps: Floats, method: VolatilityMethod) -> Floats:
    """Variance until each horizon, jumps left out.

    Args:
        cleaned: past returns.
        steps: horizons [steps, rising].
        method: of the forecast.

    Raises:
        InputError: too few returns for the method.
    """
    needed = least_returns(method)
    if len(cleaned.returns) < needed:
        raise InputError(
            f"price history: {method} needs {needed} returns over one step, there are {len(cleaned.returns)}: "
            f"give files with more times in common, or take {VolatilityMethod.EWMA}"
        )
    match method:
        case VolatilityMethod.EWMA:
            return steps * cleaned.following
        case VolatilityMethod.HAR:
            return _har_curve(cleaned, steps)
        case VolatilityMethod.GARCH:
            return _garch_curve(cleaned, steps)


def _har_curve(cleaned: CleanReturns, steps: Floats) -> Floats:
    """Heterogeneous autoregression (Corsi 2009) for one step and for the last horizon, linear between and before."""
    last = max(round(float(steps[-1])), 1)
    near = _har(cleaned, 1)
    if last == 1:
        return steps * near
    far = max(_har(cleaned, last) * last, near * (1.0 + 1e-3 * (last - 1)))
    return np.interp(steps, [0.0, 1.0, float(last)], [0.0, near, far])


def _har(cleaned: CleanReturns, horizon: int) -> float:
    """Variance a step over the next steps, of returns that are no jumps.

    Weights of the mean variances over past windows and of the long mean, none negative, by least squares on values
    that are scaled by the forecast of the weighted average: calm times count as much as wild ones.
    """
    means = np.stack([_trailing_mean(cleaned.clipped, window) for window in WINDOWS], axis=1)
    long_mean = np.full((len(means), 1), float(np.mean(cleaned.clipped)))
    past = np.hstack([means, long_mean])
    squares = np.where(cleaned.is_jump, 0.0, cleaned.returns**2)
    ahead = _trailing_mean(squares, horizon)[horizon:]
    counted = _trailing_mean((~cleaned.is_jump).astype(np.float64), horizon)[horizon:]
    rows = slice(WINDOWS[-1] - 1, len(past) - horizon)
    scale = cleaned.variance[1:][rows]
    ahead, counted = ahead[rows], np.maximum(counted[rows], 1.0 / horizon)
    weights, _ = nnls(past[rows] / scale[:, None], ahead / counted / scale)
    return float(past[-1] @ weights) or cleaned.following


def _trailing_mean(values: Floats, window: int) -> Floats:
    """Mean of the last values at each place; of fewer at the beginning."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return np.asarray(np.maximum(sums[ends] - sums[starts], 0.0) / (ends - starts))


def _garch_curve(cleaned: CleanReturns, steps: Floats) -> Floats:
    """GJR-GARCH(1, 1) with Student's t (Glosten, Jagannathan and Runkle 1993), on returns without jumps."""
    from arch import arch_model  # noqa: PLC0415 - takes seconds to load, and serves this method alone

    scale = 1.0 / max(float(np.std(cleaned.returns)), 1e-12)
    calm = np.where(cleaned.is_jump, np.sign(cleaned.returns) * np.sqrt(cleaned.clipped), cleaned.returns)
    model = arch_model(calm * scale, mean="Zero", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fitted = model.fit(disp="off", show_warning=False)
    last = max(int(np.ceil(steps[-1])), 1)
    ahead = fitted.forecast(horizon=last, reindex=False).variance.to_numpy()[-1] / scale**2
    return np.asarray(np.interp(steps, np.arange(last + 1), np.concatenate([[0.0], np.cumsum(ahead)])))
