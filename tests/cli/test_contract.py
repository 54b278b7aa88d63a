"""`contract export`: a folder that compiles by itself."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import ROOT, ROUND_1, ROUND_2, Run, key_json
from simulated import SimulatedKey
from solidity import compile_sources

from prover import Account, AssetList, PriceRound, prove_margin
from prover.chain import proof_words
from prover.onchain import foundry_fixture
from prover.toolchain import Artifacts, open_backend
from verifier import InputError, ProofEnvelope, StatementName, VerifyingKey


@pytest.fixture(scope="module")
def key() -> VerifyingKey:
    return SimulatedKey.generate(42).verifying_key()


@pytest.fixture
def key_file(key: VerifyingKey, tmp_path: Path) -> Path:
    path = tmp_path / "verification_key.json"
    path.write_text(key_json(key))
    return path


@pytest.mark.parametrize(
    ("statement", "signals"),
    [("open", 14), ("update", 84), ("writeoff", 9), ("expire", 22), ("exit", 10), ("rekey", 15), ("release", 58)],
)
def test_statements_of_the_margin_book_have_verifiers_too(
    run: Run, tmp_path: Path, statement: StatementName, signals: int
) -> None:
    file = tmp_path / "verification_key.json"
    file.write_text(key_json(SimulatedKey.generate(signals).verifying_key(statement, 13)))
    out = tmp_path / "verifiers"
    result = run("contract", "export", "--out", out, "--statement", statement, "--key", file, "--json")
    assert result.code == 0
    (verifier,) = result.json["verifiers"]
    assert verifier["contract"] == f"{statement.capitalize()}13Verifier"
    assert f'"{statement}-13"' in Path(verifier["file"]).read_text()


def test_a_given_key_becomes_a_contract_with_all_that_it_imports(
    run: Run, key: VerifyingKey, key_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "verifiers"
    result = run("contract", "export", "--out", out, "--statement", "margin", "--key", key_file, "--json")
    assert result.code == 0
    assert "local chains only" in result.stderr
    (verifier,) = result.json["verifiers"]
    assert verifier["contract"] == "Margin13Verifier"
    assert verifier["key"] == {"origin": "development", "digest": key.digest()}
    assert key.digest() in Path(verifier["file"]).read_text()
    written = {str(path.relative_to(out)) for path in out.rglob("*.sol")}
    assert written == set(result.json["files"])
    for path in out.rglob("*.sol"):
        for target in re.findall(r'^import .*"(.*)";', path.read_text(), re.MULTILINE):
            assert ((path.parent if target.startswith(".") else out) / target).resolve().is_file()


@pytest.mark.full
def test_a_foundry_project_compiles_with_it(run: Run, key_file: Path, tmp_path: Path) -> None:
    """A foreign project, without OpenZeppelin: it takes the remapping that the command prints."""
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    settings = f'src = "src"\nsolc = "{ROOT / "tools" / "solc"}"\noffline = true\nevm_version = "cancun"\n'
    (project / "foundry.toml").write_text(f"[profile.default]\n{settings}")
    (project / "src" / "Venue.sol").write_text(
        "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n"
        'import {IRegistrarGate} from "./zk/interfaces/IRegistrarGate.sol";\n'
        'import {Margin13Verifier} from "./zk/generated/Margin13Verifier.sol";\n'
        "contract Venue is Margin13Verifier {\n    IRegistrarGate public gate;\n}\n"
    )
    words = ["contract", "export", "--out", project / "src" / "zk", "--statement", "margin", "--key", key_file]
    result = run(*words, "--interfaces", "--json")
    assert result.json["remapping"] == "@openzeppelin/contracts/=src/zk/@openzeppelin/contracts/"
    build = [ROOT / "node_modules" / ".bin" / "forge", "build", "--root", project]
    unmapped = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert unmapped.returncode != 0
    (project / "remappings.txt").write_text(result.json["remapping"] + "\n")
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done
    assert (project / "out" / "Venue.sol" / "Venue.json").is_file()


def test_interfaces_come_with_all_that_they_import(run: Run, key_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "zk"
    words = ["contract", "export", "--out", out, "--statement", "margin", "--key", key_file]
    result = run(*words, "--interfaces", "--json")
    assert result.json["remapping"] == "@openzeppelin/contracts/=@openzeppelin/contracts/"
    ours = {f"interfaces/{path.name}" for path in (ROOT / "contracts" / "src" / "interfaces").glob("*.sol")}
    assert ours <= set(result.json["files"])


def test_a_project_with_the_npm_package_gets_the_verifier_alone(run: Run, key_file: Path, tmp_path: Path) -> None:
    """No npm package is needed here. tests/packages/test_npm_package.py compiles such a verifier."""
    out = tmp_path / "verifiers"
    words = ["contract", "export", "--out", out, "--statement", "margin", "--key", key_file, "--npm"]
    result = run(*words, "--json")
    assert [path.relative_to(out).as_posix() for path in out.rglob("*")] == ["Margin13Verifier.sol"]
    assert result.json["verifiers"][0]["file"] == str(out / "Margin13Verifier.sol")
    source = (out / "Margin13Verifier.sol").read_text()
    assert 'from "@zksolvency/contracts/src/groth16/Groth16Verifier.sol"' in source
    assert result.json["remapping"] == "@zksolvency/contracts/=node_modules/@zksolvency/contracts/"
    assert run(*words, "--interfaces", "--json").error["kind"] == "input"


def test_a_ceremony_key_is_marked_as_one(run: Run, key: VerifyingKey, key_file: Path, tmp_path: Path) -> None:
    key_file.write_text(key_json(key, origin="ceremony"))
    out = tmp_path / "verifiers"
    result = run("contract", "export", "--out", out, "--statement", "margin", "--key", key_file)
    assert (result.code, result.stderr) == (0, "")
    assert "ceremony" in result.stdout


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"vk_delta_2": "gamma"}, "key-without-contribution"), ({"vk_alpha_1": ["1", "1", "1"]}, "point-not-on-curve")],
)
def test_a_key_that_must_not_be_deployed_makes_no_contract(
    run: Run, key: VerifyingKey, key_file: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    changed = {name: key.gamma.to_json() if value == "gamma" else value for name, value in changes.items()}
    key_file.write_text(key_json(key, **changed))
    out = tmp_path / "verifiers"
    result = run("contract", "export", "--out", out, "--statement", "margin", "--key", key_file, "--json")
    assert (result.code, result.error["reason"]) == (1, reason)
    assert not out.exists()


def test_a_key_of_another_book_size_is_refused(run: Run, key_file: Path, tmp_path: Path) -> None:
    words = ["contract", "export", "--out", tmp_path / "v", "--statement", "margin", "--book", "multi-28"]
    assert run(*words, "--key", key_file, "--json").error["reason"] == "wrong-key"


def test_a_lean_key_makes_no_margin_contract(run: Run, key: VerifyingKey, key_file: Path, tmp_path: Path) -> None:
    key_file.write_text(key_json(key, statement="margin-lean"))
    out = tmp_path / "verifiers"
    result = run("contract", "export", "--out", out, "--statement", "margin", "--key", key_file, "--json")
    assert (result.code, result.error["reason"]) == (1, "wrong-key")
    assert not out.exists()


def test_a_key_needs_its_statement(run: Run, key_file: Path, tmp_path: Path) -> None:
    result = run("contract", "export", "--out", tmp_path / "v", "--key", key_file, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")


def test_a_folder_that_cannot_be_made_is_bad_input(run: Run, key_file: Path) -> None:
    words = ["contract", "export", "--out", key_file / "v", "--statement", "margin", "--key", key_file]
    assert run(*words, "--json").error["kind"] == "input"


@pytest.mark.full
@pytest.mark.parametrize(("book", "n"), [("perps-13", 13), pytest.param("multi-28", 28, marks=pytest.mark.deep)])
def test_the_folder_compiles_by_itself(
    run: Run, artifacts: Mapping[str, Artifacts], tmp_path: Path, book: str, n: int
) -> None:
    out = tmp_path / "verifiers"
    assert run("contract", "export", "--out", out, "--book", book).code == 0
    sources = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*.sol")}
    settings = {"evmVersion": "cancun", "outputSelection": {"*": {"*": ["evm.bytecode.object"]}}}
    contracts = compile_sources(sources, settings, tmp_path)  # nothing to be found beside what was exported
    for name in (f"Margin{n}Verifier", f"MarginLean{n}Verifier"):
        assert contracts[f"generated/{name}.sol"][name]["evm"]["bytecode"]["object"]


@pytest.fixture
def proof_files(
    artifacts: Mapping[str, Artifacts], account: Account, round_1: PriceRound, tmp_path: Path
) -> list[Path]:
    """A proof of solvency at round 1, with a recipient, and one of the opposite at round 2."""
    paths = [tmp_path / "solvent.json", tmp_path / "flag.json"]
    book = round_1.book
    rounds = [round_1, PriceRound.load(ROUND_2, book)]
    with open_backend() as backend:
        for path, round_, healthy in zip(paths, rounds, (True, False), strict=True):
            recipient = 0xFEE if healthy else 0
            envelope = prove_margin(
                account, round_, artifacts["margin-13"], backend, healthy=healthy, recipient=recipient
            )
            path.write_text(json.dumps(envelope.to_json()))
    return paths


@pytest.mark.full
def test_a_fixture_has_each_proof_at_its_round(run: Run, proof_files: list[Path], tmp_path: Path) -> None:
    """Whatever the order; the contracts are in tests/packages/test_npm_package.py."""
    out = tmp_path / "fixture.json"
    words = ["contract", "fixture", *reversed(proof_files), "--round", ROUND_1, "--round", ROUND_2, "--out", out]
    result = run(*words, "--json")
    assert result.json == {"fixture": str(out), "rounds": 2, "proofs": 2}
    written = json.loads(out.read_text())
    claims = [(item["roundId"], item["healthy"], int(item["recipient"], 16)) for item in written["proofs"]]
    assert claims == [(2, False, 0), (1, True, 0xFEE)]
    envelope = ProofEnvelope.load(proof_files[0])
    assert written["proofs"][1]["commitment"] == str(envelope.claim().commitment)
    assert written["proofs"][1]["words"] == [str(word) for word in proof_words(envelope.proof)]
    assert len(written["fractions"]) == 13 * 8
    assert [len(round_["prices"]) for round_ in written["rounds"]] == [13, 13]


@pytest.mark.full
def test_a_fixture_takes_no_proof_of_another_round(run: Run, proof_files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "fixture.json"
    result = run("contract", "fixture", *proof_files, "--round", ROUND_1, "--out", out, "--json")
    assert (result.code, result.error["reason"]) == (1, "signals-differ-from-round")
    assert not out.exists()


def test_a_fixture_is_of_one_book(round_1: PriceRound) -> None:
    majors = AssetList.load(ROOT / "books" / "majors-13.json")
    other = PriceRound(majors, 1, 1, round_1.prices, round_1.funding)
    with pytest.raises(InputError, match="rounds of one book"):
        foundry_fixture([round_1, other], [])
    with pytest.raises(InputError, match="one round at least"):
        foundry_fixture([], [])
