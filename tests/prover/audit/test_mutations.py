import random

from hypothesis import given
from hypothesis import strategies as st
from systems import system

from prover.audit._mutations import Neighbourhood, other_values
from verifier import SCALAR_MODULUS

SYSTEM = system(
    [
        ({"x": 1, "y": 2}, {"x": 1}, {"z": 1}),
        ({"y": 1, "1": 3}, {"y": 5}, {"u": 1}),
        ({"1": 1}, {"z": 1, "u": 1}, {"v": 1}),
    ],
    private=["x", "y"],
    rest=["z", "u", "v"],
)
BASE = SYSTEM.witness(x=3, y=4, z=33, u=140, v=173).values
SMALL = st.integers(0, 40)


@given(st.dictionaries(st.integers(1, 5), st.one_of(SMALL, st.integers(0, SCALAR_MODULUS - 1)), max_size=5))
def test_looking_at_touched_constraints_is_looking_at_all(changes: dict[int, int]) -> None:
    values = [changes.get(wire, value) for wire, value in enumerate(BASE)]
    assert Neighbourhood(SYSTEM.r1cs, BASE).accepts(changes) == (not SYSTEM.r1cs.violated(values))


def test_accepts_a_whole_other_witness() -> None:
    other = SYSTEM.witness(x=-1, y=0, z=1, u=0, v=1).values
    assert Neighbourhood(SYSTEM.r1cs, BASE).accepts(dict(enumerate(other)))


@given(SMALL, st.sampled_from([(0, 1, 2), (0, 1, 3), (0, 2, 1), (0, 3, 1), (1, 4, 2), (2, 3, 4), (0, 2, 3)]))
def test_compensation_keeps_the_constraint(value: int, where: tuple[int, int, int]) -> None:
    index, first, second = where
    for answer in Neighbourhood(SYSTEM.r1cs, BASE).compensate(index, first, value, second):
        values = list(BASE)
        values[first], values[second] = value, answer
        assert answer != BASE[second]
        assert index not in SYSTEM.r1cs.violated(values)


def test_compensation_finds_every_answer() -> None:
    near = Neighbourhood(SYSTEM.r1cs, BASE)
    wires = SYSTEM.symbols.wires
    # (x + 8) x = 9 at x = 1 and x = -9
    assert set(near.compensate(0, wires["z"], 9, wires["x"])) == {1, SCALAR_MODULUS - 9}
    assert near.compensate(2, wires["z"], 34, wires["v"]) == [174]
    assert near.compensate(2, wires["z"], BASE[wires["z"]], wires["v"]) == []


@given(st.one_of(SMALL, st.integers(0, SCALAR_MODULUS - 1)))
def test_tries_the_values_that_attackers_try(value: int) -> None:
    tried = list(other_values(value, random.Random(1)))
    assert value not in tried
    assert len(set(tried)) == len(tried)
    wanted = {0, 1, value + 1, value - 1, -value, value + (1 << 80), value + (1 << 252)}
    assert {other % SCALAR_MODULUS for other in wanted} - {value} <= set(tried)
    assert all(0 <= other < SCALAR_MODULUS for other in tried)
