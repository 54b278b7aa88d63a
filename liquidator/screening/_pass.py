"""Health of all rows of a matrix in floating point: computed in full, or brought up to date."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from liquidator.screening._bound import full_error, largest_ratio, updated_error

MOST_MOVED: Final = 0.25
"""Of the assets, or of the rows: where more changed, a full pass costs no more."""

PIECE: Final = 1 << 14
"""Rows whose intermediate results stay in the processor's cache."""

MOST_ERROR: Final = 8.0
"""Times the error of a full pass: an update that exceeded it is replaced by a full pass."""

Weights = Sequence[int]
"""What a unit of each column adds to health [1e-9 USD; 1 for the quote]."""


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Health of all rows, at some lines.

    Attributes:
        lines: the weights of each line.
        references: one a column, not below 0. Errors are known as long as no weight far exceeds its reference.
        gross: exposure of each row: its parts times the references.
        health: of each row, one array a line.
        errors: of health, as a part of gross, one a line.
    """

    lines: Sequence[Weights]
    references: Weights
    gross: NDArray[float64]
    health: NDArray[float64]
    errors: Sequence[float]

    @classmethod
    def full(cls, columns: NDArray[float64], lines: Sequence[Weights]) -> Self:
        """Compute everything, in one product of matrices.

        Args:
            columns: the parts of the rows, none below 0: first the long and the short part of each asset in turn.
            lines: the weights of each line.
        """
        references = [max(map(abs, weights)) for weights in zip(*lines, strict=True)]
        product = np.array([*lines, references], float64) @ columns
        errors = [full_error(len(weights), largest_ratio(weights, references)) for weights in lines]
        return cls(lines, references, product[-1], product[:-1], errors)

    def updated(self, columns: NDArray[float64], lines: Sequence[Weights], dirty: Sequence[int]) -> Self | None:
        """Compute what changed.

        Args:
            columns: the parts of the rows now.
            lines: the weights of each line now.
            dirty: rows that changed since this pass; every row that it has not.

        Returns:
            The pass now; None where a full pass is better: much changed, or the error would be large.
        """
        size = columns.shape[1]
        changes = [_differences(new, old) for new, old in zip(lines, self.lines, strict=True)]
        moved = [asset for asset in range(len(columns) // 2) if any(any(c[2 * asset : 2 * asset + 2]) for c in changes)]
        if len(moved) > MOST_MOVED * len(columns) / 2 or len(dirty) > MOST_MOVED * size:
            return None
        errors = [self._updated_error(line, change, len(moved)) for line, change in enumerate(changes)]
        if dirty:
            afresh = (full_error(len(weights), largest_ratio(weights, self.references)) for weights in lines)
            errors = list(map(max, errors, afresh))
        if not all(error <= MOST_ERROR * full_error(len(columns), 1) for error in errors):
            return None
        gross, health = _resized(self.gross, size), _resized(self.health, size)
        if moved:
            health = _with_changes(health, columns, np.array(changes, float64), moved)
        if dirty:
            fresh = np.array([*lines, self.references], float64) @ columns[:, dirty]
            gross, health = gross.copy(), health.copy()  # those of this pass do not change
            gross[dirty], health[:, dirty] = fresh[-1], fresh[:-1]
        return type(self)(lines, self.references, gross, health, errors)

    def _updated_error(self, line: int, change: Weights, steps: int) -> float:
        before, moves = (largest_ratio(weights, self.references) for weights in (self.lines[line], change))
        return updated_error(self.errors[line], len(change), steps, before, moves)


def _differences(new: Weights, old: Weights) -> list[int]:
    return [after - before for after, before in zip(new, old, strict=True)]


def _with_changes(
    health: NDArray[float64], columns: NDArray[float64], changes: NDArray[float64], moved: Sequence[int]
) -> NDArray[float64]:
    """Health with the changes of some assets' weights added, asset by asset."""
    result = np.empty_like(health)
    scratch = np.empty((len(health), PIECE))
    for start in range(0, health.shape[1], PIECE):
        rows = slice(start, min(start + PIECE, health.shape[1]))
        piece, added = result[:, rows], scratch[:, : rows.stop - start]
        piece[:] = health[:, rows]
        for asset in moved:
            pair = slice(2 * asset, 2 * asset + 2)
            np.matmul(changes[:, pair], columns[pair, rows], out=added)
            np.add(piece, added, out=piece)
    return result


def _resized(values: NDArray[float64], size: int) -> NDArray[float64]:
    """The same rows, without those from `size` on, or with zeros up to it."""
    missing = size - values.shape[-1]
    if missing <= 0:
        return values[..., :size]
    return np.concatenate([values, np.zeros((*values.shape[:-1], missing))], axis=-1)
