"""What the contracts demand of their verifiers is what the table of statements says (spec ZS-20)."""

import re
from pathlib import Path

import pytest

from verifier import STATEMENTS, Shape, signal_counts

SOURCES = Path(__file__).parents[2] / "contracts" / "src"
DEMAND = re.compile(r'Statements\.requireStatement\(\s*\w+, "([a-z-]+)", slots, ([^,]+), ([^)]+)\);')
CONSTANT = re.compile(r"uint256 private constant ([A-Z]+_INPUTS) = (\d+);")
CIPHER_ELEMENTS = {"_elements", "_cipherElements", "elements"}
TAKEN = ["exit", "expire", "margin", "open", "rekey", "update", "writeoff"]
"""The statements that contracts take."""


def demands() -> dict[str, tuple[str, str, dict[str, int]]]:
    """For each statement that a contract takes: proof inputs, round inputs, and the constants that they are made of."""
    found = {}
    for path in sorted(SOURCES.rglob("*.sol")):
        source = path.read_text()
        constants = {name: int(value) for name, value in CONSTANT.findall(source)}
        found |= {name: (proof, round_, constants) for name, proof, round_ in DEMAND.findall(source)}
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
    assert sorted(demands()) == TAKEN
    assert calls == len(demands())


@pytest.mark.parametrize("name", TAKEN)
def test_the_numbers_of_signals_are_those_of_the_table(name: str) -> None:
    proof, round_, constants = demands()[name]
    row = next(row for row in STATEMENTS.values() if row.name == name)
    for n in (*row.sizes, 43):
        elements = Shape.CIPHERTEXT.elements(n)
        names = {"slots": n, **dict.fromkeys(CIPHER_ELEMENTS, elements), **constants}
        assert (evaluate(proof, names), evaluate(round_, names)) == signal_counts(row.name, n)
