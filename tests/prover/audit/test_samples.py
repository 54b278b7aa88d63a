"""Random inputs for audits: true statements, of every kind, and the same ones from the same seed."""

import random
from collections.abc import Mapping, Sequence

import pytest

from prover.audit import declaration_of, sample_inputs
from verifier import STATEMENTS, StatementName

SIZES = (13, pytest.param(28, marks=pytest.mark.deep))
ALL = tuple(STATEMENTS)


def samples(statement: StatementName, n: int, count: int) -> list[Mapping[str, str | Sequence[str]]]:
    rng = random.Random(n)
    return [dict(sample_inputs(statement, n, rng)) for _ in range(count)]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("statement", ALL)
def test_the_reference_calls_them_true(statement: StatementName, n: int) -> None:
    declaration = declaration_of(statement)
    for inputs in samples(statement, n, 3):
        signals = {name: tuple(map(int, [v] if isinstance(v, str) else v)) for name, v in inputs.items()}
        assert declaration.holds(signals)
        first = declaration.public[0]  # a commitment
        assert not declaration.holds({**signals, first: (signals[first][0] ^ 1,)})


@pytest.mark.parametrize("statement", ALL)
def test_the_same_seed_gives_the_same(statement: StatementName) -> None:
    first, again = (samples(statement, 13, 2) for _ in range(2))
    assert first == again
    assert first[0] != first[1]


def test_updates_are_of_every_kind() -> None:
    made = samples("update", 13, 48)
    for name, values in (("side", "012"), ("claim", "0123"), ("isWithdrawal", "01"), ("shrinks", "01")):
        assert {inputs[name] for inputs in made} == set(values), name
    assert {inputs["transferAmount"] == "0" for inputs in made} == {True, False}
    unsaid = {inputs["shrinks"] for inputs in made if inputs["claim"] == "0"}
    assert unsaid == {"0", "1"}  # either rule may stand behind a claim that tells neither


def test_margins_are_on_either_side() -> None:
    assert {inputs["healthy"] for inputs in samples("margin", 13, 12)} == {"0", "1"}
