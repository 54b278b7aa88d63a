"""Each rule settles what it may, and not what it may not."""

from itertools import takewhile

import pytest
from systems import Form, System, bit, system

from prover.audit._propagation import make_plan
from prover.audit._steps import Guess
from verifier import SCALAR_MODULUS

Row = tuple[Form, Form, Form]


def guessed(built: System) -> list[str]:
    """Names of the wires that no rule settles from the inputs."""
    plan = make_plan(built.r1cs, built.r1cs.inputs, lambda wire: 0)
    return [built.symbols.names[wire] for wire in plan.guessed]


def forced(built: System) -> set[str]:
    """Names of the wires that are settled before the first guess."""
    steps = make_plan(built.r1cs, built.r1cs.inputs, lambda wire: 0).steps
    return {built.symbols.names[step.wire] for step in takewhile(lambda step: not isinstance(step, Guess), steps)}


def decomposition(weights: list[int], free: int | None = None) -> list[Row]:
    bits = {f"b[{i}]": weight for i, weight in enumerate(weights)}
    return [({"1": 1}, bits, {"in": 1}), *(bit(name) for i, name in enumerate(bits) if i != free)]


def bits_of(weights: list[int], free: int | None = None) -> System:
    return system(decomposition(weights, free), private=["in"], rest=[f"b[{index}]" for index in range(len(weights))])


PRODUCTS: dict[str, tuple[list[Row], list[str]]] = {
    "z = x y": ([({"x": 1}, {"y": 1}, {"z": 1})], []),
    "z z = x": ([({"z": 1}, {"z": 1}, {"x": 1})], ["z"]),
    "x z = y: x may be 0": ([({"x": 1}, {"z": 1}, {"y": 1})], ["z"]),
    "x z = 1": ([({"x": 1}, {"z": 1}, {"1": 1})], []),
    "(z + y) (x + 7) = 5": ([({"z": 1, "y": 1}, {"x": 1, "1": 7}, {"1": 5})], []),
    "x z = 0: x may be 0": ([({"x": 1}, {"z": 1}, {})], ["z"]),
    "z (z - 1) = 0": ([bit("z")], ["z"]),
    "z - z = x - y": ([({"1": 2}, {"z": 1}, {"z": 2, "x": 1, "y": -1})], ["z"]),
}


@pytest.mark.parametrize(("rows", "expected"), PRODUCTS.values(), ids=PRODUCTS)
def test_products_and_divisions(rows: list[Row], expected: list[str]) -> None:
    assert guessed(system(rows, private=["x", "y"], rest=["z"])) == expected


def test_bits_of_a_known_sum_are_unique() -> None:
    assert guessed(bits_of([1, 2, 4, 8])) == []
    assert guessed(bits_of([1, -2, 4])) == []


def test_bits_with_equal_sums_are_not() -> None:
    assert guessed(bits_of([1, 1])) != []
    assert guessed(bits_of([1, 2, 3])) != []


def test_bits_that_can_wrap_around_the_modulus_are_not() -> None:
    assert guessed(bits_of([1 << i for i in range(253)])) == []
    assert guessed(bits_of([1 << i for i in range(254)])) != []


def test_the_digit_that_may_be_no_bit_is_named_and_settles_the_rest() -> None:
    assert guessed(bits_of([1, 2, 4, 8], free=2)) == ["b[2]"]


def test_a_bit_that_the_compiler_wrote_as_a_form_counts() -> None:
    """b0 = in - 2 b1 - 4 b2 is a bit: what is left of `in = b0 + 2 b1 + 4 b2` once b0 is replaced everywhere."""
    form = {"in": 1, "b[1]": -2, "b[2]": -4}
    rows = [(form, {**form, "1": -1}, {}), bit("b[1]"), bit("b[2]")]
    assert guessed(system(rows, private=["in"], rest=["b[1]", "b[2]"])) == []
    assert guessed(system(rows[:2], private=["in"], rest=["b[1]", "b[2]"])) == ["b[2]"]


ZERO_TEST: list[Row] = [
    ({"in": -1}, {"inverse": 1}, {"out": 1, "1": -1}),
    ({"in": 2}, {"out": 1}, {}),
]


def test_the_answer_of_a_zero_test_is_unique_and_its_inverse_is_not() -> None:
    names = {"private": ["in"], "rest": ["inverse", "out"]}
    assert guessed(system(ZERO_TEST, **names)) == ["inverse"]
    assert "out" in forced(system(ZERO_TEST, **names))
    assert "out" not in forced(system(ZERO_TEST[:1], **names)) | forced(system(ZERO_TEST[1:], **names))


def test_a_zero_test_with_an_unknown_product_settles_nothing() -> None:
    rows = [ZERO_TEST[0], ({"in": 2}, {"out": 1}, {"p": 1, "q": 1})]
    assert "out" not in forced(system(rows, private=["in"], rest=["inverse", "out", "p", "q"]))


def test_linear_systems_are_solved() -> None:
    rows = [({"1": 1}, {"p": 1, "q": 1}, {"x": 1}), ({"1": 1}, {"p": 1, "q": -1}, {"y": 1})]
    assert guessed(system(rows, private=["x", "y"], rest=["p", "q"])) == []
    dependent = [rows[0], ({"1": 1}, {"p": 2, "q": 2}, {"y": 1})]
    assert len(guessed(system(dependent, private=["x", "y"], rest=["p", "q"]))) == 1


def test_a_known_sum_of_unknowns_is_used_in_a_product() -> None:
    """As in Poseidon: p + q is known, (p + q)^2 is then, and so q is, though no row settles p or q before."""
    rows = [({"x": 1}, {"x": 1}, {"p": 1, "q": 1}), ({"p": 1, "q": 1}, {"p": 1, "q": 1}, {"q": 1})]
    assert guessed(system(rows, private=["x"], rest=["p", "q"])) == []


def test_a_wire_without_constraints_is_named() -> None:
    assert guessed(system([], private=["x"], rest=["y"])) == ["y"]


@pytest.mark.parametrize("x", [0, 1, 3, -1, 1 << 200])
def test_the_steps_compute_the_one_witness(x: int) -> None:
    rows = [
        *decomposition([1, 2, 4, -8]),
        ({"x": 1}, {"x": 1}, {"p": 1, "q": 1}),
        ({"p": 1, "q": 1}, {"p": 1, "q": 1}, {"q": 1}),
        ({"q": 1, "1": 3, "x": 1}, {"inv": 1, "x": 1}, {"1": 9}),
        ({"x": -1}, {"inverse": 1}, {"out": 1, "1": -1}),
        ({"x": 2}, {"out": 1}, {}),
    ]
    built = system(rows, private=["in", "x"], rest=["p", "q", "inv", "inverse", "out", *(f"b[{i}]" for i in range(4))])
    plan = make_plan(built.r1cs, built.r1cs.inputs, lambda wire: 0)
    wires = built.symbols.wires
    for number in range(-8, 8):
        values = [1] + [0] * (built.r1cs.wires - 1 + plan.sums)
        values[wires["in"]], values[wires["x"]] = number % SCALAR_MODULUS, x % SCALAR_MODULUS
        for step in plan.steps:
            step.solve(values, lambda wire, options: 0 if options is None else options[0])
        assert built.r1cs.violated(values[: built.r1cs.wires]) == []
        assert [values[wires[f"b[{i}]"]] for i in range(4)] == [
            number % 8 & 1,
            number >> 1 & 1,
            number >> 2 & 1,
            number < 0,
        ]
        assert values[wires["out"]] == (x == 0)
