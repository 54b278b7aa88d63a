"""Bundles are read as they were written, and hold proofs of one kind (spec ZS-37)."""

import json
from dataclasses import replace

import pytest
from envelopes import simulate

from prover import PriceRound
from prover.statements import make_bundle
from verifier import Bundle, InputError, VerificationError


def test_a_bundle_is_read_as_it_was_written(round_1: PriceRound) -> None:
    made = [simulate("update", round_1), simulate("update", round_1, oldCommitment=5)]
    bundle = make_bundle([one.envelope for one in made], round_1, made[0].key)
    assert Bundle.from_json(json.loads(json.dumps(bundle.to_json()))) == bundle
    assert (bundle.statement, bundle.n, bundle.round_digest) == ("update", 13, round_1.digest())
    assert [shown["oldCommitment"] for shown in bundle.expectations] == [1000, 5]


def test_its_key_is_the_one_that_its_proofs_name(round_1: PriceRound) -> None:
    made = simulate("exit", round_1)
    with pytest.raises(InputError, match="not the one that its proofs name"):
        make_bundle([made.envelope], None, replace(made.key, origin="ceremony"))


def test_what_the_sender_says_is_compared(round_1: PriceRound) -> None:
    bundle = make_bundle([simulate("exit", round_1).envelope], None)
    bundle.require_described(0, bundle.proofs[0].values())
    with pytest.raises(VerificationError) as caught:
        bundle.require_described(0, bundle.proofs[0].values() | {"amount": 7})
    assert caught.value.reason == "differs-from-description"
