"""Prices with regimes, and the fractions of a book with bounds, for tests of margin proposals."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liquidator.risk import FractionRange, PriceHistory, Regimes
from prover.market import AssetList
from tests.liquidator.risk.risk_stage import ROOT

MAJORS = AssetList.load(ROOT / "books" / "majors-13.json")
ENTRIES = MAJORS.listings()
BITCOIN = MAJORS.slots["BTC-PERP"]
HOURS = ROOT / "examples" / "prices" / "btc-hourly.csv"
RANGE = FractionRange(ENTRIES[BITCOIN])
DAY = 86_400
CRASH = 1_542_153_600
"""14 November 2018."""


def made_prices(returns: npt.NDArray[np.float64], step: int = 3_600, start: int = 1_600_041_600) -> PriceHistory:
    """Prices with these returns, from the start of a day on."""
    times = start + step * np.arange(len(returns) + 1)
    prices = 1_000.0 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    return PriceHistory(("BTC-PERP",), times, prices[:, None])


def noise(seed: int, days: int, step: int = 3_600, volatility: float = 0.005) -> npt.NDArray[np.float64]:
    """Independent returns of one volatility; of each third seed Student's t with 4 degrees of freedom."""
    rng, count = np.random.default_rng(seed), days * DAY // step
    drawn = rng.standard_t(4, count) / np.sqrt(2.0) if seed % 3 == 0 else rng.standard_normal(count)
    return np.asarray(drawn * volatility)


@cache
def bitcoin(until: int = 10**10) -> PriceHistory:
    """Hours of 2018, until a time."""
    whole = PriceHistory.load({"BTC-PERP": HOURS})
    return whole.until(int((whole.times <= until).sum()))


@cache
def bitcoin_regimes(until: int = 10**10) -> Regimes:
    """Those of the same."""
    return regimes(bitcoin(until))


def regimes(history: PriceHistory) -> Regimes:
    return Regimes.of(history, 0)


def written(history: PriceHistory, path: Path, shift: int = 0) -> Path:
    """A file of prices, moved in time."""
    rows = zip(history.times.tolist(), history.prices[:, 0].tolist(), strict=True)
    path.write_text("timestamp,open\n" + "".join(f"{time + shift},{price:.4f}\n" for time, price in rows))
    return path
