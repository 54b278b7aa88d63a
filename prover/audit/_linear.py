"""Sparse Gaussian elimination modulo r."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping

from verifier import SCALAR_MODULUS

SparseRow = dict[int, int]
"""Coefficients by column, each in [1, r)."""


def reduce_rows(rows: Iterable[Mapping[int, int]]) -> dict[int, SparseRow]:
    """Reduce a matrix to echelon form: every row owns a pivot column, which occurs in no row after it.

    The shortest row is taken first, and in it the column that fewest rows share, so that the many rows of a circuit
    that settle one unknown cost almost nothing and little fills in.

    Args:
        rows: coefficients by column; they are taken modulo r.

    Returns:
        Rows by pivot column, the pivot's coefficient 1, as they were taken. The rank is their number.
    """
    reduced = [{column: value % SCALAR_MODULUS for column, value in row.items()} for row in rows]
    reduced = [{column: value for column, value in row.items() if value} for row in reduced]
    sharing: defaultdict[int, set[int]] = defaultdict(set)  # rows yet to be taken
    for index, row in enumerate(reduced):
        for column in row:
            sharing[column].add(index)
    queue = [(len(row), index) for index, row in enumerate(reduced)]
    heapq.heapify(queue)
    taken: set[int] = set()
    echelon: dict[int, SparseRow] = {}
    while queue:
        length, index = heapq.heappop(queue)
        row = reduced[index]
        if index in taken or not row or length != len(row):
            continue  # done, dependent on other rows, or changed since it was queued and queued again then
        taken.add(index)
        for column in row:
            sharing[column].discard(index)
        pivot = min(row, key=lambda column: len(sharing[column]))
        inverse = pow(row[pivot], -1, SCALAR_MODULUS)
        rest = {column: value * inverse % SCALAR_MODULUS for column, value in row.items() if column != pivot}
        echelon[pivot] = rest | {pivot: 1}
        for other in sharing.pop(pivot):
            factor = reduced[other].pop(pivot)
            _subtract(reduced[other], factor, rest, other, sharing)
            heapq.heappush(queue, (len(reduced[other]), other))
    return echelon


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
    free = sorted(unknowns - reduced.keys())
    # Pivots in terms of the free unknowns, from the last one on: a row holds none of the pivots before its own.
    settled: dict[int, SparseRow] = {column: {column: 1} for column in free}
    for pivot, row in reversed(reduced.items() if free else ()):
        value: SparseRow = {}
        for column, factor in row.items():
            if column != pivot:
                for unknown, coefficient in settled[column].items():
                    value[unknown] = (value.get(unknown, 0) - factor * coefficient) % SCALAR_MODULUS
        settled[pivot] = {unknown: coefficient for unknown, coefficient in value.items() if coefficient}
    basis: dict[int, SparseRow] = {column: {} for column in free}
    for column, value in settled.items():
        for unknown, coefficient in value.items():
            basis[unknown][column] = coefficient
    return list(basis.values())


def _subtract(row: SparseRow, factor: int, subtrahend: SparseRow, index: int, sharing: Mapping[int, set[int]]) -> None:
    """Take a multiple of one row from another, and keep account of the columns in which that one is not 0."""
    for column, value in subtrahend.items():
        before = row.get(column)
        if before is None:
            row[column] = -factor * value % SCALAR_MODULUS
            sharing[column].add(index)
        elif difference := (before - factor * value) % SCALAR_MODULUS:
            row[column] = difference
        else:
            del row[column]
            sharing[column].discard(index)
