"""The error of a pass is never above its bound: in full, after many updates, and where every operation rounds badly."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import float64
from numpy.typing import NDArray
from strategies import examples

import liquidator.screening._pass as implementation
from liquidator.screening._pass import MOST_ERROR, Pass

ASSETS = 13
COLUMNS = 2 * ASSETS + 2
HALF_ULP = 2**26
"""Of 2^79: 2^79 + 2^26 becomes 2^79 in float64."""


def columns_of(rows: Sequence[Sequence[int]]) -> NDArray[float64]:
    return np.array(rows, float64).T.copy()


def require_bound(found: Pass, rows: Sequence[Sequence[int]]) -> list[Fraction]:
    """Compare with exact integers. Returns the error of each row at the first line, as a part of the bound."""
    parts = []
    for line, weights in enumerate(found.lines):
        bounds = found.errors[line] * found.gross
        for row, health, bound in zip(rows, found.health[line], bounds, strict=True):
            error = abs(int(health) - sum(part * weight for part, weight in zip(row, weights, strict=True)))
            assert error <= bound
            parts.append(Fraction(error) / Fraction(bound) if bound else Fraction(0))
    return parts[: len(rows)]


def worst_case() -> tuple[list[int], list[int]]:
    """A row and weights: both factors of the largest product lose half an ulp, and so does each sum after it."""
    row, weights = [0] * COLUMNS, [0] * COLUMNS
    row[0], weights[0] = 2**79 + HALF_ULP, 2**63 + 2**10
    for asset in range(1, ASSETS):
        row[2 * asset], weights[2 * asset] = 2**26, 2**63
    return row, weights


def test_the_bound_holds_where_every_operation_rounds_the_same_way() -> None:
    row, weights = worst_case()
    (part,) = require_bound(Pass.full(columns_of([row]), [weights]), [row])
    assert part > Fraction(1, 20)  # conversions alone, in whichever order the sum was taken


def test_the_bound_holds_where_gains_and_losses_cancel() -> None:
    row, weights = worst_case()
    row[-1], weights[-1] = sum(part * weight for part, weight in zip(row, weights, strict=True)) + 1, -1
    found = Pass.full(columns_of([row]), [weights])
    require_bound(found, [row])
    assert found.health[0][0] + 1 != 0  # floating point does not see that it is -1


def test_errors_of_updates_add_up() -> None:
    """Each update adds half an ulp, which is lost each time."""
    row, weights = [0] * COLUMNS, [0] * COLUMNS
    row[0], weights[0] = 2**79, 2**63
    row[2], weights[2] = 2**79, 2**40
    columns = columns_of([row])
    found, parts = Pass.full(columns, [weights]), []
    for _ in range(150):
        weights = list(weights)
        weights[2] += 2**10
        updated = found.updated(columns, [weights], [])
        assert updated is not None
        found = updated
        parts += require_bound(found, [row])
    assert parts[-1] > Fraction(1, 4)  # far more than the error of a full pass


def test_the_bound_holds_where_a_line_began_with_nothing() -> None:
    """All of its error is then that of the changes. Another line gives the references."""
    row, weights = worst_case()
    columns = columns_of([row])
    updated = Pass.full(columns, [weights, [0] * COLUMNS]).updated(columns, [weights, [weights[0], *[0] * 27]], [])
    assert updated is not None
    require_bound(updated, [row])
    assert updated.health[1][0] != row[0] * weights[0]


def test_the_bound_holds_for_a_row_computed_at_weights_far_above_the_references() -> None:
    row, weights = worst_case()
    rows = [row, *[[0] * COLUMNS] * 3]
    full = Pass.full(columns_of(rows), [weights])
    rows[0] = [row[0], *(4 * part for part in row[1:])]
    updated = full.updated(columns_of(rows), [[4 * weights[0], *weights[1:]]], [0])
    assert updated is not None
    require_bound(updated, rows)


def test_updates_end_in_a_full_pass() -> None:
    """A full pass is the net: no error of updates is carried for ever."""
    row, weights = [1] * COLUMNS, [10**9] * COLUMNS
    columns = columns_of([row])
    full = Pass.full(columns, [weights])
    found, count = full, 0
    for count in range(1000):
        updated = found.updated(columns, [[*weights[:2], weights[2] + count, *weights[3:]]], [])
        if updated is None:
            break
        assert updated.errors[0] <= MOST_ERROR * full.errors[0] * 1.001
        found = updated
    assert 100 < count < 999


@pytest.mark.parametrize("weight", [0, 1])
def test_a_price_that_rises_from_nothing_ends_in_a_full_pass(weight: int) -> None:
    """Gross exposure at the references then says nothing of it, unless the price is still 0."""
    row, weights = [0, 0, 7, 0] + [0] * (COLUMNS - 4), [0] * COLUMNS
    full = Pass.full(columns_of([row]), [weights])
    weights = [0, 0, weight, *weights[3:]]
    assert (full.updated(columns_of([row]), [weights], []) is None) == (weight > 0)


def test_a_round_that_moves_most_prices_ends_in_a_full_pass() -> None:
    row, weights = [1] * COLUMNS, [10**9] * COLUMNS
    full = Pass.full(columns_of([row]), [weights])
    assert full.updated(columns_of([row]), [[10**9 + 1] * 6 + weights[6:]], []) is not None
    assert full.updated(columns_of([row]), [[10**9 + 1] * 8 + weights[8:]], []) is None


parts = st.one_of(st.sampled_from([0, 1, 2**79 + HALF_ULP, 2**80 - 1]), st.integers(0, 2**80 - 1))
prices = st.one_of(st.sampled_from([0, 1, -(2**64) + 1, 2**64 - 1]), st.integers(-(2**65), 2**65))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of these tests fill several pieces."""
    monkeypatch.setattr(implementation, "PIECE", 3)


@examples(500)
def test_a_pass_after_updates_is_within_its_bound(count: int) -> None:
    """Prices and rows change by turns, at two lines."""

    @settings(max_examples=count, deadline=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        def draw(element: st.SearchStrategy[int]) -> list[int]:
            return data.draw(st.lists(element, min_size=8, max_size=8))

        rows = [draw(parts) for _ in range(4)]
        lines = [draw(prices), draw(prices)]
        found = Pass.full(columns_of(rows), lines)
        require_bound(found, rows)
        for _ in range(data.draw(st.integers(1, 4))):
            lines = [list(line) for line in lines]
            line, asset = data.draw(st.integers(0, 1)), data.draw(st.integers(0, 2))
            lines[line][2 * asset] += data.draw(st.integers(-(2**20), 2**20))
            dirty = data.draw(st.lists(st.integers(0, 3), max_size=1))
            for row in dirty:
                rows[row] = draw(parts)
            columns = columns_of(rows)
            found = found.updated(columns, lines, dirty) or Pass.full(columns, lines)
            require_bound(found, rows)

    holds()
