"""Forecasts along a history, each from what was known then, and what happened next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._history import DAY, PriceHistory
from liquidator.risk._methods import VolatilityMethod
from liquidator.risk._model import MarketModel
from liquidator.risk._predict import Sampling, distance_crossing, predict
from prover.account import State
from prover.formats import parse_number, parse_table
from prover.market import PRICE_DECIMALS, Asset, AssetKind, AssetList, PriceRound
from verifier import InputError, read_input_file

LEVERAGES: Final = (2, 3, 5, 8, 12, 20, 30, 50)
"""Of the accounts that forecasts are made for, each once long and once short."""

_SYMBOL: Final = "PERP"
_MAINTENANCE_PPM: Final = 10_000
_UNIT: Final = 10**9
_BASELINE_DAYS: Final = 30
_MEMORY_DAYS: Final = 730
"""Of what a forecast is fitted to."""

_BOOK: Final = AssetList("risk", 13, (Asset(_SYMBOL, AssetKind.PERPETUAL, 2 * _MAINTENANCE_PPM, _MAINTENANCE_PPM),))


class Forecasts(NamedTuple):
    """What was forecast, and what happened: a row a time, then an account, then a horizon.

    Attributes:
        times: of the forecasts, Unix seconds.
        simulated: probability of crossing by simulation.
        distance: by distance over the volatility of the last 30 days.
        base_rate: how often it had happened before, over all accounts.
        outcomes: 1 where the account crossed.
    """

    times: Floats
    simulated: Floats
    distance: Floats
    base_rate: Floats
    outcomes: Floats


@dataclass(frozen=True)
class Candles:
    """Prices with their extremes.

    Attributes:
        history: of one asset: opens.
        highs: from each open to the next.
        lows: from each open to the next.
    """

    history: PriceHistory
    highs: Floats
    lows: Floats

    @classmethod
    def load(cls, name: str, path: Path) -> Self:
        """Read a file of candles.

        Args:
            name: of the asset.
            path: CSV as for `PriceHistory.load`. Without the columns `high` and `low` the opens are all that is known.

        Raises:
            InputError: as `PriceHistory.load`, or an extreme is no number above 0.
        """
        history = PriceHistory.load({name: path})
        opens = history.prices[:, 0]
        following = np.append(opens[1:], opens[-1])
        where = str(path)
        rows = list(parse_table(read_input_file(path, where), where, ("timestamp", "open"), None))
        if not all({"high", "low"} <= row.keys() for _, row in rows):
            return cls(history, np.maximum(opens, following), np.minimum(opens, following))
        extremes = np.array(
            [[float(parse_number(row[side], f"{at}, {side}")) for side in ("high", "low")] for at, row in rows]
        )
        if not (extremes > 0).all():
            raise InputError(f"{where}: a high or low that is not above 0")
        return cls(history, *extremes.T)

    def slice(self, first: int, end: int) -> Self:
        """Those of some places."""
        prices = self.history
        part = PriceHistory(prices.names, prices.times[first:end], prices.prices[first:end])
        return replace(self, history=part, highs=self.highs[first:end], lows=self.lows[first:end])


def walk_forward(
    candles: Candles, steps: Sequence[int], method: VolatilityMethod, *, first: int, stride: int, paths: int = 2_000
) -> Forecasts:
    """Forecast at times along a history whether accounts of many leverages will cross.

    Args:
        candles: of one asset.
        steps: horizons, rising.
        method: of the volatility.
        first: candles that are known at the first forecast.
        stride: candles from one forecast to the next.
        paths: of each simulation.

    Raises:
        InputError: too little is known at the first forecast.
    """
    places = range(first, len(candles.lows) - steps[-1] + 1, stride)
    rows = [_at(candles, place, steps, method, paths) for place in places]
    simulated, distance, outcomes = (np.stack(each) for each in zip(*rows, strict=True))
    times = candles.history.times[list(places)].astype(np.float64)
    known = -(-steps[-1] // stride)
    return Forecasts(times, simulated, distance, _base_rates(outcomes, known), outcomes)


def _at(
    candles: Candles, place: int, steps: Sequence[int], method: VolatilityMethod, paths: int
) -> tuple[Floats, Floats, Floats]:
    step = candles.history.step
    known = candles.slice(max(place + 1 - _MEMORY_DAYS * DAY // step, 0), place + 1).history
    horizons = [count * float(step) for count in steps]
    price = round(known.prices[-1, 0] * 10**PRICE_DECIMALS)
    states = list(_states(price))
    model = MarketModel.fit(known, horizons, method)
    sampling = Sampling(paths=paths, seed=place)
    made = predict(states, _round(price), [[_SYMBOL]], model, horizons=horizons, sampling=sampling)
    recent = known.returns[-max(_BASELINE_DAYS * DAY // step, _BASELINE_DAYS) :, 0]
    deviation = np.sqrt(np.mean(recent**2) * np.array(steps, dtype=np.float64))
    health = np.array([_health(state, price) for state in states])
    exposure = np.array([abs(state.balances[0]) / _UNIT for state in states]) * price
    distance = distance_crossing(health[:, None], exposure[:, None] * deviation)
    return made.crossing, distance, _outcomes(candles, place, steps, states)


def _states(price: int) -> Iterator[State]:
    """One contract, long or short, at each leverage."""
    for side in (1, -1):
        for leverage in LEVERAGES:
            yield State((side * _UNIT, *[0] * 12), _UNIT * price // leverage - side * _UNIT * price)


def _round(price: int) -> PriceRound:
    return PriceRound(_BOOK, 1, 0, (price, *[0] * 12), (0,) * 13)


def _health(state: State, price: float) -> float:
    """At maintenance margin [1e-9 USD]."""
    return state.quote / _UNIT + state.balances[0] / _UNIT * price - _MAINTENANCE_PPM * 1e-6 * price


def _outcomes(candles: Candles, place: int, steps: Sequence[int], states: Sequence[State]) -> Floats:
    found = np.zeros((len(states), len(steps)))
    for column, count in enumerate(steps):
        low = float(candles.lows[place : place + count].min()) * 10**PRICE_DECIMALS
        high = float(candles.highs[place : place + count].max()) * 10**PRICE_DECIMALS
        worst = [_health(state, low if state.balances[0] > 0 else high) for state in states]
        found[:, column] = np.array(worst) < 0
    return found


def _base_rates(outcomes: Floats, known: int) -> Floats:
    """How often it had happened, of what was known: the last horizon of a forecast must have ended. 1/2 before."""
    rates = np.full(outcomes.shape, 0.5)
    sums = np.cumsum(outcomes.mean(axis=1), axis=0)
    for row in range(known, len(outcomes)):
        rates[row] = sums[row - known] / (row - known + 1)
    return rates
