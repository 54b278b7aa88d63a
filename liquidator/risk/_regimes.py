"""Regimes of volatility: since when prices move as they do now, and whether that is calm, usual or wild.

Two methods look at the same series, the logarithm of each day's variance. Change points (Killick, Fearnhead and Eckley
2012, by the package ruptures) say where its mean moved. Markov switching (Hamilton 1989, by the package statsmodels)
says how likely each of three states is today.
"""

import warnings
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from ruptures import KernelCPD

from liquidator.risk._black76 import Floats
from liquidator.risk._history import DAY, PriceHistory
from liquidator.risk._volatility import clean
from verifier import InputError

LEAST_DAYS: Final = 60
"""Of a history in which regimes are looked for."""

MEMORY_DAYS: Final = 730
"""Of what counts: its mean variance is the reference."""

_LEAST_SEGMENT: Final = 2
"""Days that a regime has."""

_PENALTY: Final = 5.0
"""Of a change point, in variances of the noise times the logarithm of the number of days."""

_LEAST_VARIANCE: Final = 1e-4
"""Of a day, as a part of the median: that a price hardly moved once is no regime."""

_STATES: Final = 3
_STAY: Final = 0.97
"""Where the estimate of staying in a state for another day begins."""

_ROUNDS: Final = 40
"""Of expectation and maximisation: they find better likelihoods than a search by gradients that takes as long."""


class Regime(NamedTuple):
    """How prices move now.

    Attributes:
        since: first day of it, Unix seconds.
        days: how many it has.
        volatility: a day, in it.
        reference: a day, in all that counts.
        is_only: whether nothing changed in all that counts.
    """

    since: int
    days: int
    volatility: float
    reference: float
    is_only: bool

    @property
    def ratio(self) -> float:
        """Of its volatility to the reference."""
        return 1.0 if self.is_only else self.volatility / self.reference


class States(NamedTuple):
    """Probabilities of a day of the present regime, on average.

    Attributes:
        calm: that it is in the state with the least variance.
        usual: in the one between.
        wild: in the one with the greatest.
    """

    calm: float
    usual: float
    wild: float


@dataclass(frozen=True)
class Regimes:
    """The days of an asset, and the regimes as they were known after each of them.

    Attributes:
        days: their starts, Unix seconds; days without half of their prices, or without a move, are left out.
        variances: of the logarithm of the price over each day, jumps clipped.
    """

    days: npt.NDArray[np.int64]
    variances: Floats
    _found: dict[int, Regime] = field(default_factory=dict, repr=False)
    _states: dict[int, States] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, history: PriceHistory, column: int) -> Self:
        """Those of an asset of a history.

        Raises:
            InputError: less than 60 days, or prices less than daily.
        """
        steps = DAY // history.step
        if not steps:
            raise InputError("price history: regimes need a price a day, and better one an hour")
        whole = np.diff(history.times) == history.step
        days, places, counts = np.unique((history.times[1:][whole] - 1) // DAY, return_inverse=True, return_counts=True)
        sums = np.bincount(places, clean(history.returns[:, column]).clipped)
        kept = (2 * counts >= steps) & (sums > 0.0)
        if int(kept.sum()) < LEAST_DAYS:
            raise InputError(f"price history: regimes need {LEAST_DAYS} days, there are {int(kept.sum())}")
        return cls(days[kept] * DAY, sums[kept] / counts[kept] * steps)

    def __len__(self) -> int:
        return len(self.days)

    def at(self, known: int) -> Regime:
        """The last regime, when some days were known.

        Args:
            known: how many, from `LEAST_DAYS`.
        """
        if known not in self._found:
            variances = self._kept(known)
            series = _series(variances)
            noise = 0.5 * float(np.mean(np.diff(series) ** 2))
            penalty = _PENALTY * noise * np.log(len(series))
            search = KernelCPD(kernel="linear", min_size=_LEAST_SEGMENT).fit(series[:, None])
            ends = search.predict(pen=penalty)
            first = int(ends[-2]) if len(ends) > 1 else 0
            volatility, reference = (float(np.sqrt(part.mean())) for part in (variances[first:], variances))
            count = len(variances) - first
            self._found[known] = Regime(int(self.days[known - count]), count, volatility, reference, len(ends) == 1)
        return self._found[known]

    def states(self, known: int) -> States:
        """Which state the last regime is, when some days were known. Arguments as for `at`."""
        if known not in self._states:
            daily = _switching(_series(self._kept(known)))
            self._states[known] = States(*daily[-self.at(known).days :].mean(axis=0).tolist())
        return self._states[known]

    def _kept(self, known: int) -> Floats:
        return np.asarray(self.variances[max(known - MEMORY_DAYS, 0) : known])


def _series(variances: Floats) -> Floats:
    least = _LEAST_VARIANCE * max(float(np.median(variances)), 1e-12)
    return np.log(np.maximum(variances, least))


def _switching(series: Floats) -> Floats:
    """Probabilities of each day: three levels, rising, with one variance around them.

    The search begins at quantiles: from other starts it ends in worse optima.
    """
    from statsmodels.tsa.regime_switching.markov_regression import (  # noqa: PLC0415 - slow, and rarely needed
        MarkovRegression,
    )

    leave = (1.0 - _STAY) / (_STATES - 1)
    moves = [_STAY if old == new else leave for new in range(_STATES - 1) for old in range(_STATES)]
    start = [*moves, *np.quantile(series, (0.1, 0.5, 0.9)), float(series.var()) / 4.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it stopped early: probabilities are as good as they need to be
        fitted = MarkovRegression(series, k_regimes=_STATES).fit(
            start_params=start, em_iter=_ROUNDS, maxiter=0, disp=False
        )
    levels = fitted.params[_STATES * (_STATES - 1) :][:_STATES]
    return np.asarray(fitted.smoothed_marginal_probabilities[:, np.argsort(levels)])
