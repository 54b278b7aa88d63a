"""Proof files: what the verifier holds decides, and each refusal has its own reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from simulated import SimulatedKey, rerandomised

from verifier import (
    SCALAR_MODULUS,
    STATEMENTS,
    Expectation,
    InputError,
    MarginClaim,
    MarginsPerUnit,
    ProofEnvelope,
    RiskInputs,
    RoundInputs,
    RoundVectors,
    VectorKind,
    VerificationError,
    VerifyingKey,
    verify_envelope,
)

BOOK, ROUND = "b" * 64, "a" * 64
MAINTENANCE = MarginsPerUnit((10, 1, 0), (5, 0, 0))
VECTORS = RoundVectors(
    (100, -7, 0), MAINTENANCE, MarginsPerUnit((20, 2, 0), (10, 0, 0)), MarginsPerUnit.of_both_sides((90, 0, 0))
)
INPUTS = RoundInputs(BOOK, ROUND, VECTORS)
CLAIM = MarginClaim(commitment=12345, healthy=True, recipient=0xABC)


def priced(**vectors: tuple[int, ...] | MarginsPerUnit) -> RoundInputs:
    """The round with other vectors, under the digest of the honest one."""
    return replace(INPUTS, vectors=replace(VECTORS, **vectors))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def simulated() -> SimulatedKey:
    return SimulatedKey.generate(3 + 3 * VECTORS.n)


@pytest.fixture(scope="module")
def key(simulated: SimulatedKey) -> VerifyingKey:
    return simulated.verifying_key("margin", INPUTS.vectors.n)


@pytest.fixture(scope="module")
def envelope(simulated: SimulatedKey, key: VerifyingKey) -> ProofEnvelope:
    return seal(simulated, key, CLAIM, INPUTS)


def seal(simulated: SimulatedKey, key: VerifyingKey, claim: MarginClaim, inputs: RoundInputs) -> ProofEnvelope:
    signals = claim.signals(inputs.vectors)
    return ProofEnvelope(
        "margin", inputs.vectors.n, inputs.book, inputs.round, key.digest(), simulated.prove(signals), signals
    )


def refusal(envelope: ProofEnvelope, key: VerifyingKey, expected: Expectation) -> str:
    with pytest.raises(VerificationError) as caught:
        verify_envelope(envelope, key, expected)
    return caught.value.reason


def test_accepts_and_says_what_was_proven(envelope: ProofEnvelope, key: VerifyingKey) -> None:
    assert verify_envelope(envelope, key, Expectation(INPUTS)) == CLAIM
    full = Expectation(INPUTS, commitment=CLAIM.commitment, recipient=CLAIM.recipient)
    assert verify_envelope(envelope, key, full) == CLAIM


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (Expectation(INPUTS, statement="margin-lean"), "wrong-statement"),
        (Expectation(replace(INPUTS, book="c" * 64)), "wrong-book"),
        (Expectation(replace(INPUTS, round="c" * 64)), "wrong-round"),
        (Expectation(INPUTS, healthy=False), "wrong-side"),
        (Expectation(INPUTS, commitment=1), "wrong-commitment"),
        (Expectation(INPUTS, commitment=0), "wrong-commitment"),
        (Expectation(INPUTS, recipient=0), "wrong-recipient"),
        (Expectation(priced(effective_prices=(101, -7, 0))), "signals-differ-from-round"),
        (Expectation(priced(maintenance=replace(MAINTENANCE, long=(10, 1, 1)))), "signals-differ-from-round"),
        (Expectation(priced(maintenance=replace(MAINTENANCE, short_extra=(5, 0, 1)))), "signals-differ-from-round"),
    ],
)
def test_refuses_what_the_verifier_did_not_expect(
    envelope: ProofEnvelope, key: VerifyingKey, expected: Expectation, reason: str
) -> None:
    assert refusal(envelope, key, expected) == reason


def test_refuses_a_liquidation_proof_as_solvency(simulated: SimulatedKey, key: VerifyingKey) -> None:
    """Spec ZS-34."""
    below = seal(simulated, key, replace(CLAIM, healthy=False), INPUTS)
    assert refusal(below, key, Expectation(INPUTS)) == "wrong-side"
    verify_envelope(below, key, Expectation(INPUTS, healthy=False))


def test_refuses_lean_unless_asked_for(envelope: ProofEnvelope, key: VerifyingKey) -> None:
    """Spec ZS-22."""
    lean_key = replace(key, statement="margin-lean")
    lean = replace(envelope, statement="margin-lean", key=lean_key.digest())
    assert refusal(lean, lean_key, Expectation(INPUTS)) == "wrong-statement"
    verify_envelope(lean, lean_key, Expectation(INPUTS, statement="margin-lean"))


@pytest.mark.parametrize("changes", [{"statement": "margin-lean"}, {"statement": "update"}, {"n": 4}])
def test_refuses_a_key_of_another_statement_or_size(
    envelope: ProofEnvelope, key: VerifyingKey, changes: dict[str, Any]
) -> None:
    """Even when the proof names that very key: its label says what the proof was made for."""
    other = replace(key, **changes)
    renamed = replace(envelope, key=other.digest())
    assert refusal(renamed, other, Expectation(INPUTS)) == "wrong-key"


def test_refuses_another_key(envelope: ProofEnvelope) -> None:
    other = SimulatedKey.generate(12).verifying_key("margin", INPUTS.vectors.n)
    assert refusal(envelope, other, Expectation(INPUTS)) == "wrong-key"
    assert refusal(replace(envelope, key=other.digest()), other, Expectation(INPUTS)) == "proof-does-not-verify"


@pytest.mark.parametrize("index", range(12))
def test_never_trusts_a_signal_of_the_envelope(envelope: ProofEnvelope, key: VerifyingKey, index: int) -> None:
    """Spec ZS-30. Whatever signal is altered, by one or by r, the proof is refused."""
    for value in (envelope.public_signals[index] + 1, envelope.public_signals[index] + SCALAR_MODULUS):
        signals = (*envelope.public_signals[:index], value, *envelope.public_signals[index + 1 :])
        reason = refusal(replace(envelope, public_signals=signals), key, Expectation(INPUTS))
        assert reason in ("malformed-claim", "wrong-side", "signals-differ-from-round", "proof-does-not-verify")


def test_a_digest_that_lies_does_not_help(simulated: SimulatedKey, key: VerifyingKey) -> None:
    """A proof against cheaper prices, wrapped as one of the expected round."""
    cheap = priced(maintenance=MarginsPerUnit.of_both_sides((0, 0, 0)))
    assert refusal(seal(simulated, key, CLAIM, cheap), key, Expectation(INPUTS)) == "signals-differ-from-round"
    lying = replace(seal(simulated, key, CLAIM, cheap), public_signals=CLAIM.signals(VECTORS))
    assert refusal(lying, key, Expectation(INPUTS)) == "proof-does-not-verify"


def test_accepts_a_rerandomised_proof(envelope: ProofEnvelope, key: VerifyingKey) -> None:
    verify_envelope(replace(envelope, proof=rerandomised(envelope.proof)), key, Expectation(INPUTS))


def test_json_round_trip(envelope: ProofEnvelope, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(envelope.to_json()))
    assert ProofEnvelope.load(path) == envelope


def pop_proof(field: str) -> Callable[[dict[str, Any]], object]:
    return lambda f: f["proof"].pop(field)


MALFORMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown format": lambda f: f.update(format="zksolvency/proof/9"),
    "unknown statement": lambda f: f.update(statement="solvency"),
    "statement of a wrong type": lambda f: f.update(statement=["margin"]),
    "n of a wrong type": lambda f: f.update(n="3"),
    "n as bool": lambda f: f.update(n=True),
    "n too large": lambda f: f.update(n=59),
    "one signal missing": lambda f: f["publicSignals"].pop(),
    "signals are numbers": lambda f: f.update(publicSignals=[0] * 9),
    "negative signal": lambda f: f["publicSignals"].__setitem__(0, "-1"),
    "signal in hex": lambda f: f["publicSignals"].__setitem__(0, "0x10"),
    "signal with a leading zero": lambda f: f["publicSignals"].__setitem__(0, "01"),
    "signal of a thousand digits": lambda f: f["publicSignals"].__setitem__(0, "9" * 1000),
    "digest too short": lambda f: f.update(key="ab"),
    "digest in capitals": lambda f: f.update(round="A" * 64),
    "no proof": lambda f: f.pop("proof"),
    "proof is a list": lambda f: f.update(proof=[]),
    "no A": pop_proof("pi_a"),
    "no curve": pop_proof("curve"),
    "another protocol": lambda f: f["proof"].update(protocol="plonk"),
    "another curve": lambda f: f["proof"].update(curve="bls12381"),
    "A of two numbers": lambda f: f["proof"].update(pi_a=["1", "2"]),
    "A at infinity": lambda f: f["proof"].update(pi_a=["0", "1", "0"]),
    "B at infinity": lambda f: f["proof"].update(pi_b=[["0", "0"], ["1", "0"], ["0", "0"]]),
    "B is flat": lambda f: f["proof"].update(pi_b=["1", "2", "1"]),
    "unknown field": lambda f: f.update(note="trust me"),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_refuses_malformed_files(fault: str, envelope: ProofEnvelope) -> None:
    content = json.loads(json.dumps(envelope.to_json()))
    MALFORMED[fault](content)
    with pytest.raises(InputError, match="proof file"):
        ProofEnvelope.from_json(content)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"proof"', "NaN", "\xff", "[" * 100_000, '{"n": 1, "n": 2}', "1" * 10_000],
    ids=["empty", "truncated", "list", "null", "string", "NaN", "latin", "deep", "duplicate", "long number"],
)
def test_refuses_what_is_no_envelope(text: str, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match="proof file"):
        ProofEnvelope.load(path)


def test_refuses_a_huge_file_without_reading_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse
    with pytest.raises(InputError, match="larger than"):
        ProofEnvelope.load(path)


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: None], ids=["folder", "absent"])
def test_refuses_what_cannot_be_read(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    make(path)
    with pytest.raises(InputError, match="proof file"):
        ProofEnvelope.load(path)


def test_truncating_a_file_anywhere_is_an_error(envelope: ProofEnvelope, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    text = json.dumps(envelope.to_json())
    for end in range(0, len(text), 97):
        path.write_text(text[:end])
        with pytest.raises(InputError, match="proof file"):
            ProofEnvelope.load(path)


@pytest.mark.parametrize("e", [(1 << 64, 0), (-(1 << 64), 0), (0,), (0, 0, 0)])
def test_round_vectors_out_of_range_are_refused(e: tuple[int, ...]) -> None:
    """Beyond 64 bits the sum of a health could wrap the field."""
    none = MarginsPerUnit((0, 0), (0, 0))
    assert RoundVectors(((1 << 64) - 1, 1 - (1 << 64)), none, none, none).n == 2
    with pytest.raises(InputError, match="round vectors"):
        RoundVectors(e, none, none, none)


def test_every_kind_of_margin_has_a_value_for_each_slot() -> None:
    two, three = MarginsPerUnit((0, 0), (0, 0)), MarginsPerUnit((0,) * 3, (0,) * 3)
    for kinds in ((three, two, two), (two, three, two), (two, two, three)):
        with pytest.raises(InputError, match="round vectors"):
            RoundVectors((0, 0), *kinds)


@pytest.mark.parametrize(
    ("long", "extra"), [((1 << 64,), (0,)), ((0,), (1 << 64,)), ((1,), ((1 << 64) - 1,)), ((-1,), (0,)), ((1,), (-1,))]
)
def test_margins_out_of_range_are_refused(long: tuple[int, ...], extra: tuple[int, ...]) -> None:
    """Also those of which only the sum is: a short unit needs d + x."""
    with pytest.raises(InputError, match="margins per unit"):
        MarginsPerUnit(long, extra)


def test_margins_at_their_limits_are_accepted() -> None:
    top = (1 << 64) - 1
    for long, extra in ((top, 0), (0, top), (top - 1, 1), (0, 0)):
        assert MarginsPerUnit((long,), (extra,)).short == (long + extra,)
    with pytest.raises(InputError, match="as many values"):
        MarginsPerUnit((1,), ())


@pytest.mark.parametrize("kind", ["initial", "overdraft"])
def test_other_kinds_of_margin_are_no_signals_of_a_margin_proof(
    envelope: ProofEnvelope, key: VerifyingKey, kind: str
) -> None:
    other = MarginsPerUnit((30, 3, 0), (1, 1, 1))
    assert verify_envelope(envelope, key, Expectation(priced(**{kind: other}))) == CLAIM


def test_a_margin_statement_can_be_about_any_kind() -> None:
    for kind in VectorKind:
        margins = VECTORS.margins(kind)
        values = CLAIM.values() | VECTORS.margin_values(kind)
        arranged = STATEMENTS["margin"].arrange_round(values, VECTORS.n)
        assert arranged == (*VECTORS.field_prices(), *margins.long, *margins.short_extra)


class TestKinds:
    """A proof about one kind of margin is never one about the other (spec ZS-77)."""

    OVERDRAFT = VectorKind.OVERDRAFT

    def overdraft(self, simulated: SimulatedKey, key: VerifyingKey) -> ProofEnvelope:
        signals = CLAIM.signals(VECTORS, self.OVERDRAFT)
        return ProofEnvelope(
            "margin", VECTORS.n, BOOK, ROUND, key.digest(), simulated.prove(signals), signals, self.OVERDRAFT
        )

    def test_each_kind_verifies_where_it_is_asked_for(self, simulated: SimulatedKey, key: VerifyingKey) -> None:
        made = self.overdraft(simulated, key)
        assert verify_envelope(made, key, Expectation(INPUTS, kind=self.OVERDRAFT)) == CLAIM
        assert refusal(made, key, Expectation(INPUTS)) == "wrong-kind"

    def test_a_maintenance_proof_is_none_about_the_overdraft(self, envelope: ProofEnvelope, key: VerifyingKey) -> None:
        asked = Expectation(INPUTS, kind=self.OVERDRAFT)
        assert refusal(envelope, key, asked) == "wrong-kind"
        renamed = replace(envelope, kind=self.OVERDRAFT)
        assert refusal(renamed, key, asked) == "signals-differ-from-round"
        told = replace(renamed, public_signals=CLAIM.signals(VECTORS, self.OVERDRAFT))
        assert refusal(told, key, asked) == "proof-does-not-verify"

    def test_a_thief_who_renames_the_kind_gains_nothing(self, simulated: SimulatedKey, key: VerifyingKey) -> None:
        """An account below maintenance margin without a debt is healthy at the overdraft kind."""
        renamed = replace(self.overdraft(simulated, key), kind=VectorKind.MAINTENANCE)
        assert refusal(renamed, key, Expectation(INPUTS)) == "signals-differ-from-round"
        told = replace(renamed, public_signals=CLAIM.signals(VECTORS))
        assert refusal(told, key, Expectation(INPUTS)) == "proof-does-not-verify"

    def test_the_file_names_the_kind(self, simulated: SimulatedKey, key: VerifyingKey, envelope: ProofEnvelope) -> None:
        made = self.overdraft(simulated, key)
        content = json.loads(json.dumps(made.to_json()))
        assert content["kind"] == "overdraft"
        assert ProofEnvelope.from_json(content) == made
        assert "kind" not in envelope.to_json()  # as in files of before
        assert ProofEnvelope.from_json(envelope.to_json() | {"kind": "maintenance"}) == envelope

    @pytest.mark.parametrize("kind", ["initial", "", None, 1, ["overdraft"]])
    def test_no_proof_is_about_another_kind(self, envelope: ProofEnvelope, kind: object) -> None:
        with pytest.raises(InputError, match="kind: expected one of maintenance, overdraft"):
            ProofEnvelope.from_json(envelope.to_json() | {"kind": kind})
        with pytest.raises(InputError, match="initial margin"):
            Expectation(INPUTS, kind=VectorKind.INITIAL)


@pytest.mark.parametrize("bitmap", [-1, 8])
def test_a_bit_of_no_slot_is_refused(bitmap: int) -> None:
    inputs = RiskInputs(VECTORS, 7, (0, 10**6), 7)
    assert (inputs.long_only, inputs.reduce_only) == (7, 7)
    with pytest.raises(InputError, match="long-only"):
        replace(inputs, long_only=bitmap)
    with pytest.raises(InputError, match="reduce-only"):
        replace(inputs, reduce_only=bitmap)


@pytest.mark.parametrize("lambdas", [(-1, 0), (0, -1), (10**6 + 1, 0), (0, 10**6 + 1)])
def test_a_lambda_is_a_part(lambdas: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="lambda"):
        RiskInputs(VECTORS, 7, lambdas)


@pytest.mark.parametrize(("commitment", "recipient"), [(SCALAR_MODULUS, 0), (-1, 0), (0, 1 << 160), (0, -1)])
def test_claims_out_of_range_are_refused(commitment: int, recipient: int) -> None:
    with pytest.raises(InputError):
        MarginClaim(commitment, True, recipient)
