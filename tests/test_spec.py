"""The specification: each number is defined once and occurs in a test, and its figures are those of the code."""

import ast
import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "docs" / "spec.md"
DEFINITION = re.compile(r"^\*\*(ZS-\d+)\b", re.MULTILINE)
NUMBER = re.compile(r"\bZS-\d+\b")
SUFFIXES = {".circom", ".md", ".mjs", ".py", ".rs", ".sol"}
TESTS = ("tests/", "contracts/test/", "prover/native/tests/", "prover/native/tests_py/")
NOT_OURS = {"build", "cache", "generated", "node_modules", "out", "target"}


def texts() -> Iterator[tuple[str, str]]:
    """The path and the text of every file that may name a number."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith(".")]
        for path in (Path(folder, name) for name in names):
            if path.suffix in SUFFIXES:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def section(number: str) -> str:
    """What the specification says under a number."""
    return SPEC.read_text().split(f"**{number} ")[1].split("\n**ZS-")[0]


def test_each_number_is_defined_once_and_in_the_specification() -> None:
    defined = [(number, path) for path, text in texts() for number in DEFINITION.findall(text)]
    assert len(defined) > 30
    assert len({number for number, _ in defined}) == len(defined), sorted(defined)
    assert {path for _, path in defined} == {"docs/spec.md"}


def test_each_number_occurs_in_a_test() -> None:
    tested = {number for path, text in texts() if path.startswith(TESTS) for number in NUMBER.findall(text)}
    assert not set(DEFINITION.findall(SPEC.read_text())) - tested


def test_each_number_that_is_named_is_defined() -> None:
    defined = set(DEFINITION.findall(SPEC.read_text()))
    assert not {(number, path) for path, text in texts() for number in NUMBER.findall(text) if number not in defined}


def test_the_reason_codes_are_those_of_the_verifier() -> None:
    """Spec ZS-35."""
    codes = set()
    for path in (ROOT / "verifier").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"VerificationError": 0, "_require": 1}.get(node.func.id)
                if place is not None and isinstance(reason := node.args[place], ast.Constant):
                    codes.add(reason.value)
    assert codes == set(re.findall(r"`([a-z-]+)`", section("ZS-35")))


def pinned(column: str) -> dict[str, int]:
    """The sizes of circuits that compiling compares with, by instance."""
    with (ROOT / "circuits" / "constraints.csv").open(newline="") as file:
        return {row["instance"]: int(row[column]) for row in csv.DictReader(file)}


def column(number: str, place: int) -> dict[str, int]:
    """A column of the table of instances in a section."""
    rows = re.findall(r"^\| `([a-z]+-\d+)` \| (.*) \|$", section(number), re.MULTILINE)
    cells = {instance: cells.split(" | ")[place] for instance, cells in rows}
    return {instance: int(cell.removeprefix("2^").replace(",", "")) for instance, cell in cells.items()}


def of_the_book(sizes: dict[str, int]) -> dict[str, int]:
    return {instance: size for instance, size in sizes.items() if not instance.startswith("margin")}


def test_the_sizes_of_margin_are_the_pinned_ones() -> None:
    """Spec ZS-24."""
    constraints = pinned("constraints")
    sizes = [constraints[f"{name}-{n}"] for n in (13, 28) for name in ("margin", "margin-lean")]
    assert re.findall(r"\d,\d{3}|\d{3}", section("ZS-24")) == [f"{size:,}" for size in sizes]


def test_the_sizes_of_the_books_statements_are_the_pinned_ones() -> None:
    """Spec ZS-64."""
    for place, name in enumerate(("constraints", "public", "domain_log2")):
        assert column("ZS-64", place) == of_the_book(pinned(name))


def test_the_audit_was_of_the_pinned_circuits() -> None:
    """Spec ZS-63. The first wire is the constant 1."""
    wires = of_the_book(pinned("wires"))
    assert column("ZS-63", 0) == {instance: count - 1 for instance, count in wires.items()}
