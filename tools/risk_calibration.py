"""Measures forecasts of crossings along real prices, and draws what docs/risk-methods.md shows.

    python -m tools.risk_calibration

prints the tables of the page, and writes docs/images/risk-reliability.svg. It takes some minutes.
"""

import argparse
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from liquidator.risk import (
    Candles,
    Forecasts,
    PriceHistory,
    Reliability,
    VolatilityMethod,
    brier_score,
    log_score,
    move_bound,
    reliability,
    walk_forward,
)

ROOT: Final = Path(__file__).parent.parent
PICTURE: Final = ROOT / "docs" / "images" / "risk-reliability.svg"
DAY: Final = 86_400
MISS_RATES: Final = (0.05, 0.01)
FORECASTS: Final = ("simulated", "distance", "base_rate")


@dataclass(frozen=True)
class Series:
    """Prices that forecasts are made along.

    Attributes:
        name: for people.
        load: reads them.
        steps: horizons.
        horizons: what to call them.
        first: candles that are known at the first forecast.
        stride: candles from one forecast to the next.
        crash: first and last day of a crash, ISO.
    """

    name: str
    load: Callable[[], Candles]
    steps: tuple[int, int]
    horizons: tuple[str, str]
    first: int
    stride: int
    crash: tuple[str, str]


def committed(name: str) -> Candles:
    """A file of examples/prices."""
    return Candles.load(name, ROOT / "examples" / "prices" / f"{name}.csv")


def of_arch(name: str) -> Candles:
    """Days of trading of a stock index, 1999 to 2018, that the package `arch` ships. Nights count as nothing."""
    table: Any = importlib.import_module(f"arch.data.{name}").load()
    first = table.index[0].to_pydatetime().replace(tzinfo=UTC).timestamp()
    times = int(first) + DAY * np.arange(len(table))
    history = PriceHistory((name,), times, table[["Open"]].to_numpy(np.float64))
    return Candles(history, table["High"].to_numpy(np.float64), table["Low"].to_numpy(np.float64))


def position(name: str, day: str) -> float:
    """The time that stands for a day in a series of `of_arch`."""
    table: Any = importlib.import_module(f"arch.data.{name}").load()
    place = int(table.index.searchsorted(day))
    return float(of_arch(name).history.times[min(place, len(table) - 1)])


SERIES: Final = (
    Series(
        "BTC, hours", lambda: committed("btc-hourly"), (1, 24), ("1 h", "24 h"), 1_000, 6, ("2018-11-12", "2018-11-30")
    ),
    Series("BTC, days", lambda: committed("btc-daily"), (1, 7), ("24 h", "7 d"), 600, 1, ("2018-01-01", "2018-02-28")),
    Series("LTC, days", lambda: committed("ltc-daily"), (1, 7), ("24 h", "7 d"), 505, 1, ("2018-11-12", "2018-12-15")),
    Series("ETH, days", lambda: committed("eth-daily"), (1, 7), ("24 h", "7 d"), 505, 1, ("2019-06-20", "2019-07-31")),
    Series("S&P 500, days", lambda: of_arch("sp500"), (1, 5), ("1 d", "5 d"), 600, 4, ("2008-09-01", "2008-12-31")),
    Series("Nasdaq, days", lambda: of_arch("nasdaq"), (1, 5), ("1 d", "5 d"), 600, 4, ("2008-09-01", "2008-12-31")),
)


