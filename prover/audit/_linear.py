"""Sparse Gauss-Jordan elimination modulo r."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping

from verifier import SCALAR_MODULUS

SparseRow = dict[int, int]
"""Coefficients by column, each in [1, r)."""


def reduce_rows(rows: Iterable[Mapping[int, int]]) -> dict[int, SparseRow]:
    """Bring a matrix into reduced form: every row owns a pivot column, which occurs in no other row.

    The shortest row is taken first, and in it the column that fewest rows share, so that the many rows of a circuit
    that settle one unknown cost almost nothing and little fills in.

    Args:
        rows: coefficients by column; they are taken modulo r.

    Returns:
        Rows by pivot column, the pivot's coefficient 1. The rank is their number.
    """
    reduced = [{column: value % SCALAR_MODULUS for column, value in row.items()} for row in rows]
    reduced = [{column: value for column, value in row.items() if value} for row in reduced]
    sharing: defaultdict[int, set[int]] = defaultdict(set)
    for index, row in enumerate(reduced):
        for column in row:
            sharing[column].add(index)
    queue = [(len(row), index) for index, row in enumerate(reduced)]
    heapq.heapify(queue)
    pivot_of: dict[int, int] = {}
    while queue:
        length, index = heapq.heappop(queue)
        row = reduced[index]
        if index in pivot_of or not row or length != len(row):
            continue  # done, dependent on other rows, or changed since it was queued and queued again then
        pivot = min(row, key=lambda column: len(sharing[column]))
        pivot_of[index] = pivot
        inverse = pow(row[pivot], -1, SCALAR_MODULUS)
        for column in row:
            row[column] = row[column] * inverse % SCALAR_MODULUS
        for other in sharing[pivot] - {index}:
            _subtract(reduced, other, index, reduced[other][pivot], sharing)
            if other not in pivot_of:
                heapq.heappush(queue, (len(reduced[other]), other))
    return {pivot: reduced[index] for index, pivot in pivot_of.items()}


def kernel(rows: Iterable[Mapping[int, int]], columns: Iterable[int]) -> list[SparseRow]:
    """A basis of the vectors v with row * v = 0 for every row.

    Args:
        rows: coefficients by column; columns that are not listed are left out.
        columns: the unknowns.

    Returns:
        One sparse vector for each unknown that is free to choose.
    """
    unknowns = set(columns)
    reduced = reduce_rows({column: value for column, value in row.items() if column in unknowns} for row in rows)
    basis = {column: {column: 1} for column in sorted(unknowns - set(reduced))}
    for pivot, row in reduced.items():
        for column, value in row.items():
            if column != pivot:
                basis[column][pivot] = -value % SCALAR_MODULUS
    return list(basis.values())


def _subtract(rows: list[SparseRow], target: int, source: int, factor: int, sharing: Mapping[int, set[int]]) -> None:
    row = rows[target]
    for column, value in rows[source].items():
        difference = (row.get(column, 0) - factor * value) % SCALAR_MODULUS
        if difference:
            row[column] = difference
            sharing[column].add(target)
        else:
            row.pop(column, None)
            sharing[column].discard(target)
