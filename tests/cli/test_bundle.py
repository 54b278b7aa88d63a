"""Bundles (spec ZS-37): one file and one command, and nothing in the file decides the answer."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli.harness import ROUND_1, ROUND_2, Outcome, Run, key_json
from envelopes import simulate
from simulated import SimulatedKey

from prover import PriceRound
from verifier import MarginClaim, ProofEnvelope, VectorKind, VerifyingKey, signal_counts

CLAIM = MarginClaim(commitment=1234567890123456789, healthy=True, recipient=0xABC)


@pytest.fixture(scope="module")
def simulated() -> SimulatedKey:
    return SimulatedKey.generate(sum(signal_counts("margin", 13)))


@pytest.fixture(scope="module")
def key(simulated: SimulatedKey) -> VerifyingKey:
    return simulated.verifying_key()


@pytest.fixture
def key_file(key: VerifyingKey, tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(key_json(key))
    return path


@pytest.fixture
def proof(simulated: SimulatedKey, key: VerifyingKey, round_1: PriceRound, tmp_path: Path) -> Path:
    inputs = round_1.inputs()
    signals = CLAIM.signals(inputs.vectors)
    made = ProofEnvelope("margin", 13, inputs.book, inputs.round, key.digest(), simulated.prove(signals), signals)
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(made.to_json()))
    return path


@pytest.fixture
def bundle(run: Run, proof: Path, tmp_path: Path) -> Path:
    path = tmp_path / "bundle.json"
    result = run("proof", "bundle", proof, "--round", ROUND_1, "--out", path, "--json")
    assert result.code == 0
    assert result.json["the_reader_runs"] == "zksolvency verify bundle.json --round FILE"
    return path


def refused(result: Outcome, reason: str) -> None:
    assert (result.code, result.error["kind"], result.error["reason"]) == (1, "refused", reason)


def edit(path: Path, change: Callable[[Any], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_one_command_verifies_it(run: Run, bundle: Path, key_file: Path, key: VerifyingKey) -> None:
    assert "verifyingKey" not in json.loads(bundle.read_text())
    result = run("verify", bundle, "--round", ROUND_1, "--key", key_file, "--json")
    assert result.code == 0
    assert (result.json["verified"], result.json["healthy"], result.json["key"]["digest"]) == (True, True, key.digest())
    assert run("proof", "bundle", bundle, "--out", bundle, "--json").error["kind"] == "input"


def test_the_kind_of_margin_is_in_the_command(
    run: Run, simulated: SimulatedKey, proof: Path, key_file: Path, tmp_path: Path, round_1: PriceRound
) -> None:
    signals = CLAIM.signals(round_1.vectors, VectorKind.OVERDRAFT)
    other = replace(
        ProofEnvelope.load(proof),
        kind=VectorKind.OVERDRAFT,
        public_signals=signals,
        proof=simulated.prove(signals),
    )
    path = tmp_path / "overdraft.json"
    path.write_text(json.dumps(other.to_json()))
    both = run("proof", "bundle", proof, path, "--round", ROUND_1, "--out", tmp_path / "both.json", "--json")
    assert both.error["kind"] == "input"
    made = run("proof", "bundle", path, "--round", ROUND_1, "--out", tmp_path / "bundle.json", "--json")
    assert made.json["the_reader_runs"] == "zksolvency verify bundle.json --round FILE --kind overdraft"
    words = ["verify", tmp_path / "bundle.json", "--round", ROUND_1, "--key", key_file]
    refused(run(*words, "--json"), "wrong-kind")
    assert run(*words, "--kind", "overdraft").code == 0


def test_prices_of_the_sender_are_taken_only_when_asked_for(
    run: Run, bundle: Path, key_file: Path, round_1: PriceRound
) -> None:
    """A sender who chose the prices can make any account healthy."""
    words = ["verify", bundle, "--key", key_file]
    without = run(*words, "--json")
    assert (without.code, without.error["kind"]) == (3, "input")
    assert round_1.digest() in without.error["message"]
    taken = run(*words, "--sender-prices")
    assert taken.code == 0
    assert "the prices are the sender's" in taken.stderr
    assert run(*words, "--sender-prices", "--round", ROUND_1, "--json").error["kind"] == "input"
    refused(run(*words, "--round", ROUND_2, "--json"), "wrong-round")
    edit(bundle, lambda c: c["round"]["file"]["prices"].update({"BTC-PERP": "1"}))
    refused(run(*words, "--sender-prices", "--json"), "wrong-round")


def test_the_time_of_the_senders_prices_proves_no_age(run: Run, bundle: Path, key_file: Path) -> None:
    result = run("verify", bundle, "--key", key_file, "--sender-prices", "--max-age", 300, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "is their word" in result.error["message"]


def test_a_round_with_the_same_prices_is_another_round(run: Run, tmp_path: Path, round_1: PriceRound) -> None:
    """A proof of a step binds prices and no round id, but its bundle names a round."""
    made, out, key, own = simulate("update", round_1), tmp_path / "b.json", tmp_path / "key.json", tmp_path / "r.json"
    step = tmp_path / "step.json"
    step.write_text(json.dumps(made.envelope.to_json()))
    key.write_text(key_json(made.key))
    own.write_text(json.dumps(round_1.to_json() | {"id": 2}))
    assert run("proof", "bundle", step, "--round", ROUND_1, "--out", out).code == 0
    words = ["verify", out, "--statement", "update", "--key", key, "--json"]
    assert run(*words, "--round", ROUND_1).code == 0
    refused(run(*words, "--round", own), "wrong-round")


def test_a_bundle_may_name_its_round_by_the_digest_alone(run: Run, proof: Path, key_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    assert run("proof", "bundle", proof, "--round", ROUND_1, "--out", path, "--digest-only").code == 0
    assert "file" not in json.loads(path.read_text())["round"]
    assert run("verify", path, "--key", key_file, "--round", ROUND_1).code == 0
    assert "no prices" in run("verify", path, "--key", key_file, "--sender-prices").stderr


def test_its_key_is_taken_only_under_a_digest_of_the_reader(
    run: Run, proof: Path, key: VerifyingKey, key_file: Path, tmp_path: Path
) -> None:
    """A thief makes a key, knows its trapdoor, and puts both into the bundle."""
    path = tmp_path / "b.json"
    made = run("proof", "bundle", proof, "--round", ROUND_1, "--out", path, "--with-key", key_file)
    assert made.code == 0
    words = ["verify", path, "--round", ROUND_1]
    refused(run(*words, "--key-digest", "0" * 64, "--json"), "wrong-key")
    assert run(*words, "--key-digest", f"0x{key.digest().upper()}").code == 0
    honest = tmp_path / "honest.json"
    honest.write_text(key_json(SimulatedKey.generate(42).verifying_key()))
    refused(run(*words, "--key", honest, "--json"), "wrong-key")
    assert run(*words, "--key", honest, "--key-digest", key.digest(), "--json").error["kind"] == "input"
    edit(path, lambda c: c.pop("verifyingKey"))
    assert "no verifying key" in run(*words, "--key-digest", key.digest()).stderr


def test_no_key_at_all_is_asked_for(run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    result = run("verify", bundle, "--round", ROUND_1, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "--key" in result.error["message"]


@pytest.mark.parametrize(("name", "value"), [("commitment", "7"), ("healthy", "0"), ("recipient", "7")])
def test_a_false_description_is_refused(run: Run, bundle: Path, key_file: Path, name: str, value: str) -> None:
    edit(bundle, lambda c: c["proofs"][0]["shows"].update({name: value}))
    refused(run("verify", bundle, "--round", ROUND_1, "--key", key_file, "--json"), "differs-from-description")


def test_the_reader_demands_more_than_the_description(run: Run, bundle: Path, key_file: Path) -> None:
    words = ["verify", bundle, "--round", ROUND_1, "--key", key_file, "--json"]
    refused(run(*words, "--commitment", 7), "wrong-commitment")
    refused(run(*words, "--liquidatable"), "wrong-side")
    refused(run(*words, "--statement", "update"), "wrong-statement")
    refused(run(*words, "--max-age", 5), "round-too-old")


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format="zksolvency/bundle/2"),
        lambda c: c.update(key="0" * 64),
        lambda c: c.update(note="hello"),
        lambda c: c["proofs"].clear(),
        lambda c: c["proofs"].extend(c["proofs"] * 256),
        lambda c: c["proofs"][0]["shows"].update(ticket="1"),
        lambda c: c["proofs"][0]["shows"].update(commitment=1),
        lambda c: c["proofs"][0].pop("shows"),
        lambda c: c["proofs"].append({"shows": {}, "proof": c["proofs"][0]["proof"] | {"key": "0" * 64}}),
        lambda c: c["round"].update(file=[]),
        lambda c: c["round"].update(digest="abc"),
        lambda c: c["round"].pop("digest"),
    ],
)
def test_a_malformed_bundle_is_bad_input(
    run: Run, bundle: Path, key_file: Path, change: Callable[[Any], object]
) -> None:
    edit(bundle, change)
    result = run("verify", bundle, "--round", ROUND_1, "--key", key_file, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")


def test_a_proof_of_another_round_is_not_bundled(run: Run, proof: Path, tmp_path: Path, round_1: PriceRound) -> None:
    words = ["proof", "bundle", proof, "--out", tmp_path / "b.json", "--json"]
    refused(run(*words, "--round", ROUND_2), "wrong-round")
    assert run(*words).error["kind"] == "input"
    step = tmp_path / "step.json"
    step.write_text(json.dumps(simulate("update", round_1).envelope.to_json()))
    refused(run("proof", "bundle", step, "--round", ROUND_2, "--out", tmp_path / "b.json", "--json"), "wrong-round")
    mixed = run("proof", "bundle", proof, step, "--round", ROUND_1, "--out", tmp_path / "b.json", "--json")
    assert mixed.error["kind"] == "input"
    assert not (tmp_path / "b.json").exists()


def test_steps_of_a_book_are_bundled_and_verified_together(run: Run, tmp_path: Path, round_1: PriceRound) -> None:
    made = [simulate("exit", round_1), simulate("exit", round_1, oldCommitment=5)]
    paths = [tmp_path / name for name in ("a.json", "b.json")]
    for path, one in zip(paths, made, strict=True):
        path.write_text(json.dumps(one.envelope.to_json()))
    key, out = tmp_path / "exit.json", tmp_path / "bundle.json"
    key.write_text(key_json(made[0].key))
    bundled = run("proof", "bundle", *paths, "--out", out, "--json").json
    assert (bundled["round_digest"], bundled["proofs"]) == (None, 2)
    assert bundled["the_reader_runs"] == "zksolvency verify bundle.json --statement exit"
    assert "rho" not in json.loads(out.read_text())["proofs"][0]["shows"]
    words = ["verify", out, "--statement", "exit", "--key", key, "--json"]
    result = run(*words)
    assert (result.code, [one["signals"]["oldCommitment"] for one in result.json["proofs"]]) == (0, ["1000", "5"])
    edit(out, lambda c: c["proofs"][1]["shows"].update(amount="1"))
    bad = run(*words)
    assert (bad.code, bad.json["proofs"][1]["reason"]) == (1, "differs-from-description")
