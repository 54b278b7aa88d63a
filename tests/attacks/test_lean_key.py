"""A key of one statement passes for a key of another."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from attacks.attack_stage import DOLLAR, TheftSucceeded

from prover import Account, PriceRound, State, commit, margin_inputs
from prover.toolchain import AnyBackend, Artifacts
from verifier import Expectation, MarginClaim, Proof, ProofEnvelope, VerifyingKey, verify_envelope

pytestmark = pytest.mark.full


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'One account model, one table of statements': a verifying key says what it is a key of",
)
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

    What they get: the verifier confirms that a valid account meets maintenance margin.

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
    if verify_envelope(envelope, key, Expectation(round_inputs, statement="margin")) == claim:
        raise TheftSucceeded("an account with a health of -1 USD was verified as healthy and valid")
