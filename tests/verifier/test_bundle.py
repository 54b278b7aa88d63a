"""Bundles are read as they were written, and hold proofs of one kind (spec ZS-37)."""

import json
from dataclasses import replace

import pytest
from envelopes import simulate

from prover import PriceRound
from prover.statements import make_bundle, release_kind
from verifier import MARGIN_KINDS, Bundle, InputError, VerificationError


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


def test_its_proofs_are_about_one_kind_of_margin(round_1: PriceRound) -> None:
    """One command verifies all of them, at one kind."""
    proofs = [simulate("release", round_1, **round_1.release(kind).values()).envelope for kind in MARGIN_KINDS]
    for proof, kind in zip(proofs, MARGIN_KINDS, strict=True):
        assert release_kind(proof, round_1) is kind
        assert make_bundle([proof, proof], round_1).statement == "release"
    with pytest.raises(InputError, match="kinds of margin"):
        make_bundle(proofs, round_1)


def test_a_release_at_other_prices_is_not_bundled(round_1: PriceRound, round_2: PriceRound) -> None:
    proof = simulate("release", round_1).envelope
    assert release_kind(proof, round_2) is None
    with pytest.raises(VerificationError) as caught:
        make_bundle([proof], round_2)
    assert caught.value.reason == "wrong-round"


def test_what_the_sender_says_is_compared(round_1: PriceRound) -> None:
    bundle = make_bundle([simulate("exit", round_1).envelope], None)
    bundle.require_described(0, bundle.proofs[0].values())
    with pytest.raises(VerificationError) as caught:
        bundle.require_described(0, bundle.proofs[0].values() | {"amount": 7})
    assert caught.value.reason == "differs-from-description"
