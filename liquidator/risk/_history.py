"""Histories of prices: candles of one asset, and several of them on one grid of times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import numpy as np

from liquidator.risk._black76 import Floats
from prover.formats import parse_number, parse_table
from prover.market import PRICE_DECIMALS, load_price_series
from verifier import InputError, read_input_file

DAY: Final = 86_400
_VOLUME: Final = "volume"


@dataclass(frozen=True)
class PriceHistory:
    """Prices of several assets at the same times.

    Attributes:
        names: of the assets, in the order of the columns.
        times: Unix seconds, rising.
        prices: USD, a row a time.

    Raises:
        InputError: fewer than three times, prices of another shape, or one that is not above 0.
    """

    names: tuple[str, ...]
    times: np.ndarray[tuple[int], np.dtype[np.int64]]
    prices: Floats

    def __post_init__(self) -> None:
        if self.prices.shape != (len(self.times), len(self.names)) or len(self.times) < 3:
            raise InputError("price history: at least three times are needed, with a price of each asset")
        if not (np.diff(self.times) > 0).all() or not (self.prices > 0).all():
            raise InputError("price history: times must rise, and prices be above 0")

    @classmethod
    def load(cls, paths: Mapping[str, Path]) -> Self:
        """Read a file of candles for each asset, and keep the times that all of them have.

        Args:
            paths: by name of the asset; CSV as for `load_price_series`, with any further columns.

        Raises:
            InputError: as `load_price_series`, or the files have fewer than three times in common.
        """
        return cls.of_series({name: dict(load_price_series(path)) for name, path in paths.items()})

    @classmethod
    def of_series(cls, series: Mapping[str, Mapping[int, int]]) -> Self:
        """Keep the times that all series have.

        Args:
            series: prices by time [1e-9 USD], by name of the asset.

        Raises:
            InputError: they have fewer than three times in common.
        """
        common = sorted(set.intersection(*(set(points) for points in series.values()))) if series else []
        rows = [[points[time] / 10**PRICE_DECIMALS for points in series.values()] for time in common]
        return cls(tuple(series), np.array(common, dtype=np.int64), np.array(rows).reshape(len(common), len(series)))

    @cached_property
    def step(self) -> int:
        """The usual time between two prices [s]."""
        return int(np.median(np.diff(self.times)))

    @cached_property
    def returns(self) -> Floats:
        """Logarithms of price ratios over one step. What spans a gap in the times is left out."""
        whole = np.diff(self.times) == self.step
        return np.asarray(np.diff(np.log(self.prices), axis=0)[whole])

    def until(self, count: int) -> "PriceHistory":
        """The first prices alone: what was known then."""
        return PriceHistory(self.names, self.times[:count], self.prices[:count])


def resampled(points: Iterable[tuple[int, int]], step: int, until: int) -> dict[int, int]:
    """The last price at or before each multiple of a step; a multiple without a price since the one before is left out.

    Args:
        points: times and prices, the oldest first.
        step: [s].
        until: the last time that is known: a multiple after it has no price yet.
    """
    found = {-(-time // step) * step: price for time, price in points}
    return {time: price for time, price in found.items() if time <= until}


def daily_volume(path: Path, days: int = 30) -> float:
    """Mean volume a day of the last days of a file of candles [USD].

    Args:
        path: CSV with the columns `timestamp`, `open` and `volume`, the last in USD.
        days: how many.

    Raises:
        InputError: no such column, no number of at least 0, or less than a day of candles.
    """
    where = str(path)
    rows = list(parse_table(read_input_file(path, where), where, ("timestamp", "open", _VOLUME), None))
    times = [int(row["timestamp"]) for _, row in rows]
    volumes = [float(parse_number(row[_VOLUME], f"{at}, {_VOLUME}")) for at, row in rows]
    if any(volume < 0 for volume in volumes):
        raise InputError(f"{where}: a volume below 0")
    if len(times) < 2 or times[-1] - times[0] < DAY:
        raise InputError(f"{where}: volumes of at least a day are needed")
    first = times[-1] - days * DAY
    kept = [(time, volume) for time, volume in zip(times, volumes, strict=True) if time >= first]
    step = float(np.median(np.diff(times)))
    return sum(volume for _, volume in kept) * DAY / (len(kept) * step)
