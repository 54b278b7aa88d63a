"""Accounts as a matrix of floating-point numbers: long and short parts, which weights of a round make health of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from liquidator.screening._bound import full_error, largest_ratio, updated_error
from liquidator.screening._screened import Screened, ScreenedGround
from prover.account import State, assess_at
from verifier import MARGIN_KINDS, RoundVectors, VectorKind

_FIRST_CAPACITY: Final = 1024
_MOST_MOVED: Final = 0.25
"""Of the columns, or of the rows: when more of them changed, a full pass costs less."""

_MOST_ERROR: Final = 8.0
"""Times the error of a full pass: when updates would exceed it, a full pass is made."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """What the last screening computed.

    Attributes:
        weights: of each column, by kind.
        references: of each column: at least every weight of the last full pass.
        gross: exposure of each row at the references.
        health: of each row, by kind.
        errors: of health, as a part of gross, by kind.
    """

    weights: Mapping[VectorKind, Sequence[int]]
    references: Sequence[int]
    gross: NDArray[float64]
    health: Mapping[VectorKind, NDArray[float64]]
    errors: Mapping[VectorKind, float]


class AccountMatrix:
    """Accounts of one book, screened together at each round.

    A column holds one part of each account, never negative: the long part of each balance, its short part, and
    both parts of the quote. It is not thread-safe.

    Args:
        n: assets of the book.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._columns = np.zeros((2 * n + 2, _FIRST_CAPACITY))
        self._rows: dict[int, int] = {}
        self._identities: list[int] = []
        self._states: list[State] = []
        self._dirty: set[int] = set()
        """Rows that changed since the last pass."""
        self._last: _Pass | None = None

    def __len__(self) -> int:
        return len(self._states)

    def __contains__(self, identity: int) -> bool:
        return identity in self._rows

    def put(self, identity: int, state: State) -> None:
        """Add an account, or replace its state. Raises as `put_all`."""
        self.put_all({identity: state})

    def put_all(self, states: Mapping[int, State]) -> None:
        """Add accounts, or replace their states.

        Args:
            states: by identity.

        Raises:
            ValueError: a state is of a book of another size.
        """
        if any(len(state.balances) != self._n for state in states.values()):
            raise ValueError(f"a state of a book of another size than {self._n}")
        if not states:
            return
        rows = []
        for identity, state in states.items():
            row = self._rows.setdefault(identity, len(self._states))
            if row == len(self._states):
                self._identities.append(identity)
                self._states.append(state)
            else:
                self._states[row] = state
            rows.append(row)
        self._grow()
        amounts = np.array([(*state.balances, state.quote) for state in states.values()], dtype=float64).T
        self._columns[0::2, rows] = np.maximum(amounts, 0)
        self._columns[1::2, rows] = np.maximum(-amounts, 0)
        self._dirty.update(rows)

    def remove(self, identity: int) -> None:
        """Take an account out. The last row takes its place.

        Raises:
            KeyError: there is no such account.
        """
        row, last = self._rows.pop(identity), len(self._states) - 1
        moved, state = self._identities.pop(), self._states.pop()
        if row != last:
            self._rows[moved], self._identities[row], self._states[row] = row, moved, state
            self._columns[:, row] = self._columns[:, last]
            self._dirty.add(row)
        self._columns[:, last] = 0
        self._dirty.discard(last)

    def screen(self, vectors: RoundVectors, kinds: Sequence[VectorKind] = MARGIN_KINDS) -> Screened:
        """Find the accounts below the line of each ground: exactly those with `assess_at(...).health < 0`.

        Args:
            vectors: of the round.
            kinds: of margin.

        Raises:
            ValueError: a round of a book of another size.
        """
        if vectors.n != self._n:
            raise ValueError(f"a round of a book of another size than {self._n}")
        weights = {kind: _weights(vectors, kind) for kind in kinds}
        self._last = self._updated(weights) or self._whole(weights)
        self._dirty.clear()
        identities = tuple(self._identities)
        return Screened(identities, {kind: self._ground(self._last, vectors, kind, identities) for kind in kinds})

    def _grow(self) -> None:
        capacity = self._columns.shape[1]
        if len(self._states) > capacity:
            larger = np.zeros((len(self._columns), max(2 * capacity, len(self._states))))
            larger[:, :capacity] = self._columns
            self._columns = larger

    def _whole(self, weights: Mapping[VectorKind, Sequence[int]]) -> _Pass:
        """Compute everything: one product of matrices gives health at each kind, and gross exposure."""
        references = [max(map(abs, column)) for column in zip(*weights.values(), strict=True)]
        *health, gross = np.array([*weights.values(), references], float64) @ self._columns[:, : len(self)]
        errors = {kind: full_error(len(own), largest_ratio(own, references)) for kind, own in weights.items()}
        return _Pass(weights, references, gross, dict(zip(weights, health, strict=True)), errors)

    def _updated(self, weights: Mapping[VectorKind, Sequence[int]]) -> _Pass | None:
        """Compute what changed since the last pass; None when a full pass is cheaper, or its bound much better."""
        last = self._last
        if last is None or last.weights.keys() != weights.keys() or len(self._dirty) > _MOST_MOVED * len(self):
            return None
        changes = {
            kind: [new - old for new, old in zip(own, last.weights[kind], strict=True)] for kind, own in weights.items()
        }
        columns = [column for column, moves in enumerate(zip(*changes.values(), strict=True)) if any(moves)]
        if len(columns) > _MOST_MOVED * len(self._columns):
            return None
        errors = {
            kind: updated_error(
                last.errors[kind],
                len(own),
                len(columns),
                largest_ratio(last.weights[kind], last.references),
                largest_ratio(changes[kind], last.references) if any(changes[kind]) else 0,
            )
            for kind, own in weights.items()
        }
        whole = {kind: full_error(len(own), largest_ratio(own, last.references)) for kind, own in weights.items()}
        if any(
            not max(errors[kind], whole[kind]) <= _MOST_ERROR * full_error(len(own), 1) for kind, own in weights.items()
        ):
            return None
        errors = {kind: max(errors[kind], whole[kind]) for kind in weights}
        gross, *health = (_resized(old, len(self)) for old in (last.gross, *(last.health[kind] for kind in weights)))
        if columns:
            moves = np.array([[change[column] for column in columns] for change in changes.values()], float64)
            for own, added in zip(health, moves @ self._columns[columns, : len(self)], strict=True):
                np.add(own, added, out=own)
        if self._dirty:
            rows = sorted(self._dirty)
            factors = np.array([last.references, *weights.values()], float64)
            for own, fresh in zip((gross, *health), factors @ self._columns[:, rows], strict=True):
                own[rows] = fresh
        return _Pass(weights, last.references, gross, dict(zip(weights, health, strict=True)), errors)

    def _ground(
        self, last: _Pass, vectors: RoundVectors, kind: VectorKind, identities: Sequence[int]
    ) -> ScreenedGround:
        health, bound = last.health[kind], last.errors[kind] * last.gross
        below: list[int] = []
        decided: dict[int, int] = {}
        for row in np.flatnonzero(health < bound).tolist():  # elsewhere health is not negative
            if health[row] < -bound[row]:
                below.append(identities[row])
            else:
                decided[identities[row]] = assess_at(self._states[row], vectors, kind).health
        return ScreenedGround(below, decided, health, bound)


def _weights(vectors: RoundVectors, kind: VectorKind) -> list[int]:
    """What a unit of each column adds to health [1e-9 USD, and 1 for the quote]: long and short by turns."""
    margins = vectors.margins(kind)
    sides = zip(vectors.effective_prices, margins.long, margins.short, strict=True)
    return [weight for price, long, short in sides for weight in (price - long, -price - short)] + [1, -1]


def _resized(values: NDArray[float64], size: int) -> NDArray[float64]:
    """A copy with more or fewer rows."""
    copy = np.zeros(size)
    kept = min(size, len(values))
    copy[:kept] = values[:kept]
    return copy
