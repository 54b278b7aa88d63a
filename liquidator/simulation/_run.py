"""Many scenarios: what became of accounts in each, in sum, and what repeats the run."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from liquidator.risk import Floats
from liquidator.screening import Executor, InProcess
from liquidator.simulation._market import SimulatedMarket
from liquidator.simulation._scenario import Outcome, play

_AT_ONCE: Final = 4
"""Scenarios that a worker plays before it tells."""

QUANTILE: Final = 0.95
"""Of the value at risk."""

_SUMMED: Final = (
    "flagged",
    "takeovers",
    "sold",
    "rewards",
    "victims_paid",
    "fund_paid",
    "shortfall",
    "depth",
    "seconds",
    "impact",
    "unsold",
    "liquidators_gained",
)


@dataclass(frozen=True)
class Distribution:
    """Of one figure over scenarios.

    Attributes:
        mean: of all.
        median: of all.
        at_risk: the 95 % quantile.
        expected_shortfall: the mean of the worst 5 %.
        most: of all.
    """

    mean: float
    median: float
    at_risk: float
    expected_shortfall: float
    most: float

    @classmethod
    def of(cls, figures: Floats) -> "Distribution":
        """That of some figures; for each quantile the smallest figure that as many are not above."""
        ranked = np.sort(figures)
        worst = ranked[int(np.ceil(QUANTILE * len(ranked))) - 1 :]
        return cls(
            float(ranked.mean()),
            float(ranked[(len(ranked) - 1) // 2]),
            float(worst[0]),
            float(worst.mean()),
            float(ranked[-1]),
        )


@dataclass(frozen=True)
class Simulation:
    """A finished run.

    Attributes:
        accounts: how many.
        equity: of all accounts at the start [USD].
        fund: at the start [USD].
        outcomes: one a scenario.
        inputs: SHA-256 of everything that the run follows from.
    """

    accounts: int
    equity: float
    fund: float
    outcomes: tuple[Outcome, ...]
    inputs: str

    def joined(self, others: Iterable["Simulation"]) -> "Simulation":
        """The scenarios of several runs of the same accounts as one run."""
        runs = [self, *others]
        outcomes = tuple(outcome for run in runs for outcome in run.outcomes)
        inputs = hashlib.sha256("".join(run.inputs for run in runs).encode()).hexdigest()
        return replace(self, outcomes=outcomes, inputs=inputs)

    def column(self, name: str) -> Floats:
        """A figure of `Outcome`, or `insolvent`: debt that was written off or is open."""
        if name == "insolvent":
            return self.column("debt") + self.column("open_debt")
        return np.array([float(getattr(outcome, name)) for outcome in self.outcomes])

    def distribution(self, name: str) -> Distribution:
        """Of a figure."""
        return Distribution.of(self.column(name))

    @property
    def ruin(self) -> float:
        """Part of the scenarios in which accounts owe more than the fund has: the rest falls to all others."""
        return float(np.mean(self.column("insolvent") > self.fund))

    @property
    def lowest_fraction(self) -> float:
        """The least f of any scenario."""
        return float(self.column("fraction").min())

    @property
    def digest(self) -> str:
        """SHA-256 of inputs and outcomes: equal for a run that was repeated to the last digit."""
        text = json.dumps([self.inputs, [list(outcome) for outcome in self.outcomes]])
        return hashlib.sha256(text.encode()).hexdigest()

    def rows(self) -> list[dict[str, float]]:
        """The figures of each scenario."""
        return [outcome._asdict() for outcome in self.outcomes]

    def summary(self) -> dict[str, Any]:
        """The figures in sum, and digests."""
        return {
            "accounts": self.accounts,
            "equity": self.equity,
            "fund": self.fund,
            "ruin": self.ruin,
            "lowest_fraction": self.lowest_fraction,
            "insolvent": vars(self.distribution("insolvent")),
            **{name: vars(self.distribution(name)) for name in _SUMMED},
            "inputs": self.inputs,
            "digest": self.digest,
        }


class _Chunk(NamedTuple):
    """Scenarios for one worker.

    Attributes:
        key: of the market.
        market: which the worker keeps; None once it has it.
        paths: of the scenarios.
    """

    key: str
    market: SimulatedMarket | None
    paths: Floats


_kept: dict[str, SimulatedMarket] = {}
"""The market that a worker was sent last."""


def simulate(
    market: SimulatedMarket,
    paths: Floats,
    settings: Mapping[str, Any],
    progress: Callable[[int], None] | None = None,
    executor: Executor | None = None,
) -> Simulation:
    """Play scenarios.

    Args:
        market: what they share.
        paths: one a scenario, by scenario, asset and round.
        settings: what else the caller chose, such as the seed: part of the digest.
        progress: told how many scenarios are done.
        executor: where scenarios are played; None for this process. The figures do not depend on it.
    """
    inputs = inputs_digest(market, paths, settings)
    chosen = InProcess() if executor is None else executor
    sent: SimulatedMarket | None = replace(market)  # without what was computed of it
    chunks = [paths[first : first + _AT_ONCE] for first in range(0, len(paths), _AT_ONCE)]
    outcomes: list[Outcome] = []
    for first in range(0, len(chunks), chosen.workers):
        items = [_Chunk(inputs, sent, each) for each in chunks[first : first + chosen.workers]]
        for found in chosen.map(_play_chunk, items):
            outcomes += found
        sent = None
        if progress is not None:
            progress(len(outcomes))
    return Simulation(len(market.balances), market.backing, market.terms.fund, tuple(outcomes), inputs)


def _play_chunk(chunk: _Chunk) -> list[Outcome]:
    if chunk.market is not None:
        _kept.clear()
        _kept[chunk.key] = chunk.market
    market = _kept[chunk.key]
    with threadpool_limits(limits=1):  # products are small: threads would wait for each other
        return [play(market, path) for path in chunk.paths]


def inputs_digest(market: SimulatedMarket, paths: Floats, settings: Mapping[str, Any]) -> str:
    """SHA-256 of round, accounts, markets, terms, paths, settings and the version of numpy."""
    told = {
        "round": market.round_.digest(),
        "book": market.round_.book.digest(),
        "markets": [list(each) for each in market.markets],
        "terms": market.terms.model_dump(mode="json"),
        "settings": dict(settings),
        "numpy": np.__version__,
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for array in (market.holdings.balances, market.holdings.quote, paths):
        digest.update(str(array.shape).encode() + np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()
