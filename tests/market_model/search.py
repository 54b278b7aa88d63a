"""A guided random search for a theft: scripts over an alphabet of actions, the best of which are changed further."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from market_model.actions import Action, Post, Scene, Table
from market_model.market import Market
from market_model.measures import CENT
from market_model.rules import RefusedError, Rules

from verifier import VectorKind

_KEPT: Final = 30
"""Scripts of each sort that are kept."""

_TRIES: Final = 6
"""Actions that are drawn for a step until one is accepted."""


@dataclass(frozen=True)
class Hunt:
    """Where thefts are looked for.

    Attributes:
        scene: how each market begins.
        alphabet: what the coalition may do, by kind; kinds are drawn alike.
        length: most steps of a script.
        rest: rounds at unchanged prices after each script, in which the engine works.
    """

    scene: Scene
    alphabet: tuple[tuple[Action, ...], ...]
    length: int = 5
    rest: int = 2


@dataclass
class Found:
    """What a search did and found.

    Attributes:
        markets: played.
        steps: that the markets accepted.
        script: the shortest that steals; empty when none does.
        thefts: by kind [1e-18 USD].
    """

    markets: int = 0
    steps: int = 0
    script: list[Action] = field(default_factory=list)
    thefts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{kind}: {amount / 10**18:,.2f} USD" for kind, amount in self.thefts.items()]
        return "\n".join([*lines, "replay with actions.play:", *(f"    {action!r}," for action in self.script)])


def search(hunt: Hunt, rules: Rules, seed: int, steps: int) -> Found:
    """Play scripts until one steals, or until so many steps were accepted."""
    rng, found, pool = Random(seed), Found(), _Pool()
    while found.steps < steps and found.markets < steps:
        table = hunt.scene.table(rules)
        script = _play(table, pool.beginning(rng))
        script += _go_on(hunt, table, rng, hunt.length - len(script))
        strain = _strain(table)
        _rest(hunt, table)
        found.markets += 1
        found.steps += len(script)
        if table.measures.stolen:
            found.script = shortened(hunt, rules, script)
            found.thefts = replayed(hunt, rules, found.script)
            return found
        pool.keep(rng, strain, script)
    return found


def states_of(hunt: Hunt, rules: Rules, seed: int, markets: int) -> Iterator[Market]:
    """Markets after random scripts."""
    rng = Random(seed)
    for _ in range(markets):
        table = hunt.scene.table(rules)
        _go_on(hunt, table, rng, hunt.length)
        yield table.market


def replayed(hunt: Hunt, rules: Rules, script: Sequence[Action]) -> dict[str, int]:
    """The thefts of a script, by kind [1e-18 USD]."""
    table = hunt.scene.table(rules)
    _play(table, script)
    _rest(hunt, table)
    return {kind: amount for kind, amount in table.measures.found.items() if amount > CENT}


def shortened(hunt: Hunt, rules: Rules, script: list[Action]) -> list[Action]:
    """Without the steps that it steals without, too."""
    position = 0
    while position < len(script):
        shorter = script[:position] + script[position + 1 :]
        if replayed(hunt, rules, shorter):
            script = shorter
        else:
            position += 1
    return script


@dataclass
class _Pool:
    """Scripts to begin with: those that came far, and any."""

    far: list[tuple[int, list[Action]]] = field(default_factory=list)
    others: list[list[Action]] = field(default_factory=list)

    def beginning(self, rng: Random) -> list[Action]:
        """Nothing, or the first steps of a script."""
        if not self.others or rng.random() < 0.4:
            return []
        script = rng.choice(self.far)[1] if rng.random() < 0.5 else rng.choice(self.others)
        return script[: rng.randrange(len(script) + 1)]

    def keep(self, rng: Random, strain: int, script: list[Action]) -> None:
        self.far.append((strain, script))
        self.far.sort(key=lambda entry: -entry[0])
        del self.far[_KEPT:]
        if len(self.others) == _KEPT:
            self.others.pop(rng.randrange(_KEPT))
        self.others.append(script)


def _play(table: Table, script: Sequence[Action]) -> list[Action]:
    """Take the steps of a script; those that were accepted."""
    return [action for action in script if _is_accepted(table, action)]


def _go_on(hunt: Hunt, table: Table, rng: Random, length: int) -> list[Action]:
    """Draw some further steps; each is the first of a few that is accepted."""
    accepted: list[Action] = []
    for _ in range(rng.randint(1, length) if length else 0):
        drawn = (rng.choice(rng.choice(hunt.alphabet)) for _ in range(_TRIES))
        accepted += itertools.islice((action for action in drawn if _is_accepted(table, action)), 1)
    return accepted


def _is_accepted(table: Table, action: Action) -> bool:
    try:
        action.play(table)
    except RefusedError:
        return False
    return True


def _rest(hunt: Hunt, table: Table) -> None:
    for _ in range(hunt.rest):
        _is_accepted(table, Post())


def _strain(table: Table) -> int:
    """What the coalition lacks of initial margin, equity and covered cash, explained or not [1e-18 USD]."""
    market, coalition = table.market, table.measures.coalition
    own = [account for account in market.accounts.values() if account.owner == coalition]
    lacks = ((-market.health(each, VectorKind.INITIAL), -market.equity(each), -market.cash(each)) for each in own)
    return sum(max(0, lack) for three in lacks for lack in three)
