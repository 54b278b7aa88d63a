"""A key of one statement in place of a key of another (spec ZS-36)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from attacks.attack_stage import DOLLAR
from cli.harness import invoke

from prover import Account, PriceRound, State, commit, margin_inputs
from prover.onchain import owner_artifacts
from prover.toolchain import AnyBackend, Artifacts, load_keys
from verifier import (
    Expectation,
    InputError,
    MarginClaim,
    Proof,
    ProofEnvelope,
    VerificationError,
    VerifyingKey,
    verify_envelope,
)

pytestmark = pytest.mark.full


def test_a_lean_key_in_place_of_a_margin_key_proves_what_is_false(
    account: Account, round_2: PriceRound, artifacts: Mapping[str, Artifacts], backend: AnyBackend
) -> None:
    """A trader who is below maintenance margin by a dollar proves that it is not.

    Who holds what: the trader has the example portfolio, with less money, so that its health at round 2 is -1 USD. It
    is short of several assets. A verifier demands a proof of `margin`, and was given the verifying key of
    `margin-lean` for that statement's key.

    What they do: `margin-lean` trusts the bitmap of short positions in the commitment. The trader commits to the same
    balances with a bitmap of 0, so shorts lower the margin instead of raising it. It proves `margin-lean`, and writes
    `margin` on the proof.

    What they want: the verifier confirms that a valid account meets maintenance margin.

    What must stop them: a verifying key names its statement in its file and in its digest, and the verifier compares
    it with the one that it demands.
    """
    balances, quote = account.state
    poor = replace(account, state=State(balances, quote - account.health(round_2).health - DOLLAR))
    assert poor.health(round_2).health == -DOLLAR
    assert poor.state.shorts != 0
    lean = artifacts["margin-lean-13"]
    claim = MarginClaim(commit(poor.state, 0, poor.opened.blind), healthy=True, recipient=0)
    assert claim.commitment != poor.commitment()

    proof, signals = backend.prove(lean, {**margin_inputs(poor.opened, round_2.vectors, claim), "shorts": "0"})
    key, round_inputs = VerifyingKey.load(lean.verification_key), round_2.inputs()
    envelope = ProofEnvelope(
        statement="margin",
        n=round_inputs.vectors.n,
        book=round_inputs.book,
        round=round_inputs.round,
        key=key.digest(),
        proof=Proof.from_json(dict(proof)),
        public_signals=tuple(map(int, signals)),
    )
    with pytest.raises(VerificationError) as refusal:
        verify_envelope(envelope, key, Expectation(round_inputs, statement="margin"))
    assert refusal.value.reason == "wrong-key"


def test_a_lean_key_is_never_loaded_as_another_key(artifacts: Mapping[str, Artifacts], tmp_path: Path) -> None:
    """A party that sets a market up is handed the keys of `margin-lean` in a folder named margin-13.

    Who holds what: the attacker has the folder. It may be one with a key file as snarkjs writes it.

    What they do: they have the other party prove, deploy and export with `--keys` and `--key`.

    What they want: a contract that says that it verifies `margin` and takes proofs of `margin-lean`.

    What must stop them: everything that loads a key compares what it is a key of.
    """
    lean = artifacts["margin-lean-13"]
    folder, opening = tmp_path / "margin-13", tmp_path / "open-13"
    key_files = []
    for place in (folder, opening):
        place.mkdir()
        (place / "circuit.zkey").symlink_to(lean.zkey)
        key_files.append(place / "verification_key.json")
        key_files[-1].write_bytes(lean.verification_key.read_bytes())
    commands = (
        ("contract", "export", "--out", tmp_path / "out", "--statement", "margin", "--key", key_files[0], "--json"),
        ("chain", "deploy", "--keys", folder, "--json"),
    )
    for load in (lambda: load_keys("margin-13", folder), lambda: owner_artifacts(13, tmp_path)):
        with pytest.raises(VerificationError) as refusal:
            load()
        assert refusal.value.reason == "wrong-key"
    for command in commands:
        assert invoke(*command).error["reason"] == "wrong-key"

    ours = ("format", "statement", "n", "origin")
    raw = {name: value for name, value in lean.key.to_json().items() if name not in ours}
    for key_file in key_files:
        key_file.write_text(json.dumps(raw))
    for load in (lambda: load_keys("margin-13", folder), lambda: owner_artifacts(13, tmp_path)):
        with pytest.raises(InputError, match="zksolvency key import"):
            load()
    for command in commands:
        assert "zksolvency key import" in invoke(*command).error["message"]
