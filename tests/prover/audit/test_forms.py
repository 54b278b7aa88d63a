import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.audit._forms import Bit, distinct_sums, linear_part, substituted
from prover.audit._steps import residual
from prover.formats import Constraint
from verifier import SCALAR_MODULUS

R = SCALAR_MODULUS

BITS = {
    "b (b - 1) = 0": (Constraint({1: 1}, {1: 1, 0: R - 1}, {}), {1: 1}),
    "(b - 1) b = 0": (Constraint({1: 1, 0: R - 1}, {1: 1}, {}), {1: 1}),
    "-b (1 - b) = 0": (Constraint({1: R - 1}, {1: R - 1, 0: 1}, {}), {1: 1}),
    "b b = b": (Constraint({1: 1}, {1: 1}, {1: 1}), {1: 1}),
    "3b 5b = 15b": (Constraint({1: 3}, {1: 5}, {1: 15}), {1: 1}),
    "(x + y) (x + y - 1) = 0": (Constraint({1: 1, 2: 1}, {1: 1, 2: 1, 0: R - 1}, {}), {1: 1, 2: 1}),
    "(x - 7) (2x - 18) = 0": (Constraint({1: 1, 0: R - 7}, {1: 2, 0: R - 18}, {}), None),
}
NO_BITS = {
    "b b = 0": Constraint({1: 1}, {1: 1}, {}),
    "x y = 0": Constraint({1: 1}, {2: 1}, {}),
    "x (x + y - 1) = 0": Constraint({1: 1}, {1: 1, 2: 1, 0: R - 1}, {}),
    "(x + 2y) (x + y - 1) = 0": Constraint({1: 1, 2: 2}, {1: 1, 2: 1, 0: R - 1}, {}),
    "b (b - 1) = 1": Constraint({1: 1}, {1: 1, 0: R - 1}, {0: 1}),
    "b b = 2c": Constraint({1: 1}, {1: 1}, {2: 2}),
    "3 * 1 = 3": Constraint({0: 3}, {0: 1}, {0: 3}),
}


@pytest.mark.parametrize(("constraint", "form"), BITS.values(), ids=BITS)
def test_a_bit_is_0_and_1_exactly_where_the_constraint_holds(constraint: Constraint, form: dict[int, int]) -> None:
    bit = Bit.of(constraint)
    assert bit is not None
    if form is not None:
        complement = {**{wire: R - value for wire, value in form.items()}, 0: 1}
        assert bit.form in (form, complement)
    for x in range(20):
        values = [1, x, 0]
        value = sum(coefficient * values[wire] for wire, coefficient in bit.form.items()) % R
        assert (value in (0, 1)) == (residual(constraint, values) == 0)


@pytest.mark.parametrize("constraint", NO_BITS.values(), ids=NO_BITS)
def test_other_constraints_are_no_bits(constraint: Constraint) -> None:
    assert Bit.of(constraint) is None


@pytest.mark.parametrize(
    "weights",
    [[1, 2, 4, 8], [8, 1, 2, 4], [-1, 2, -4], [3, 6, 12], [1], [5 * pow(2, -3, R), 5, 20], [1, 3, 5 * 10**40]],
    ids=str,
)
def test_weights_whose_sums_all_differ(weights: list[int]) -> None:
    scale = distinct_sums([weight % R for weight in weights])
    assert scale is not None
    sums = {sum(w for i, w in enumerate(weights) if chosen >> i & 1) % R for chosen in range(1 << len(weights))}
    assert len(sums) == 1 << len(weights)


@pytest.mark.parametrize("weights", [[1, 1], [1, -1], [1, 2, 3], [2, 4, 2]], ids=str)
def test_weights_with_equal_sums_are_refused(weights: list[int]) -> None:
    assert distinct_sums([weight % R for weight in weights]) is None


def test_sums_may_reach_but_not_pass_the_modulus() -> None:
    assert distinct_sums([1 << i for i in range(253)]) is not None  # 2^253 - 1 < r
    assert distinct_sums([1 << i for i in range(254)]) is None  # 2^254 - 1 > r: a second decomposition exists


LINEAR = {
    "x = 3y + 4": (Constraint({0: 1}, {3: 1}, {1: 1, 2: R - 3}), {1: R - 1, 2: 3}),
    "5 (2x + k) = y": (Constraint({0: 5}, {1: 2, 3: 1}, {2: 1}), {1: 10, 2: R - 1}),
    "k k = x": (Constraint({3: 1}, {3: 1}, {1: 1}), {1: R - 1}),
    "2 x = 2 x": (Constraint({0: 2}, {1: 1}, {1: 2}), {}),
    "k x = y": (Constraint({3: 1}, {1: 1}, {2: 1}), None),
    "x x = y": (Constraint({1: 1}, {1: 1}, {2: 1}), None),
}


@pytest.mark.parametrize(("constraint", "part"), LINEAR.values(), ids=LINEAR)
def test_linear_part_has_constant_coefficients(constraint: Constraint, part: dict[int, int] | None) -> None:
    assert linear_part(constraint, {0, 3}) == part


@given(st.lists(st.integers(0, R - 1), min_size=4, max_size=4), st.data())
def test_substituting_keeps_the_value(values: list[int], data: st.DataObject) -> None:
    forms = st.dictionaries(st.integers(0, 3), st.integers(1, R - 1))

    def value(form: dict[int, int]) -> int:
        return sum(coefficient * values[wire] for wire, coefficient in form.items()) % R

    form, replacement = data.draw(forms), data.draw(forms)
    wire = 3
    replacement.pop(wire, None)
    values[wire] = value(replacement)
    result = substituted(form, wire, replacement)
    assert wire not in result
    assert value(result) == value(form)
    assert all(result.values())
