"""The table of statements agrees with the circuits, and puts signals into one order (spec ZS-20)."""

import csv
import re
from pathlib import Path
from typing import get_args

import pytest

from verifier import STATEMENTS, InputError, Shape, Statement, StatementName, instance_name, signal_counts

ROOT = Path(__file__).parents[2]
CIRCUITS = ROOT / "circuits"
DIMENSIONS = {Shape.SCALAR: "", Shape.POINT: "[2]", Shape.SLOTS: "[N]", Shape.CIPHERTEXT: "[K]"}

ROWS = pytest.mark.parametrize("row", STATEMENTS.values(), ids=list(STATEMENTS))


def template(row: Statement) -> str:
    """The body of the circom template."""
    source = (CIRCUITS / row.circuit.file).read_text()
    return source.split(f"template {row.circuit.template}(")[1]


def test_every_name_has_a_row() -> None:
    assert tuple(STATEMENTS) == get_args(StatementName)
    assert [row.name for row in STATEMENTS.values()] == list(STATEMENTS)


@pytest.mark.parametrize(
    ("name", "n", "proof", "round_"),
    [
        ("margin", 13, 3, 39),
        ("margin-lean", 28, 3, 84),
        ("open", 13, 14, 0),
        ("open", 28, 19, 0),
        ("update", 13, 16, 68),
        ("update", 28, 21, 143),
        ("writeoff", 13, 9, 0),
        ("expire", 13, 9, 13),
        ("expire", 28, 14, 28),
        ("exit", 13, 10, 0),
        ("exit", 28, 15, 0),
        ("rekey", 13, 15, 0),
        ("rekey", 28, 20, 0),
        ("release", 13, 13, 45),
        ("release", 28, 18, 90),
    ],
)
def test_signals_are_split_into_the_proofs_own_and_the_rounds(
    name: StatementName, n: int, proof: int, round_: int
) -> None:
    assert signal_counts(name, n) == (proof, round_)


def test_the_pinned_circuits_have_as_many_public_signals() -> None:
    with (CIRCUITS / "constraints.csv").open(newline="") as file:
        pinned = {row["instance"]: int(row["public"]) for row in csv.DictReader(file)}
    listed = {row.instance(n): sum(signal_counts(name, n)) for name, row in STATEMENTS.items() for n in row.sizes}
    assert listed == pinned


@ROWS
def test_names_are_plain_words_to_circom_and_to_file_systems(row: Statement) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", row.name)
    assert re.fullmatch(r"[a-z][a-z0-9-]*\.circom", row.circuit.file)
    identifiers = (row.circuit.template, *row.public)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", identifier) for identifier in identifiers)


@ROWS
def test_the_circuit_declares_each_public_signal_in_its_shape(row: Statement) -> None:
    declared = re.findall(r"^    signal input (\w+)((?:\[\w+\])?);", template(row), re.MULTILINE)
    public = [(signal.name, DIMENSIONS[signal.shape]) for signal in (*row.proof_signals, *row.round_signals)]
    assert declared[: len(public)] == public


@ROWS
def test_the_circuit_takes_n_and_the_flags(row: Statement) -> None:
    parameters = template(row).split(")")[0].split(",")
    assert parameters[0] == "N"
    assert len(parameters) == 1 + len(row.circuit.flags)


@ROWS
def test_the_header_of_the_circuit_calls_these_signals_public(row: Statement) -> None:
    header = (CIRCUITS / row.circuit.file).read_text().split("template ")[0]
    assert tuple(re.findall(r"@input (\w+)(?:\[\w+\])?  \(public\)", header)) == row.public


def test_values_are_arranged_in_the_order_of_the_table() -> None:
    values = {
        "ciphertext": [9, 10, 11, 12, 13],
        "rho": 8,
        "amount": 3,
        "newCommitment": 2,
        "oldCommitment": 1,
        "viewKey": 99,
    }
    assert STATEMENTS["writeoff"].arrange(values, 13) == (1, 2, 3, 8, 9, 10, 11, 12, 13)


def test_the_signals_of_one_proof_are_arranged_without_those_of_the_round() -> None:
    row = STATEMENTS["margin"]
    of_round = {"shortExtra": range(26, 39), "marginPerUnit": range(13, 26), "effectivePrice": range(13)}
    values = {"commitment": 1, "healthy": 1, "recipient": 2} | of_round
    assert row.arrange_proof(values, 13) == (1, 1, 2)
    assert row.arrange_round(values, 13) == tuple(range(39))
    assert row.arrange(values, 13) == (1, 1, 2, *range(39))


@pytest.mark.parametrize("ciphertext", [[1] * 4, [1] * 6, 1])
def test_values_of_another_length_are_refused(ciphertext: int | list[int]) -> None:
    values = {"oldCommitment": 1, "newCommitment": 2, "amount": 3, "rho": 4, "ciphertext": ciphertext}
    with pytest.raises(InputError, match="writeoff-13: ciphertext has 5 elements"):
        STATEMENTS["writeoff"].arrange(values, 13)


def test_a_missing_signal_is_refused() -> None:
    with pytest.raises(InputError, match="margin-13: commitment has 1 elements, not 0"):
        STATEMENTS["margin"].arrange({}, 13)


def test_instances_are_named_for_statement_and_size() -> None:
    assert instance_name("margin-lean", 28) == STATEMENTS["margin-lean"].instance(28) == "margin-lean-28"


def test_the_table_is_light_to_import() -> None:
    source = (ROOT / "verifier" / "_statements.py").read_text()
    assert set(re.findall(r"^from ([\w.]+) import", source, re.MULTILINE)) == {
        "collections.abc",
        "dataclasses",
        "enum",
        "typing",
        "verifier._errors",
    }
