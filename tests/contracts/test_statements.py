"""What the contracts demand of their verifiers is what the table of statements says (spec ZS-20)."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from verifier import STATEMENTS, Shape, signal_counts

SOURCES = Path(__file__).parents[2] / "contracts" / "src"
DEMAND = re.compile(r'Statements\.requireStatement\(\s*[\w\[\]]+, "([a-z-]+)", slots, ([^,]+), ([^)]+)\);')
CONSTANT = re.compile(r"uint256 private constant ([A-Z]+_INPUTS|LIMITS) = (\d+);")
CIPHER_ELEMENTS = {"_elements", "_cipherElements", "elements"}
TAKEN = ["exit", "expire", "margin", "open", "rekey", "release", "update", "writeoff"]
"""The statements that contracts take: two of them take `margin` and `writeoff`."""


class Demand(NamedTuple):
    """A statement that a contract takes: proof inputs, round inputs, and the constants that they are made of."""

    statement: str
    proof: str
    round: str
    constants: dict[str, int]


def demands() -> list[Demand]:
    """What each contract demands."""
    found = []
    for path in sorted(SOURCES.rglob("*.sol")):
        source = path.read_text()
        constants = {name: int(value) for name, value in CONSTANT.findall(source)}
        found += [Demand(name, proof, round_, constants) for name, proof, round_ in DEMAND.findall(source)]
    return found


def evaluate(expression: str, names: dict[str, int]) -> int:
    """Sums of products of names and numbers."""
    total = 0
    for term in expression.split("+"):
        product = 1
        for factor in term.split("*"):
            word = factor.strip()
            product *= int(word) if word.isdigit() else names[word]
        total += product
    return total


def test_every_demand_is_found() -> None:
    calls = sum(path.read_text().count("Statements.requireStatement(") for path in SOURCES.rglob("*.sol"))
    assert sorted({demand.statement for demand in demands()}) == TAKEN
    assert calls == len(demands())


@pytest.mark.parametrize("demand", demands(), ids=lambda demand: demand.statement)
def test_the_numbers_of_signals_are_those_of_the_table(demand: Demand) -> None:
    row = next(row for row in STATEMENTS.values() if row.name == demand.statement)
    for n in (*row.sizes, 43):
        elements = Shape.CIPHERTEXT.elements(n)
        names = {"slots": n, **dict.fromkeys(CIPHER_ELEMENTS, elements), **demand.constants}
        assert (evaluate(demand.proof, names), evaluate(demand.round, names)) == signal_counts(row.name, n)
