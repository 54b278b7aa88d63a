"""Sweeps: what each value of each parameter does, and which set of them costs owners and creditors least."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import Field

from liquidator.simulation._run import Simulation
from liquidator.simulation._terms import SimulationTerms, parse_toml
from prover.storage import FileModel, validate_model
from verifier import InputError

_MOST_VALUES: Final = 200

Value = bool | int | float | str


class SweepCosts(FileModel):
    """What makes one figure of losses and of locked money.

    Attributes:
        events_a_year: how often scenarios like these come.
        capital_a_year: what a USD of initial margin costs its owner in a year.
        most_ruin: the part of the scenarios in which the fund may not suffice.
    """

    events_a_year: Annotated[float, Field(ge=0.0)] = 1.0
    capital_a_year: Annotated[float, Field(ge=0.0)] = 0.05
    most_ruin: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01


class SweepPlan(FileModel):
    """What is tried.

    Attributes:
        base: terms that are changed, one at a time.
        values: to try, by name of the term.
        costs: of losses and locked money.
    """

    base: Annotated[dict[str, Value], Field(default_factory=dict)]
    values: Annotated[dict[str, Annotated[tuple[Value, ...], Field(min_length=1)]], Field(min_length=1)]
    costs: SweepCosts = SweepCosts()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file.

        Raises:
            InputError: no TOML, an unknown name, a value that no term has, or more than 200 values.
        """
        where = f"sweep {path}"
        made = validate_model(cls, parse_toml(path, "sweep"), where)
        if made.most_sets - 2 > _MOST_VALUES:
            raise InputError(f"{where}: more than {_MOST_VALUES} values")
        list(made.singles())
        return made

    @cached_property
    def terms(self) -> SimulationTerms:
        """The base."""
        return SimulationTerms.of(self.base, "sweep, base")

    def singles(self) -> Iterator[tuple[str, Value, SimulationTerms]]:
        """Each value of each name, all else as in the base. Raises InputError."""
        for name, values in self.values.items():
            for value in values:
                terms = self.base | {name: value}
                yield name, value, SimulationTerms.of(terms, f"sweep, {name} = {value}")

    @property
    def most_sets(self) -> int:
        """Of terms that are tried at most: the base, each value, and the best ones together."""
        return sum(map(len, self.values.values())) + 2

    @cached_property
    def interval(self) -> int:
        """The longest time of which all intervals between rounds are multiples [s]."""
        return gcd(self.terms.round_interval, *(terms.round_interval for _, _, terms in self.singles()))


class Tried(NamedTuple):
    """A set of terms.

    Attributes:
        changes: what differs from the base.
        margin: initial margin of all accounts at the start [USD].
        run: what was simulated.
        cost: a year [USD].
    """

    changes: Mapping[str, Value]
    margin: float
    run: Simulation
    cost: float

    def figures(self) -> dict[str, Any]:
        """What is shown of it."""
        insolvent = self.run.distribution("insolvent")
        return {
            "changes": dict(self.changes),
            "insolvent": insolvent.mean,
            "insolvent_at_risk": insolvent.at_risk,
            "victims_paid": self.run.distribution("victims_paid").mean,
            "unsold": self.run.distribution("unsold").mean,
            "depth": self.run.distribution("depth").at_risk,
            "ruin": self.run.ruin,
            "margin": self.margin,
            "cost": self.cost,
            "digest": self.run.digest,
        }


@dataclass(frozen=True)
class Sweep:
    """A finished sweep.

    Attributes:
        base: the terms that were changed.
        curves: by name of the term, a set for each value.
        combined: the best value of each term together.
        recommended: the set that costs least of all whose ruin is allowed; where none is, that of the least ruin.
    """

    base: Tried
    curves: Mapping[str, tuple[Tried, ...]]
    combined: Tried
    recommended: Tried


def sweep(plan: SweepPlan, play: Callable[[SimulationTerms], tuple[float, Simulation]]) -> Sweep:
    """Try every value alone, then the best ones together.

    A best value alone need not be one with the others: the set of them is tried too, and recommended only where it is
    better than what was tried before.

    Args:
        plan: what is tried.
        play: initial margin of all accounts, and scenarios on the same prices, for terms.
    """
    costs = plan.costs

    def tried(changes: Mapping[str, Value], terms: SimulationTerms) -> Tried:
        margin, run = play(terms)
        lost = float((run.column("victims_paid") + run.column("insolvent")).mean())
        return Tried(changes, margin, run, costs.events_a_year * lost + costs.capital_a_year * margin)

    def rank(each: Tried) -> tuple[float, float]:
        return max(each.run.ruin - costs.most_ruin, 0.0), each.cost

    base = tried({}, plan.terms)
    curves: dict[str, list[Tried]] = {name: [] for name in plan.values}
    for name, value, terms in plan.singles():
        curves[name].append(tried({name: value}, terms))
    best = {name: min(curve, key=rank) for name, curve in curves.items()}
    changes = {name: each.changes[name] for name, each in best.items() if rank(each) < rank(base)}
    combined = tried(changes, SimulationTerms.of(plan.base | changes, "sweep, best values")) if changes else base
    recommended = min([base, *best.values(), combined], key=rank)
    return Sweep(base, {name: tuple(curve) for name, curve in curves.items()}, combined, recommended)
