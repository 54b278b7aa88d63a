"""Options on a forward by the formula of Black (1976): value, Greeks, implied volatility, all vectorised.

A value is computed out of the money, where it has no intrinsic part to cancel: with x = log(F / K), s the standard
deviation of log F until expiry, h = -|x| / s and t = s / 2 it is

    sqrt(F K) exp(-(h^2 + t^2) / 2) / sqrt(2 pi) * (Y(h + t) - Y(h - t)),   Y(z) = N(z) / n(z)

with N and n the normal distribution and density (Jaeckel 2015, "Let's be rational", section 6). Put-call parity gives
the other side.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, ndtr

Floats = npt.NDArray[np.float64]
Numbers = npt.ArrayLike

_ROOT_2: Final = float(np.sqrt(2.0))
_ROOT_2PI: Final = float(np.sqrt(2.0 * np.pi))
_NODES, _WEIGHTS = (np.asarray(part) for part in np.polynomial.legendre.leggauss(48))

_LEAST_SPREAD: Final = 1e-3
"""Of s / (1 + |h|): below it the two terms are too near each other to be subtracted."""

_MOST_STEPS: Final = 80
_TOLERANCE: Final = 2e-14


class Greeks(NamedTuple):
    """Value of options, and how it changes; one number an option.

    Attributes:
        value: in the unit of the forward.
        delta: for a unit of the forward.
        gamma: of delta, for a unit of the forward.
        vega: for a volatility higher by 1, that is by 100 %.
        theta: for a year that passes.
    """

    value: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats


def black76(
    forward: Numbers, strike: Numbers, years: Numbers, volatility: Numbers, is_call: Numbers, rate: Numbers = 0.0
) -> Greeks:
    """Value and Greeks of options on a forward. All arguments broadcast.

    Where nothing is left to move, at expiry or without volatility, the value is the discounted intrinsic value, delta
    is 1/2 at the strike, and gamma, vega and theta (but for interest) are 0.

    Args:
        forward: price of the underlying for delivery at expiry, at least 0.
        strike: at least 0.
        years: to expiry; an option that has expired counts as one that expires now.
        volatility: a year, at least 0.
        is_call: or a put.
        rate: continuously compounded, a year.

    Returns:
        NaN where an argument is out of range.
    """
    f, k, t, sigma, call, r = _broadcast(forward, strike, years, volatility, is_call, rate)
    t = np.maximum(t, 0.0)
    with np.errstate(all="ignore"):
        discount = np.exp(-r * t)
        s = sigma * np.sqrt(t)
        d1 = _d1(f, k, s)
        density = np.exp(-0.5 * d1 * d1) / _ROOT_2PI
        value = discount * (np.maximum(np.where(call, f - k, k - f), 0.0) + _time_value(f, k, s))
        delta = discount * np.where(call, ndtr(d1), -ndtr(-d1))
        moves = np.isfinite(d1) & (s > 0) & np.isfinite(s)
        gamma = np.where(moves, discount * density / (f * s), 0.0)
        vega = np.where(moves, discount * f * density * np.sqrt(t), 0.0)
        decay = np.where(moves, discount * f * density * sigma / (2.0 * np.sqrt(t)), 0.0)
        theta = r * value - decay
    valid = (f >= 0) & (k >= 0) & (sigma >= 0) & ~np.isnan(r * t)
    return Greeks(*(np.where(valid, each, np.nan) for each in (value, delta, gamma, vega, theta)))


def black76_value(
    forward: Numbers, strike: Numbers, years: Numbers, volatility: Numbers, is_call: Numbers, rate: Numbers = 0.0
) -> Floats:
    """Value of options alone; arguments and result as for `black76`."""
    f, k, t, sigma, call, r = _broadcast(forward, strike, years, volatility, is_call, rate)
    t = np.maximum(t, 0.0)
    with np.errstate(all="ignore"):
        intrinsic = np.maximum(np.where(call, f - k, k - f), 0.0)
        value = np.exp(-r * t) * (intrinsic + _time_value(f, k, sigma * np.sqrt(t)))
    return np.where((f >= 0) & (k >= 0) & (sigma >= 0), value, np.nan)


def implied_volatility(
    value: Numbers, forward: Numbers, strike: Numbers, years: Numbers, is_call: Numbers, rate: Numbers = 0.0
) -> Floats:
    """The volatility at which `black76` has a value: Newton's method on the logarithm of the time value, bracketed.

    Args:
        value: price of the option.
        forward: as for `black76`.
        strike: as for `black76`.
        years: as for `black76`.
        is_call: as for `black76`.
        rate: as for `black76`.

    Returns:
        NaN where no volatility has the value: it is below the intrinsic value, or not below the most that an option is
        worth, or the option has expired. 0 for the intrinsic value itself.
    """
    v, f, k, t, call, r = _broadcast(value, forward, strike, years, is_call, rate, flags=4)
    with np.errstate(all="ignore"):
        forward_value = v * np.exp(r * t)
        time_value = forward_value - np.maximum(np.where(call, f - k, k - f), 0.0)
        most = np.minimum(f, k)
        solvable = (time_value > 0) & (time_value < most) & (t > 0)
        result = np.where((time_value == 0) & (t > 0) & (most > 0), 0.0, np.full(v.shape, np.nan))
        if solvable.any():
            s = _deviation(time_value[solvable], f[solvable], k[solvable])
            result[solvable] = s / np.sqrt(t[solvable])
    return result


def _deviation(wanted: Floats, f: Floats, k: Floats) -> Floats:
    """The s at which the time value is as wanted: its log is concave in s, so steps from below never pass the root."""
    x = np.abs(_log_ratio(f, k))
    target = np.log(wanted)
    low, high = np.zeros_like(x), np.full_like(x, np.inf)
    s = np.maximum(np.sqrt(2.0 * x), np.minimum(wanted / np.minimum(f, k), 1.0) * 2.5)
    for _ in range(_MOST_STEPS):
        here = _time_value(f, k, s)
        gap = np.log(here) - target
        low, high = np.where(gap <= 0, s, low), np.where(gap > 0, s, high)
        d1 = _d1(f, k, s)
        slope = f * np.exp(-0.5 * d1 * d1) / _ROOT_2PI / here
        new = s - gap / slope
        middle = np.where(np.isfinite(high), 0.5 * (low + high), 2.0 * s)
        new = np.where((new >= low) & (new <= high), new, middle)
        done = np.abs(new - s) <= _TOLERANCE * s
        s = np.where(gap == 0, s, new)
        if done.all():
            break
    return s


def _broadcast(*arguments: Numbers, flags: int = 4) -> list[npt.NDArray[np.float64]]:
    """Arrays of one shape; the one at the place `flags` is of truth values."""
    arrays = [np.asarray(each, dtype=bool if i == flags else np.float64) for i, each in enumerate(arguments)]
    return list(np.broadcast_arrays(*arrays))


def _log_ratio(f: Floats, k: Floats) -> Floats:
    """log(F / K), exact near 0 too."""
    near = np.abs(f - k) < 0.5 * k
    return np.where(near, np.log1p((f - k) / np.where(near, k, 1.0)), np.log(f / k))


def _d1(f: Floats, k: Floats, s: Floats) -> Floats:
    """x / s + s / 2; infinite without deviation, 0 at the strike."""
    x = _log_ratio(f, k)
    d1 = np.where(s > 0, x / s + 0.5 * s, np.where(x == 0, 0.0, np.copysign(np.inf, x)))
    return np.where((f == 0) & (k == 0), 0.0, d1)


def _time_value(f: Floats, k: Floats, s: Floats) -> Floats:
    """Undiscounted value of the option that is out of the money."""
    h = -np.abs(_log_ratio(f, k)) / s
    t = 0.5 * s
    above, below = h + t, h - t
    scale = np.exp(-0.5 * (h * h + t * t)) / _ROOT_2PI
    apart = np.sqrt(0.5 * np.pi) * (erfcx(-above / _ROOT_2) - erfcx(-below / _ROOT_2))
    narrow = (s < _LEAST_SPREAD * (1.0 - h)) & (s > 0) & np.isfinite(h)
    if narrow.any():
        apart = np.where(narrow, 0.0, apart)
        apart[narrow] = _narrow_difference(h[narrow], t[narrow])
    value = np.sqrt(f) * np.sqrt(k) * scale * apart
    # Above 0 the scaled function overflows where the value is all but the most that it can be.
    wide = above > 5.0
    value = np.where(wide, np.minimum(f, k) * ndtr(above) - np.maximum(f, k) * ndtr(below), value)
    value = np.where((s > 0) & (f > 0) & (k > 0), value, 0.0)
    return np.where(np.isinf(s) & (f > 0) & (k > 0), np.minimum(f, k), value)


def _narrow_difference(h: Floats, t: Floats) -> Floats:
    """Y(h + t) - Y(h - t) for small t: the integral over u > 0 of 2 sinh(t u) exp(h u - u^2 / 2), by Gauss-Legendre.

    No term has the other sign, so nothing cancels. The integrand is below 1e-17 of its sum beyond `end`.
    """
    end = 84.0 / (np.sqrt(h * h + 84.0) - h)
    u = 0.5 * end[..., None] * (_NODES + 1.0)
    terms = 2.0 * np.sinh(t[..., None] * u) * np.exp(h[..., None] * u - 0.5 * u * u)
    return np.asarray(0.5 * end * (terms @ _WEIGHTS))
