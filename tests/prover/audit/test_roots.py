from hypothesis import given
from hypothesis import strategies as st

from prover.audit._roots import roots, square_root
from verifier import SCALAR_MODULUS

ELEMENTS = st.one_of(st.integers(0, 5), st.integers(0, SCALAR_MODULUS - 1), st.just(SCALAR_MODULUS - 1))
OF_ORDER_2_28 = pow(5, SCALAR_MODULUS >> 28, SCALAR_MODULUS)


@given(ELEMENTS)
def test_a_square_has_its_root(root: int) -> None:
    found = square_root(root * root)
    assert found is not None
    assert found * found % SCALAR_MODULUS == root * root % SCALAR_MODULUS


@given(st.integers(0, 27), ELEMENTS.filter(bool))
def test_roots_of_unity_times_squares(power: int, factor: int) -> None:
    """Tonelli and Shanks walk a different path for each power of two in the order."""
    value = pow(OF_ORDER_2_28, 1 << power, SCALAR_MODULUS) * factor * factor % SCALAR_MODULUS
    found = square_root(value)
    if power == 0:
        assert found is None
    else:
        assert found is not None
        assert found * found % SCALAR_MODULUS == value


@given(ELEMENTS, ELEMENTS, ELEMENTS.filter(bool))
def test_finds_both_roots(first: int, second: int, square: int) -> None:
    assert roots(square, -square * (first + second), square * first * second) == sorted({first, second})


@given(ELEMENTS, ELEMENTS.filter(bool))
def test_finds_the_root_of_a_line(root: int, slope: int) -> None:
    assert roots(0, slope, -slope * root) == [root]


def test_tells_none_from_any() -> None:
    assert roots(0, 0, 0) is None
    assert roots(0, SCALAR_MODULUS, 1) == []
    assert roots(1, 0, -5) == []
