"""`verify` of proofs of a margin book's statements, one or many: what is refused, and what a proof leaves open."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import ROUND_1, ROUND_2, Outcome, Run, key_json
from envelopes import PRICED, RECIPIENT, SLOTS, Simulated, simulate
from snippets import GUIDES, program_commands
from steps import HERE

from prover import Account, PriceRound, prove_margin
from prover.onchain import DeploymentRecord
from prover.onchain._deployment_record import DeploymentKind
from prover.toolchain import Artifacts, open_backend
from verifier import BOOK_STATEMENTS, BookStatement, scalar_signals

every = pytest.mark.parametrize("statement", BOOK_STATEMENTS)


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    from prover.chain import BOOK_ROLES  # noqa: PLC0415

    path, address = tmp_path / "deployment.json", f"0x{HERE.contract:040x}"
    DeploymentRecord(
        DeploymentKind.BOOK, HERE.chain_id, "perps-13", "0" * 64, 0, dict.fromkeys(BOOK_ROLES, address)
    ).save(path)
    return path


def words(made: Simulated, folder: Path, deployment: Path, *, round_: Path = ROUND_1) -> list[object]:
    """What verifies a proof, less the files of proofs."""
    statement = made.envelope.statement
    key = folder / f"{statement}-key.json"
    key.write_text(key_json(made.key))
    options: list[object] = ["--statement", statement, "--key", key]
    if statement in PRICED:
        options += ["--round", round_]
    return options + (["--deployment", deployment] if statement == "open" else [])


def saved(made: Simulated, folder: Path, name: str = "proof.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(made.envelope.to_json()))
    return path


def refused(result: Outcome, reason: str) -> None:
    assert (result.code, result.error["kind"], result.error["reason"]) == (1, "refused", reason)


@every
def test_a_proof_is_told_with_what_it_leaves_open(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound, statement: BookStatement
) -> None:
    made = simulate(statement, round_1)
    options = words(made, tmp_path, deployment)
    result = run("verify", saved(made, tmp_path), *options, "--json")
    assert result.code == 0
    assert result.json["verified"] is True
    assert (result.json["statement"], result.json["n"]) == (statement, 13)
    assert set(result.json["signals"]) == set(scalar_signals(statement))
    assert (result.json["round"] is not None) == (statement in PRICED)
    people = run("verify", saved(made, tmp_path), *options)
    assert people.code == 0
    assert "leaves open" in people.stdout
    assert "ask the chain" in " ".join(people.stdout.split())
    assert "no --commitment was given" in people.stderr


@every
def test_a_proof_of_another_statement_is_refused(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound, statement: BookStatement
) -> None:
    """A thief who proves an easier statement: `verify` demands margin unless told otherwise."""
    made = simulate(statement, round_1)
    proof = saved(made, tmp_path)
    refused(run("verify", proof, "--round", ROUND_1, "--json"), "wrong-statement")
    other = simulate("writeoff" if statement == "exit" else "exit", round_1)
    refused(run("verify", proof, *words(other, tmp_path, deployment), "--json"), "wrong-statement")


@pytest.mark.parametrize("statement", sorted(PRICED))
def test_a_proof_at_other_prices_is_refused(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound, statement: BookStatement
) -> None:
    made = simulate(statement, round_1)
    refused(
        run("verify", saved(made, tmp_path), *words(made, tmp_path, deployment, round_=ROUND_2), "--json"),
        "wrong-round",
    )


@every
def test_an_altered_signal_is_refused(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound, statement: BookStatement
) -> None:
    made = simulate(statement, round_1)
    path = saved(made, tmp_path)
    content = json.loads(path.read_text())
    content["publicSignals"][1] = str(int(content["publicSignals"][1]) + 1)
    path.write_text(json.dumps(content))
    refused(run("verify", path, *words(made, tmp_path, deployment), "--json"), "proof-does-not-verify")


@pytest.mark.parametrize(
    ("statement", "options", "reason"),
    [
        ("exit", ["--commitment", 7], "wrong-commitment"),
        ("exit", ["--recipient", f"0x{7:040x}"], "wrong-recipient"),
        ("exit", ["--expect", "amount=7"], "wrong-signal"),
        ("exit", ["--expect", "newCommitment=0x7"], "wrong-commitment"),
        ("open", ["--commitment", 7], "wrong-commitment"),
        ("update", ["--expect", "claim=2"], "wrong-signal"),
        ("update", ["--expect", "longOnly=0"], "wrong-round"),
        ("expire", ["--expect", f"slots={SLOTS + 1}"], "wrong-signal"),
        ("release", ["--expect", "cured=0"], "wrong-signal"),
        ("release", ["--expect", "floorRate=999"], "wrong-round"),
        ("release", ["--kind", "overdraft"], "wrong-round"),
    ],
)
def test_a_demand_is_heeded(
    run: Run,
    tmp_path: Path,
    deployment: Path,
    round_1: PriceRound,
    statement: BookStatement,
    options: list[object],
    reason: str,
) -> None:
    made = simulate(statement, round_1)
    refused(run("verify", saved(made, tmp_path), *words(made, tmp_path, deployment), *options, "--json"), reason)


def test_a_demand_that_is_met_is_accepted(run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound) -> None:
    made = simulate("update", round_1)
    demands = ["--commitment", 1000, "--recipient", f"0x{RECIPIENT:040x}", "--expect", "claim=1"]
    result = run("verify", saved(made, tmp_path), *words(made, tmp_path, deployment), *demands)
    assert result.code == 0
    assert "no --commitment" not in result.stderr


@pytest.mark.parametrize(
    ("statement", "options", "complaint"),
    [
        ("exit", ["--round", ROUND_1], "would check nothing"),
        ("exit", ["--liquidatable"], "--liquidatable is about"),
        ("exit", ["--max-age", 5], "--max-age is about"),
        ("exit", ["--kind", "overdraft"], "--kind is about"),
        ("exit", ["--expect", "ticket=1"], "has no public signal"),
        ("exit", ["--key-digest", "0"], "is about a bundle"),
        ("exit", ["--sender-prices"], "is about a bundle"),
        ("exit", ["--commitment", 1, "--commitment", 2], "2 times for 1 proof"),
    ],
)
def test_an_option_that_checks_nothing_is_refused(
    run: Run,
    tmp_path: Path,
    deployment: Path,
    round_1: PriceRound,
    statement: BookStatement,
    options: list[object],
    complaint: str,
) -> None:
    made = simulate(statement, round_1)
    result = run("verify", saved(made, tmp_path), *words(made, tmp_path, deployment), *options, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert complaint in result.error["message"]


@pytest.mark.parametrize(("statement", "missing"), [("update", "price round"), ("open", "margin book")])
def test_what_the_user_must_supply_is_named(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound, statement: BookStatement, missing: str
) -> None:
    made = simulate(statement, round_1)
    options = words(made, tmp_path, deployment)[:4]
    result = run("verify", saved(made, tmp_path), *options, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert missing in result.error["message"]


def test_each_proof_of_a_batch_is_told_and_one_bad_proof_fails_it(
    run: Run, tmp_path: Path, deployment: Path, round_1: PriceRound
) -> None:
    first, second = simulate("exit", round_1), simulate("exit", round_1, oldCommitment=5)
    paths = [saved(first, tmp_path, "a.json"), saved(second, tmp_path, "b.json")]
    options = words(first, tmp_path, deployment)
    commitments = ["--commitment", 1000, "--commitment", 5]
    good = run("verify", *paths, *options, *commitments, "--json")
    assert (good.code, good.json["verified"]) == (0, True)
    assert [one["signals"]["oldCommitment"] for one in good.json["proofs"]] == ["1000", "5"]
    bad = run("verify", *paths, *options, "--commitment", 1000, "--commitment", 6, "--json")
    assert (bad.code, bad.json["verified"]) == (1, False)
    assert [one.get("reason") for one in bad.json["proofs"]] == [None, "wrong-commitment"]
    assert bad.json["proofs"][1]["file"] == str(paths[1])
    people = run("verify", *paths, *options, "--commitment", 1000, "--commitment", 6)
    assert people.code == 1
    assert "a.json: verified" in people.stdout
    assert "refused (wrong-commitment)" in people.stdout
    assert run("verify", *paths, *options, "--commitment", 1000, "--json").error["kind"] == "input"


@pytest.mark.full
def test_the_commands_of_the_guide_verify(
    run: Run,
    artifacts: Mapping[str, Artifacts],
    account: Account,
    round_1: PriceRound,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docs/guides/verifying.md, with the files that it names. `round fetch` has tests of its own."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROUND_1, "round.json")
    with open_backend() as backend:
        margin = prove_margin(account, round_1, artifacts["margin-13"], backend)
    Path("proof.json").write_text(json.dumps(margin.to_json()))
    made = {
        "step.json": simulate("update", round_1, isWithdrawal=0),
        "a.json": simulate("exit", round_1),
        "b.json": simulate("exit", round_1, oldCommitment=5),
    }
    commitments = {"proof.json": account.commitment()}
    for name, one in made.items():
        saved(one, tmp_path, name)
        commitments[name] = one.envelope.values()["oldCommitment"]
    commands = [words for words in program_commands((GUIDES / "verifying.md").read_text()) if words[1] != "fetch"]
    assert len(commands) == 5
    for command in commands:
        wanted = iter([commitments[word] for word in command if word in commitments])
        words: list[object] = [next(wanted) if word.startswith("0x") else word for word in command]
        if "--statement" in command:
            statement = command[command.index("--statement") + 1]
            key = tmp_path / f"{statement}-key.json"
            key.write_text(key_json(next(one.key for one in made.values() if one.envelope.statement == statement)))
            words += ["--key", key]
        done = run(*words)
        assert done.code == 0, (words, done)
