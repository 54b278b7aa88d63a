"""`proof export`: what snarkjs takes, with signals from the verifier's own round or with a warning."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cli.harness import ROUND_1, ROUND_2, Run, key_json
from envelopes import simulate
from simulated import SimulatedKey

from prover import PriceRound
from prover.toolchain import find_home
from verifier import BookProofEnvelope, MarginClaim, ProofEnvelope, VectorKind, signal_counts

CLAIM = MarginClaim(commitment=1234567890123456789, healthy=True, recipient=0xABC)


@pytest.fixture(scope="module")
def key() -> SimulatedKey:
    return SimulatedKey.generate(sum(signal_counts("margin", 13)))


@pytest.fixture
def proof(key: SimulatedKey, round_1: PriceRound, tmp_path: Path) -> Path:
    inputs = round_1.inputs()
    signals = CLAIM.signals(inputs.vectors)
    digest = key.verifying_key().digest()
    envelope = ProofEnvelope("margin", 13, inputs.book, inputs.round, digest, key.prove(signals), signals)
    path = tmp_path / "envelope.json"
    path.write_text(json.dumps(envelope.to_json()))
    return path


def test_signals_of_the_prover_come_with_a_warning(run: Run, proof: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = run("proof", "export", proof, "--snarkjs", folder)
    assert result.code == 0
    assert "signals that the prover supplied, which prove nothing" in result.stderr
    envelope = json.loads(proof.read_text())
    assert json.loads((folder / "public.json").read_text()) == envelope["publicSignals"]
    assert json.loads((folder / "proof.json").read_text()) == envelope["proof"]
    assert "exists already" in run("proof", "export", proof, "--snarkjs", folder).stderr


def test_signals_of_ones_own_round_need_none(run: Run, proof: Path, tmp_path: Path, round_1: PriceRound) -> None:
    folder = tmp_path / "out"
    result = run("proof", "export", proof, "--snarkjs", folder, "--round", ROUND_1, "--json")
    assert (result.code, result.stderr, result.json["signals_from"]) == (0, "", "round")
    expected = [str(signal) for signal in CLAIM.signals(round_1.vectors)]
    assert json.loads((folder / "public.json").read_text()) == expected


def test_signals_are_those_of_the_kind_of_the_proof(
    run: Run, key: SimulatedKey, proof: Path, tmp_path: Path, round_1: PriceRound
) -> None:
    signals = CLAIM.signals(round_1.vectors, VectorKind.OVERDRAFT)
    envelope = replace(ProofEnvelope.load(proof), kind=VectorKind.OVERDRAFT, public_signals=signals)
    proof.write_text(json.dumps(replace(envelope, proof=key.prove(signals)).to_json()))
    result = run("proof", "export", proof, "--snarkjs", tmp_path / "out", "--round", ROUND_1, "--json")
    assert (result.code, result.json["kind"]) == (0, "overdraft")
    assert json.loads((tmp_path / "out" / "public.json").read_text()) == [str(signal) for signal in signals]


def test_a_proof_at_another_round_is_refused(run: Run, proof: Path, tmp_path: Path) -> None:
    result = run("proof", "export", proof, "--snarkjs", tmp_path / "out", "--round", ROUND_2, "--json")
    assert (result.code, result.error["reason"]) == (1, "signals-differ-from-round")
    assert not (tmp_path / "out").exists()
    proof.write_text(proof.read_text().replace('"96998250000000"', '"96998250000001"'))
    forged = run("proof", "export", proof, "--snarkjs", tmp_path / "out", "--round", ROUND_1, "--json")
    assert forged.error["reason"] == "signals-differ-from-round"


def test_a_file_is_no_folder(run: Run, proof: Path, tmp_path: Path) -> None:
    assert "is no folder" in run("proof", "export", proof, "--snarkjs", proof).stderr
    assert "there is no folder" in run("proof", "export", proof, "--snarkjs", tmp_path / "a" / "b").stderr


@pytest.mark.full
def test_snarkjs_accepts_what_is_exported(run: Run, key: SimulatedKey, proof: Path, tmp_path: Path) -> None:
    folder, node = tmp_path / "out", shutil.which("node")
    assert node is not None
    run("proof", "export", proof, "--snarkjs", folder, "--round", ROUND_1)
    (folder / "key.json").write_text(key_json(key.verifying_key()))
    words = [node, find_home() / "node_modules" / "snarkjs" / "build" / "cli.cjs", "groth16", "verify"]
    files = [folder / "key.json", folder / "public.json", folder / "proof.json"]
    done = subprocess.run([*words, *files], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done
    assert "OK" in done.stdout


def test_a_proof_of_snarkjs_becomes_a_proof_file(run: Run, tmp_path: Path, round_1: PriceRound) -> None:
    made = simulate("exit", round_1)
    (tmp_path / "proof.json").write_text(json.dumps(made.envelope.proof.to_json()))
    public = tmp_path / "public.json"
    public.write_text(json.dumps([str(signal) for signal in made.envelope.public_signals]))
    key_file, out = tmp_path / "key.json", tmp_path / "exit.json"
    key_file.write_text(key_json(made.key))
    words = ["proof", "import", "--snarkjs", tmp_path, "--key", key_file, "--out", out, "--json"]
    assert run(*words).code == 0
    assert BookProofEnvelope.load(out) == made.envelope
    assert "exists already" in run(*words).error["message"]
    out.unlink()
    public.write_text("[]")
    assert "expected a list of 10" in run(*words).error["message"]


def test_a_margin_proof_of_snarkjs_does_not_say_its_round(
    run: Run, key: SimulatedKey, tmp_path: Path, proof: Path
) -> None:
    envelope = json.loads(proof.read_text())
    (tmp_path / "proof.json").write_text(json.dumps(envelope["proof"]))
    (tmp_path / "public.json").write_text(json.dumps(envelope["publicSignals"]))
    key_file = tmp_path / "key.json"
    key_file.write_text(key_json(key.verifying_key()))
    result = run("proof", "import", "--snarkjs", tmp_path, "--key", key_file, "--out", tmp_path / "x.json", "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
