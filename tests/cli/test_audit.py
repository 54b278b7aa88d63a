"""`audit`: clean circuits pass, a circuit with a constraint taken out does not."""

import dataclasses
from pathlib import Path

import pytest
from cli.harness import Run

import prover.cli.audit
from prover.formats import R1CS

pytestmark = pytest.mark.full

SHORT = ["--statement", "margin-lean", "--witnesses", 1, "--pairs", 200, "--attacks", 5]


def test_a_clean_circuit_is_told_to_be_clean(run: Run) -> None:
    result = run("audit", *SHORT, "--json")
    assert result.code == 0
    assert (result.json["clean"], result.json["failures"]) == (True, [])
    assert result.json["sizes"]["constraints"] == 802
    assert run("audit", *SHORT, "--seed", 1).code == 0


@pytest.mark.parametrize(
    "statement",
    [
        "writeoff",
        *(
            pytest.param(name, marks=pytest.mark.deep)
            for name in ("open", "update", "expire", "exit", "rekey", "release")
        ),
    ],
)
def test_statements_that_create_states_are_audited_too(run: Run, statement: str) -> None:
    result = run("audit", "--statement", statement, "--witnesses", 1, "--pairs", 100, "--attacks", 3, "--json")
    assert (result.code, result.json["circuit"]) == (0, f"{statement}-13")
    assert result.json["sizes"]["witnesses"] == 1
    assert result.json["sizes"]["attacks tried"] > 0


def test_the_same_seed_finds_the_same(run: Run) -> None:
    first, again = (run("audit", *SHORT, "--seed", 5, "--json").json for _ in range(2))
    assert first == again


def test_a_circuit_without_one_of_its_constraints_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Weakened(R1CS):
        @classmethod
        def load(cls, path: Path) -> R1CS:
            whole = R1CS.load(path)
            return dataclasses.replace(whole, constraints=whole.constraints[:-1])

    monkeypatch.setattr(prover.cli.audit, "R1CS", Weakened)
    result = run("audit", *SHORT, "--json")
    assert result.code == 1
    assert result.json["clean"] is False
    assert result.json["failures"]
    assert "NOT clean" in run("audit", *SHORT).stdout


def test_the_size_is_the_books(run: Run) -> None:
    options = ["--book", "multi-28", "--pairs", 0, "--attacks", 0]
    result = run("audit", "--statement", "margin-lean", "--witnesses", 1, *options, "--json")
    assert (result.code, result.json["circuit"]) == (0, "margin-lean-28")


def test_an_unknown_statement_is_wrong_usage(run: Run) -> None:
    assert run("audit", "--statement", "sweep", "--json").error["kind"] == "usage"
