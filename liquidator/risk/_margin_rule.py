"""Margin fractions that follow regimes: when they change, by how much, and what the last year would have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._history import DAY, PriceHistory
from liquidator.risk._regimes import LEAST_DAYS, Regime, Regimes, States
from prover.market import LIMITS_IN_MARGIN, PPM
from verifier import ListedAsset

DEAD_BAND: Final = 1.25
"""A change is at least by this factor: smaller ones are noise, and not worth a notice."""

CALM_DAYS: Final = 30
"""How long a regime lasts before fractions are lowered to it."""

LIKELY: Final = 0.5
"""From this probability on, a regime is a state."""

_GRAIN: Final = 500
"""Fractions that are proposed are multiples of this, rounded up [ppm]."""


class Decision(NamedTuple):
    """What the rule says of one asset.

    Attributes:
        ratio: fractions in force from now on, as a multiple of those of the book; the present one for no change.
        reason: why, for people.
        regime: that was seen.
        states: what it is; None where nothing depended on it.
    """

    ratio: float
    reason: str
    regime: Regime
    states: States | None


@dataclass(frozen=True)
class FractionRange:
    """The fractions of an asset that follow volatility, and their bounds.

    Those of spot and perpetuals are maintenance and initial fraction. Of an option it is what its short side needs of
    the price of the underlying: the other ones are parts of its own price.

    Attributes:
        base: the entry that governance chose for usual times.
        underlying: the entry of an option's underlying; None for other assets.
    """

    base: ListedAsset
    underlying: ListedAsset | None = None

    def of(self, entry: ListedAsset) -> tuple[int, int]:
        """Maintenance and initial fraction of an entry [ppm]."""
        if self.underlying is None:
            return entry.maintenance_ppm, entry.initial_ppm
        return entry.underlying_maintenance_ppm, entry.underlying_initial_ppm

    def put(self, entry: ListedAsset, maintenance: int, initial: int) -> ListedAsset:
        """An entry with other fractions [ppm]."""
        if self.underlying is None:
            return entry._replace(maintenance_ppm=maintenance, initial_ppm=initial)
        return entry._replace(underlying_maintenance_ppm=maintenance, underlying_initial_ppm=initial)

    def ratio(self, entry: ListedAsset) -> float:
        """Of an entry's maintenance fraction to that of the base."""
        return self.of(entry)[0] / self.of(self.base)[0]

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest ratio that `RiskParameters` lets an entry have."""
        maintenance = self.of(self.base)[0]
        least = self.base.floor_ppm / self.base.maintenance_ppm
        return max(least, _GRAIN / maintenance), self.base.ceiling_ppm / maintenance

    def scaled(self, present: ListedAsset, ratio: float) -> ListedAsset:
        """The present entry with fractions of the base times a ratio, within the bounds.

        Raising lowers none, and lowering raises none. The initial fraction keeps covering three limits of a minute.
        """
        rises = ratio > self.ratio(present)
        floor = self.base.floor_ppm if self.underlying is None else 1
        wanted = [min(_grain(value * ratio), self.base.ceiling_ppm) for value in self.of(self.base)]
        wanted[0] = max(wanted[0], floor)
        wanted[1] = max(wanted[1], self._least_initial(present))
        choose = max if rises else min
        return self.put(present, *(choose(pair) for pair in zip(wanted, self.of(present), strict=True)))

    def _least_initial(self, present: ListedAsset) -> int:
        """That which covers three limits of a minute at every price, as `RiskParameters` asks for [ppm]."""
        least = present.least_price if self.underlying is None else max(self.underlying.least_price, present.strike)
        amount = -(-LIMITS_IN_MARGIN * PPM * present.deviation_amount // least)
        return amount if self.underlying is not None else max(amount, LIMITS_IN_MARGIN * present.deviation_ppm)


def decide(regimes: Regimes, known: int, present: float, bounds: tuple[float, float]) -> Decision:
    """Whether the fractions of an asset change, by what was known after some days.

    Args:
        regimes: of its prices.
        known: days, from `LEAST_DAYS`.
        present: ratio of the fractions in force to those of the book.
        bounds: of the ratio.
    """
    regime = regimes.at(known)
    wanted = float(np.clip(regime.ratio, *bounds))
    if present / DEAD_BAND <= wanted <= present * DEAD_BAND:
        return Decision(present, "its volatility fits the fractions in force", regime, None)
    if wanted < present and regime.days < CALM_DAYS and not regime.is_only:
        return Decision(present, f"it is calmer, but not yet for {CALM_DAYS} days", regime, None)
    states = regimes.states(known)
    if wanted > present:
        wanted = wanted if states.wild >= LIKELY else min(wanted, 1.0)
        if wanted <= present * DEAD_BAND:
            return Decision(present, "prices moved more, but no wild state is likely", regime, states)
        return Decision(wanted, "a wilder regime has begun", regime, states)
    wanted = wanted if states.calm >= LIKELY else max(wanted, 1.0)
    if states.wild >= LIKELY or wanted >= present / DEAD_BAND:
        return Decision(present, "prices moved less, but no calm state is likely", regime, states)
    return Decision(wanted, "a calmer regime lasts", regime, states)


class Replay(NamedTuple):
    """What a year would have been with the rule and without, by the moves of the history's step.

    Attributes:
        since: Unix seconds.
        until: Unix seconds.
        step: of a move [s].
        moves: how many.
        exceeded: moves beyond the maintenance fraction, with the rule.
        exceeded_without: the same with the fractions of the book all the time.
        mean_ppm: maintenance fraction on average, with the rule.
        without_ppm: that of the book.
        changes: when a fraction came into force, Unix seconds, and which [ppm].
    """

    since: int
    until: int
    step: int
    moves: int
    exceeded: int
    exceeded_without: int
    mean_ppm: float
    without_ppm: int
    changes: tuple[tuple[int, int], ...]


def replay(
    history: PriceHistory, column: int, regimes: Regimes, fractions: FractionRange, delay: int, days: int = 365
) -> Replay:
    """The last year with the rule, each day by what was known then, and without it.

    What tightens is in force when a day has ended. What loosens waits for governance's delay, and is dropped when
    something tightens meanwhile.

    Args:
        history: of the asset.
        column: of it.
        regimes: of the same.
        fractions: of its entry.
        delay: of governance [s].
        days: that are replayed, or as many as follow the first `LEAST_DAYS`.
    """
    first = max(len(regimes) - days, LEAST_DAYS)
    begun = int(regimes.days[first - 1]) + DAY
    entry, waiting = fractions.base, list[tuple[int, ListedAsset]]()
    changes = [(begun, fractions.of(entry)[0])]
    for known in range(first, len(regimes) + 1):
        now = int(regimes.days[known - 1]) + DAY
        if waiting and now >= waiting[0][0]:
            entry = waiting.pop()[1]
            changes.append((now, fractions.of(entry)[0]))
        found = decide(regimes, known, fractions.ratio(entry), fractions.bounds)
        target = fractions.scaled(entry, found.ratio)
        if target == entry:
            waiting.clear()
        elif found.ratio > fractions.ratio(entry):
            entry = target
            waiting.clear()
            changes.append((now, fractions.of(entry)[0]))
        elif not waiting:
            waiting.append((now + delay, target))
    return _compared(history, column, begun, fractions.of(fractions.base)[0], changes)


def _compared(
    history: PriceHistory, column: int, begun: int, without_ppm: int, changes: Sequence[tuple[int, int]]
) -> Replay:
    whole = np.diff(history.times) == history.step
    starts = history.times[:-1][whole]
    counted = starts >= begun
    moves: Floats = np.abs(np.expm1(history.returns[counted, column])) * PPM
    times, fractions = np.array(changes).T
    in_force = fractions[np.searchsorted(times, starts[counted], side="right") - 1]
    return Replay(
        begun,
        int(history.times[-1]),
        history.step,
        len(moves),
        int((moves > in_force).sum()),
        int((moves > without_ppm).sum()),
        float(in_force.mean()) if len(moves) else float(without_ppm),
        without_ppm,
        tuple(changes[1:]),
    )


def _grain(value: float) -> int:
    return -(-round(value) // _GRAIN) * _GRAIN