def in_crash(series: Series, times: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Which forecasts were made in the crash."""
    if series.name.startswith(("S&P", "Nasdaq")):
        first, last = (position("sp500" if series.name[0] == "S" else "nasdaq", day) for day in series.crash)
    else:
        first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day in series.crash)
    return np.asarray((times >= first) & (times <= last))


def scores(made: Forecasts, horizon: int, kept: "np.ndarray[Any, Any]") -> Iterator[str]:
    """Cells: cases, how often it happened, Brier and log score of each forecast, and how sure the difference is."""
    outcomes = made.outcomes[kept][..., horizon]
    yield f"{outcomes.size:,}"
    yield f"{outcomes.mean():.1%}"
    for score, digits in ((brier_score, 4), (log_score, 3)):
        for name in FORECASTS:
            yield f"{score(getattr(made, name)[kept][..., horizon].ravel(), outcomes.ravel()):.{digits}f}"
    yield f"{advantage(made, horizon, kept):+.1f}"


def advantage(made: Forecasts, horizon: int, kept: "np.ndarray[Any, Any]") -> float:
    """By how many standard errors the simulation's log score is below that of distance: means of 20 blocks of time."""
    rows = np.flatnonzero(kept)
    blocks = [
        log_score(made.distance[part][..., horizon], made.outcomes[part][..., horizon])
        - log_score(made.simulated[part][..., horizon], made.outcomes[part][..., horizon])
        for part in np.array_split(rows, min(20, len(rows)))
    ]
    return float(np.mean(blocks) / (np.std(blocks, ddof=1) / np.sqrt(len(blocks))))


def draw(drawn: list[tuple[str, Reliability, Reliability]]) -> None:
    """Reliability of both forecasts, for every series and horizon."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "risk", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(3, 4, figsize=(12, 9.4), sharex=True, sharey=True, layout="constrained")
    for axis, (title, simulated, distance) in zip(axes.flat, drawn, strict=True):
        axis.plot([1e-4, 1], [1e-4, 1], color="#9aa5b1", linewidth=1, label="exact")
        for points, color, marker, label in (
            (distance, "#c2703d", "s", "distance over volatility"),
            (simulated, "#2b5c8a", "o", "simulation"),
        ):
            shown = (points.forecast > 1e-4) & (points.observed > 0)
            axis.plot(points.forecast[shown], points.observed[shown], marker, color=color, markersize=5, label=label)
        axis.set(xscale="log", yscale="log", xlim=(2e-4, 1.2), ylim=(2e-4, 1.2), title=title)
        axis.minorticks_off()
        axis.grid(color="#e4e7eb", linewidth=0.6)
    axes[0, 0].legend(loc="upper left", fontsize=9)
    figure.supxlabel("probability that was forecast")
    figure.supylabel("part of the cases that crossed")
    figure.savefig(PICTURE, metadata={"Date": None})
    print(f"written: {PICTURE.relative_to(ROOT)}")


def bounds() -> None:
    """How often moves exceeded their conformal bounds."""
    print("\n| series | horizon | wanted | exceeded | moves |\n|---|---|---|---|---|")
    for series in SERIES:
        returns = series.load().history.returns[:, 0]
        for steps, horizon in zip(series.steps, series.horizons, strict=True):
            for rate in MISS_RATES:
                found = move_bound(returns, steps, rate)
                told = f"{found.missed:.1%}" if found.cases else "-"
                print(f"| {series.name} | {horizon} | {rate:.0%} | {told} | {found.cases:,} |")


def main() -> None:
    """Print the tables and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=[*VolatilityMethod], default=[*VolatilityMethod], nargs="*")
    parser.add_argument("--every", type=int, default=1, help="of so many forecasts one alone; draws nothing")
    arguments = parser.parse_args()
    drawn: list[tuple[str, Reliability, Reliability]] = []
    for method in arguments.method:
        print(
            f"\n{method}\n\n| series | horizon | when | cases | crossed | Brier, sim. | dist. | base | log, sim. | ..."
        )
        for series in SERIES:
            stride = series.stride * arguments.every
            made = walk_forward(
                series.load(), series.steps, VolatilityMethod(method), first=series.first, stride=stride
            )
            crash = in_crash(series, made.times)
            for place, horizon in enumerate(series.horizons):
                for when, kept in (("all", np.ones(len(crash), bool)), ("crash", crash)):
                    cells = [series.name, horizon, when, *scores(made, place, kept)]
                    print(f"| {' | '.join(cells)} |", flush=True)
                if method == VolatilityMethod.HAR and arguments.every == 1:
                    outcomes = made.outcomes[..., place].ravel()
                    simulated, distance = (reliability(each[..., place].ravel(), outcomes, 16) for each in made[1:3])
                    drawn.append((f"{series.name}, {horizon}", simulated, distance))
    if drawn:
        draw(drawn)
    bounds()


if __name__ == "__main__":
    main()
