"""Accounts as a matrix of floating-point numbers: long and short parts, which weights of a round make health of."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy import bool_, float64
from numpy.typing import NDArray

from liquidator.screening._pass import PIECE, Pass
from liquidator.screening._screened import Screened, ScreenedGround
from prover.account import State, assess_at
from verifier import MARGIN_KINDS, RoundVectors, VectorKind

_FIRST_CAPACITY: Final = 1024


class AccountMatrix:
    """Accounts of one book, screened together at each round.

    Each account is a row of parts, none below 0: the long and the short part of each balance, and both parts of the
    quote. Parts of one kind are adjacent in memory, so that an asset's are read in one stream. Not thread-safe.

    Args:
        n: assets of the book.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._columns = np.zeros((2 * n + 2, _FIRST_CAPACITY))
        self._rows: dict[int, int] = {}
        self._identities: list[int] = []
        self._states: list[State] = []
        self._listed: tuple[int, ...] | None = ()
        """The identities, once a screening has asked for them."""
        self._dirty: set[int] = set()
        """Rows that changed since the last pass."""
        self._pass: tuple[tuple[VectorKind, ...], Pass] | None = None

    def __len__(self) -> int:
        return len(self._states)

    def __contains__(self, identity: int) -> bool:
        return identity in self._rows

    def state(self, identity: int) -> State:
        """The state of an account. Raises as `remove`."""
        return self._states[self._rows[identity]]

    def put(self, identity: int, state: State) -> None:
        """Add an account, or replace its state. Raises as `put_all`."""
        self.put_all({identity: state})

    def put_all(self, states: Mapping[int, State]) -> None:
        """Add accounts, or replace their states.

        Args:
            states: by identity; in their ranges, as the statements check them.

        Raises:
            ValueError: a state is of a book of another size.
        """
        if any(len(state.balances) != self._n for state in states.values()):
            raise ValueError(f"a state of a book of another size than {self._n}")
        if not states:
            return
        amounts = np.array([(*state.balances, state.quote) for state in states.values()], float64).T
        rows = [self._row(identity) for identity in states]
        for row, state in zip(rows, states.values(), strict=True):
            self._states[row] = state
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
        self._dirty.discard(last)
        self._listed = None

    def amounts(self) -> tuple[tuple[int, ...], NDArray[float64]]:
        """The accounts, and copies of their signed balances and quotes as numbers: a column an account, the quote last.

        The numbers are exact to 53 bits.
        """
        columns = self._columns[:, : len(self)]
        return self._names(), columns[0::2] - columns[1::2]

    def screen(self, vectors: RoundVectors, kinds: Sequence[VectorKind] = MARGIN_KINDS) -> Screened:
        """Find the accounts below the line of each ground: exactly those with `assess_at(...).health < 0`.

        A round that moves few prices costs less than one that moves all.

        Args:
            vectors: of the round.
            kinds: of margin, one a line.

        Raises:
            ValueError: a round of a book of another size.
        """
        if vectors.n != self._n:
            raise ValueError(f"a round of a book of another size than {self._n}")
        lines = [_weights(vectors, kind) for kind in kinds]
        columns = self._columns[:, : len(self)]
        found = None
        if self._pass is not None and self._pass[0] == tuple(kinds):
            found = self._pass[1].updated(columns, lines, sorted(self._dirty))
        if found is None:
            found = Pass.full(columns, lines)
        self._pass = tuple(kinds), found
        self._dirty.clear()
        grounds = {kind: self._ground(found, line, vectors, kind) for line, kind in enumerate(kinds)}
        return Screened(self._names(), grounds)

    def _names(self) -> tuple[int, ...]:
        if self._listed is None:
            self._listed = tuple(self._identities)
        return self._listed

    def _row(self, identity: int) -> int:
        """The row of an account, a new one where it has none."""
        row = self._rows.get(identity)
        if row is not None:
            return row
        row, capacity = len(self._states), self._columns.shape[1]
        if row == capacity:
            larger = np.zeros((len(self._columns), 2 * capacity))
            larger[:, :capacity] = self._columns
            self._columns = larger
        self._rows[identity] = row
        self._identities.append(identity)
        self._states.append(State((), 0))
        self._listed = None
        return row

    def _ground(self, found: Pass, line: int, vectors: RoundVectors, kind: VectorKind) -> ScreenedGround:
        health, error = found.health[line], found.errors[line]
        rows = np.flatnonzero(_may_be_below(health, error, found.gross))
        is_below = health[rows] < -(error * found.gross[rows])
        return ScreenedGround(
            surely_below={
                self._identities[row]: own
                for row, own in zip(rows[is_below].tolist(), health[rows[is_below]].tolist(), strict=True)
            },
            decided={
                self._identities[row]: assess_at(self._states[row], vectors, kind).health
                for row in rows[~is_below].tolist()
            },
            health=health,
            gross=found.gross,
            error=error,
        )


def _may_be_below(health: NDArray[float64], error: float, gross: NDArray[float64]) -> NDArray[bool_]:
    """Whether each row is below the line within the bound: health of every other row is at least 0."""
    found = np.empty(len(health), bool_)
    for start in range(0, len(health), PIECE):
        piece = slice(start, start + PIECE)
        np.less(health[piece], error * gross[piece], out=found[piece])
    return found


def _weights(vectors: RoundVectors, kind: VectorKind) -> list[int]:
    """What a unit of each part adds to health [1e-9 USD; 1 for the quote]: long and short in turn."""
    margins = vectors.margins(kind)
    sides = zip(vectors.effective_prices, margins.long, margins.short, strict=True)
    return [weight for price, long, short in sides for weight in (price - long, -price - short)] + [1, -1]
