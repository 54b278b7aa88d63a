"""`verify`: each refusal by its reason, on a key whose trapdoor is known, so that no circuit is needed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli.harness import EXAMPLES, ROUND_1, ROUND_2, Outcome, Run, key_json
from simulated import SimulatedKey, off_subgroup_g2, rerandomised

from prover import PriceRound
from prover.cli._output import as_hex
from verifier import (
    BASE_MODULUS,
    SCALAR_MODULUS,
    G1Point,
    MarginClaim,
    Proof,
    ProofEnvelope,
    VectorKind,
    VerifyingKey,
)

CLAIM = MarginClaim(commitment=1234567890123456789, healthy=True, recipient=0xABC)
COMMITMENT = as_hex(CLAIM.commitment)
RECIPIENT = f"0x{CLAIM.recipient:040x}"


@pytest.fixture(scope="module")
def simulated() -> SimulatedKey:
    return SimulatedKey.generate(42)


@pytest.fixture(scope="module")
def key(simulated: SimulatedKey) -> VerifyingKey:
    return simulated.verifying_key()


@pytest.fixture(scope="module")
def envelope(simulated: SimulatedKey, key: VerifyingKey, round_1: PriceRound) -> ProofEnvelope:
    inputs = round_1.inputs()
    signals = CLAIM.signals(inputs.vectors)
    return ProofEnvelope("margin", 13, inputs.book, inputs.round, key.digest(), simulated.prove(signals), signals)


@pytest.fixture
def key_file(key: VerifyingKey, tmp_path: Path) -> Path:
    path = tmp_path / "verification_key.json"
    path.write_text(key_json(key))
    return path


@pytest.fixture
def verify(run: Run, key_file: Path, tmp_path: Path) -> Callable[..., Outcome]:
    """Verify an envelope, or any text as a proof file, at round 1."""

    def verify(proof: ProofEnvelope | str | bytes, *options: object, round_: Path = ROUND_1) -> Outcome:
        path = tmp_path / "proof.json"
        if isinstance(proof, bytes):
            path.write_bytes(proof)
        else:
            path.write_text(proof if isinstance(proof, str) else json.dumps(proof.to_json()))
        return run("verify", path, "--round", round_, "--key", key_file, *options)

    return verify


Verify = Callable[..., Outcome]


def test_an_accepted_proof_is_told_in_full(verify: Verify, envelope: ProofEnvelope, round_1: PriceRound) -> None:
    result = verify(envelope, "--commitment", COMMITMENT, "--json")
    assert result.code == 0
    assert result.json == {
        "verified": True,
        "statement": "margin",
        "n": 13,
        "kind": "maintenance",
        "healthy": True,
        "commitment": COMMITMENT,
        "recipient": RECIPIENT,
        "round": {"id": 1, "timestamp": round_1.timestamp, "digest": round_1.digest()},
        "book": {"name": "perps-13", "digest": round_1.book.digest()},
        "key": {"origin": "development", "digest": envelope.key},
        "checked_by": "py_ecc",
    }


def test_people_are_told_what_the_verdict_leaves_open(verify: Verify, envelope: ProofEnvelope) -> None:
    result = verify(envelope)
    assert result.code == 0
    assert "verified" in result.stdout
    assert COMMITMENT in result.stdout
    assert "development key" in result.stderr
    assert "no --commitment was given" in result.stderr
    assert "no --commitment" not in verify(envelope, "--commitment", str(CLAIM.commitment)).stderr


def test_the_kind_of_margin_is_demanded(
    verify: Verify, envelope: ProofEnvelope, simulated: SimulatedKey, round_1: PriceRound
) -> None:
    """Spec ZS-77: maintenance unless another is asked for."""
    assert verify(envelope, "--kind", "maintenance").code == 0
    refused = verify(envelope, "--kind", "overdraft", "--json")
    assert (refused.code, refused.error["reason"]) == (1, "wrong-kind")
    signals = CLAIM.signals(round_1.vectors, VectorKind.OVERDRAFT)
    other = replace(envelope, kind=VectorKind.OVERDRAFT, public_signals=signals, proof=simulated.prove(signals))
    assert verify(other, "--json").error["reason"] == "wrong-kind"
    accepted = verify(other, "--kind", "overdraft", "--json")
    assert (accepted.code, accepted.json["kind"]) == (0, "overdraft")
    assert "at or above overdraft margin" in verify(other, "--kind", "overdraft").stdout
    assert verify(other, "--kind", "initial", "--json").error["kind"] == "input"


def test_a_ceremony_key_gets_no_warning(
    verify: Verify, envelope: ProofEnvelope, key: VerifyingKey, key_file: Path
) -> None:
    ceremony = replace(key, origin="ceremony")
    key_file.write_text(key_json(ceremony))
    result = verify(replace(envelope, key=ceremony.digest()), "--commitment", COMMITMENT)
    assert (result.code, result.stderr) == (0, "")


def test_a_rerandomised_proof_is_the_same_statement(verify: Verify, envelope: ProofEnvelope) -> None:
    assert verify(replace(envelope, proof=rerandomised(envelope.proof))).code == 0


def refused(result: Outcome, reason: str) -> None:
    assert (result.code, result.error["kind"], result.error["reason"]) == (1, "refused", reason)
    assert result.error["message"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--commitment", "7"], "wrong-commitment"),
        (["--liquidatable"], "wrong-side"),
        (["--recipient", "0x" + "0" * 40], "wrong-recipient"),
        (["--statement", "margin-lean"], "wrong-statement"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_proof_of_something_else_is_refused(
    verify: Verify, envelope: ProofEnvelope, options: list[str], reason: str
) -> None:
    refused(verify(envelope, *options, "--json"), reason)
    for_people = verify(envelope, *options)
    assert (for_people.code, for_people.stdout) == (1, "")
    assert f"refused ({reason})" in for_people.stderr


def test_a_proof_of_another_round_is_refused(verify: Verify, envelope: ProofEnvelope) -> None:
    refused(verify(envelope, "--json", round_=ROUND_2), "wrong-round")


def test_a_proof_for_a_book_with_other_fractions_is_refused(
    verify: Verify, envelope: ProofEnvelope, tmp_path: Path
) -> None:
    book = tmp_path / "perps-13.json"
    book.write_text((EXAMPLES.parent / "books" / "perps-13.json").read_text().replace("25000}", "25001}"))
    refused(verify(envelope, "--book", book, "--json"), "wrong-book")


def test_margin_lean_is_refused_unless_asked_for_and_then_cautioned(
    verify: Verify, envelope: ProofEnvelope, key: VerifyingKey, key_file: Path
) -> None:
    lean_key = replace(key, statement="margin-lean")
    key_file.write_text(key_json(lean_key))
    lean = replace(envelope, statement="margin-lean", key=lean_key.digest())
    refused(verify(lean, "--json"), "wrong-statement")
    asked = verify(lean, "--statement", "margin-lean")
    assert asked.code == 0
    assert "never validated" in asked.stderr


def test_a_proof_of_another_key_is_refused(verify: Verify, envelope: ProofEnvelope, key_file: Path) -> None:
    key_file.write_text(key_json(SimulatedKey.generate(42).verifying_key()))
    refused(verify(envelope, "--json"), "wrong-key")


@pytest.mark.parametrize("changes", [{"statement": "margin-lean"}, {"n": 28}])
def test_a_key_of_another_statement_or_size_is_refused(
    verify: Verify, envelope: ProofEnvelope, key: VerifyingKey, key_file: Path, changes: dict[str, Any]
) -> None:
    other = replace(key, **changes)
    key_file.write_text(key_json(other))
    refused(verify(replace(envelope, key=other.digest()), "--json"), "wrong-key")


def test_a_key_as_snarkjs_writes_it_is_refused_with_a_hint(
    verify: Verify, envelope: ProofEnvelope, key: VerifyingKey, key_file: Path
) -> None:
    raw = {name: value for name, value in key.to_json().items() if name not in ("format", "statement", "n", "origin")}
    key_file.write_text(json.dumps(raw))
    error = verify(envelope, "--json").error
    assert error["kind"] == "input"
    assert "zksolvency key import --statement" in error["message"]


def test_a_key_without_a_contribution_is_refused(
    verify: Verify, envelope: ProofEnvelope, key: VerifyingKey, key_file: Path
) -> None:
    key_file.write_text(key_json(key, vk_delta_2=key.gamma.to_json()))
    refused(verify(envelope, "--json"), "key-without-contribution")


@pytest.mark.parametrize("index", [*range(42)])
def test_no_public_signal_of_the_file_is_trusted(verify: Verify, envelope: ProofEnvelope, index: int) -> None:
    signals = list(envelope.public_signals)
    signals[index] = (signals[index] + 1) % SCALAR_MODULUS
    result = verify(replace(envelope, public_signals=tuple(signals)), "--json")
    expected = {0: "proof-does-not-verify", 1: "malformed-claim", 2: "proof-does-not-verify"}
    refused(result, expected.get(index, "signals-differ-from-round"))


def test_a_signal_and_its_alias_are_not_the_same(verify: Verify, envelope: ProofEnvelope) -> None:
    signals = (envelope.public_signals[0] + SCALAR_MODULUS, *envelope.public_signals[1:])
    refused(verify(replace(envelope, public_signals=signals), "--json"), "malformed-claim")


def swapped(proof: Proof) -> Proof:
    return Proof(proof.c, proof.b, proof.a)


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (swapped, "proof-does-not-verify"),
        (lambda p: replace(p, a=G1Point(p.a.x, p.a.y + BASE_MODULUS)), "coordinate-not-in-field"),
        (lambda p: replace(p, c=G1Point(p.c.x, p.c.x)), "point-not-on-curve"),
        (lambda p: replace(p, a=G1Point(0, 0)), "point-not-on-curve"),
        (lambda p: replace(p, b=off_subgroup_g2()), "point-not-in-subgroup"),
    ],
    ids=["A and C swapped", "coordinate + q", "off the curve", "infinity", "outside the subgroup"],
)
def test_a_tampered_proof_is_refused(
    verify: Verify, envelope: ProofEnvelope, tamper: Callable[[Proof], Proof], reason: str
) -> None:
    refused(verify(replace(envelope, proof=tamper(envelope.proof)), "--json"), reason)


def edit(envelope: ProofEnvelope, change: Callable[[Any], object]) -> str:
    content: Any = envelope.to_json()
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("proof"),
        lambda c: c.update(format="zksolvency/proof/2"),
        lambda c: c.update(statement="open"),
        lambda c: c.update(n=14),
        lambda c: c.update(n="13"),
        lambda c: c.update(note="hello"),
        lambda c: c.update(round="abc"),
        lambda c: c["publicSignals"].pop(),
        lambda c: c["publicSignals"].append("0"),
        lambda c: c["publicSignals"].__setitem__(0, 5),
        lambda c: c["publicSignals"].__setitem__(0, "-5"),
        lambda c: c["publicSignals"].__setitem__(0, "05"),
        lambda c: c["proof"].update(curve="bls12381"),
        lambda c: c["proof"]["pi_a"].__setitem__(2, "0"),
        lambda c: c["proof"].update(pi_b=[]),
    ],
)
def test_a_malformed_proof_file_is_bad_input(
    verify: Verify, envelope: ProofEnvelope, change: Callable[[Any], object]
) -> None:
    result = verify(edit(envelope, change), "--json")
    assert (result.code, result.error["kind"]) == (3, "input")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"a": 1, "a": 2}', b"\xff\xfe", b"[" * 100_000, b" " * (5 << 20)]
)
def test_what_is_no_proof_file_is_bad_input(verify: Verify, content: str | bytes) -> None:
    result = verify(content, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")


@pytest.mark.parametrize("cut", [1, 10, 100, 1000])
def test_a_truncated_proof_file_is_bad_input(verify: Verify, envelope: ProofEnvelope, cut: int) -> None:
    assert verify(json.dumps(envelope.to_json())[:-cut], "--json").error["kind"] == "input"


@pytest.mark.parametrize(
    ("value", "complaint"), [("x", "expected a number"), ("-1", "not below"), (str(SCALAR_MODULUS), "not below")]
)
def test_a_commitment_that_cannot_be_is_wrong_usage(
    verify: Verify, envelope: ProofEnvelope, value: str, complaint: str
) -> None:
    result = verify(envelope, f"--commitment={value}", "--json")
    assert (result.code, result.error["kind"]) == (2, "usage")
    assert complaint in result.error["message"]


def test_without_a_key_none_is_built(
    run: Run, envelope: ProofEnvelope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key made now would fit no proof."""
    cache, proof = tmp_path / "cache", tmp_path / "proof.json"
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(cache))
    proof.write_text(json.dumps(envelope.to_json()))
    result = run("verify", proof, "--round", ROUND_1, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "zksolvency setup" in result.error["message"]
    assert not cache.exists()


def test_the_age_of_the_round_is_checked_when_it_is_asked_for(
    verify: Verify, envelope: ProofEnvelope, round_1: PriceRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verify(envelope, "--max-age", 300, "--json").error["reason"] == "round-too-old"
    monkeypatch.setattr("prover.cli.verify.time.time", lambda: round_1.timestamp + 300.9)
    assert verify(envelope, "--max-age", 300).code == 0
    assert verify(envelope, "--max-age", 299, "--json").error["reason"] == "round-too-old"
    monkeypatch.setattr("prover.cli.verify.time.time", lambda: round_1.timestamp - 1)
    assert verify(envelope, "--max-age", 300, "--json").error["reason"] == "round-from-future"
    assert verify(envelope).code == 0
