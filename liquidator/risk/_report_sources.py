"""The sections of a report that look at a simulation, at the jobs of an engine, and at past prices."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._history import DAY
from liquidator.risk._methods import VolatilityMethod
from liquidator.risk._report_section import Cell, Column, Section, left_out
from liquidator.risk._scores import reliability
from liquidator.risk._walk_forward import Candles, walk_forward
from liquidator.store import Job, Outcome
from verifier import InputError, read_json, require_format

_QUANTILES: Final = (("median", 0.5), ("75 %", 0.75), ("95 %", 0.95), ("99 %", 0.99), ("most", 1.0))
_KNOWN: Final = 600
"""Prices that are known at the first forecast."""

_FORECASTS: Final = 150
_LEAST_FORECASTS: Final = 100
_PATHS: Final = 400
_BINS: Final = 8


class History(NamedTuple):
    """Past prices of a market.

    Attributes:
        symbols: of the book, that move as it does.
        candles: with their extremes.
    """

    symbols: tuple[str, ...]
    candles: Candles


def load_simulation(path: Path) -> Mapping[str, Any]:
    """Read what `liquidator simulate --out` wrote.

    Raises:
        InputError: it is something else.
    """
    content: Any = read_json(path, "simulation")
    require_format(content, "zksolvency/simulation/1", f"simulation {path}")
    return dict(content)


_CASCADES: Final = Section(
    "cascades",
    "Cascades",
    "Simulated scenarios: sales move prices, which pull further accounts below their margin. A wave is one step.",
)
_FUND: Final = Section(
    "fund",
    "Insurance fund",
    "Simulated debt that accounts cannot pay, as a multiple of what the fund has at the start.",
)
_NO_SIMULATION: Final = "no result of a simulation was given: --simulation"


def cascades_section(simulation: Mapping[str, Any] | None) -> Section:
    if simulation is None:
        return left_out(_CASCADES, _NO_SIMULATION)
    equity = _number(simulation, "equity")
    flagged, seconds, depth = (_column(simulation, name) for name in ("flagged", "seconds", "depth"))
    sold = _column(simulation, "sold") / max(equity, 1.0)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, *(float(np.quantile(values, quantile)) for values in (flagged, sold, seconds, depth)))
        for name, quantile in _QUANTILES
    )
    return Section(
        _CASCADES.key,
        _CASCADES.title,
        _CASCADES.says,
        (
            Column("of the scenarios", "text"),
            Column("accounts flagged", "ratio"),
            Column("sold / equity of all", "percent"),
            Column("length", "seconds"),
            Column("waves", "ratio"),
        ),
        rows,
        {"seconds": seconds.tolist(), "depth": depth.tolist()},
    )


def fund_section(simulation: Mapping[str, Any] | None) -> Section:
    if simulation is None:
        return left_out(_FUND, _NO_SIMULATION)
    fund = _number(simulation, "fund")
    if fund <= 0:
        return left_out(_FUND, "the simulation has no fund")
    insolvent = (_column(simulation, "debt") + _column(simulation, "open_debt")) / fund
    rows: list[tuple[Cell, ...]] = [(name, float(np.quantile(insolvent, quantile))) for name, quantile in _QUANTILES]
    ruin = float(np.mean(insolvent > 1.0))
    says = f"{_FUND.says} It does not suffice in {ruin:.2%} of {len(insolvent):,} scenarios."
    columns = (Column("of the scenarios", "text"), Column("debt / fund", "percent"))
    return Section(_FUND.key, _FUND.title, says, columns, tuple(rows), {"insolvent": insolvent.tolist()})


def _column(simulation: Mapping[str, Any], name: str) -> Floats:
    try:
        values = np.array([float(row[name]) for row in simulation["scenarios"]])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"simulation: its scenarios have no figure {name}") from None
    if not len(values) or not np.isfinite(values).all():
        raise InputError(f"simulation: its scenarios have no figure {name}")
    return values


def _number(simulation: Mapping[str, Any], name: str) -> float:
    value = simulation.get(name)
    if not isinstance(value, int | float):
        raise InputError(f"simulation: it has no number {name}")
    return float(value)


# ------------------------------------------------------------------------------------------------ engine, prices

_AUCTIONS: Final = Section(
    "auctions",
    "Auctions and other jobs",
    "What the engine did, from its store. A refused job came too late, cost too much, or its reason had passed.",
)
_CALIBRATION: Final = Section(
    "calibration",
    "Calibration",
    "Forecasts of crossings, made along the past prices with what was known then, against what happened. Exact ones "
    "are on the line. They are for 16 made-up accounts of different leverage, 24 hours ahead.",
)


def auctions_section(jobs: Sequence[Job] | None) -> Section:
    if jobs is None:
        return left_out(_AUCTIONS, "no store of an engine was given: --store")
    rows: list[tuple[Cell, ...]] = []
    for name in sorted({job.task.action.partition(" ")[0] for job in jobs}):
        chosen = [job for job in jobs if job.task.action.partition(" ")[0] == name]
        counts = [sum(job.outcome is outcome for job in chosen) for outcome in Outcome]
        seconds = [job.changed - job.begun for job in chosen if job.outcome is Outcome.DONE]
        rows.append((name, *counts, float(np.median(seconds)) if seconds else None))
    return Section(
        _AUCTIONS.key,
        _AUCTIONS.title,
        _AUCTIONS.says,
        (
            Column("job", "text"),
            *(Column(str(outcome), "count") for outcome in Outcome),
            Column("median time", "seconds"),
        ),
        tuple(rows),
    )


def calibration_section(histories: Sequence[History], told: Callable[[str], None]) -> Section:
    if not histories:
        return left_out(_CALIBRATION, "no past prices were given: --history")
    rows: list[tuple[Cell, ...]] = []
    for each in histories:
        name = ", ".join(each.symbols)
        told(f"forecasting along the prices of {name}")
        made = _forecasts(each.candles)
        if made is None:
            continue
        points = reliability(*made, _BINS)
        rows += [
            (name, float(forecast), float(observed), int(cases))
            for forecast, observed, cases in zip(*points, strict=True)
        ]
    if not rows:
        return left_out(
            _CALIBRATION, f"the past prices are too short: {_KNOWN + _LEAST_FORECASTS} and a day are needed"
        )
    return Section(
        _CALIBRATION.key,
        _CALIBRATION.title,
        _CALIBRATION.says,
        (
            Column("market", "text"),
            Column("forecast", "percent"),
            Column("happened", "percent"),
            Column("cases", "count"),
        ),
        tuple(rows),
    )


def _forecasts(candles: Candles) -> tuple[Floats, Floats] | None:
    """Probabilities and outcomes along a history; None where it is too short."""
    steps, count, first = max(DAY // candles.history.step, 1), len(candles.lows), _KNOWN
    stride = max((count - first - steps) // _FORECASTS, 1)
    if count - first - steps < _LEAST_FORECASTS:
        return None
    made = walk_forward(candles, [steps], VolatilityMethod.HAR, first=first, stride=stride, paths=_PATHS)
    return made.simulated[..., 0].ravel(), made.outcomes[..., 0].ravel()
