from hypothesis import given
from hypothesis import strategies as st

from prover.audit._linear import kernel, reduce_rows
from verifier import SCALAR_MODULUS

COLUMNS = range(6)
VALUES = st.sampled_from([1, 2, 3, -1, SCALAR_MODULUS - 2, 1 << 250])
MATRICES = st.lists(st.dictionaries(st.sampled_from(COLUMNS), VALUES), max_size=8)


def product(row: dict[int, int], vector: dict[int, int]) -> int:
    return sum(value * vector.get(column, 0) for column, value in row.items()) % SCALAR_MODULUS


@given(MATRICES)
def test_every_vector_of_the_kernel_is_one_and_there_are_as_many_as_the_rank_leaves(rows: list[dict[int, int]]) -> None:
    basis = kernel(rows, COLUMNS)
    assert all(product(row, vector) == 0 for row in rows for vector in basis)
    assert len(basis) == len(COLUMNS) - len(reduce_rows(rows))
    assert len(reduce_rows(basis)) == len(basis)  # independent


@given(MATRICES)
def test_a_pivot_is_1_and_in_no_row_after_its_own(rows: list[dict[int, int]]) -> None:
    reduced = reduce_rows(rows)
    for place, (pivot, row) in enumerate(reduced.items()):
        assert row[pivot] == 1
        assert not any(pivot in later for later in [*reduced.values()][place + 1 :])


def test_the_rank_of_known_matrices() -> None:
    assert len(reduce_rows([{0: 1, 1: 2}, {0: 2, 1: 4}])) == 1
    assert len(reduce_rows([{0: 1, 1: 2}, {0: 2, 1: 5}])) == 2
    assert len(reduce_rows([{0: SCALAR_MODULUS}, {}])) == 0


def test_columns_that_are_not_asked_for_are_left_out() -> None:
    assert kernel([{0: 1, 1: 1}], [0]) == []
    assert len(kernel([{0: 1, 1: 1}], [0, 1])) == 1
