"""A takeover off chain, with real proofs at one round: the victim's `release` and the `update` of its buyer.

Both are verified by one command each, and as bundles. A guardian proves the release and knows no spending key.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.harness import ROUND_1, ROUND_2, Outcome, Run, key_json
from steps import DOLLAR, GUARDIAN_SECRET, HERE, ONE, owner_keys, owner_point, state

from prover import (
    PriceRound,
    Rates,
    SealedRelease,
    Side,
    State,
    Update,
    ViewingKeys,
    plan_release,
    release_inputs,
    update_inputs,
)
from prover.toolchain import AnyBackend, Artifacts, build, has_core
from verifier import (
    MARGIN_KINDS,
    BookExpectation,
    BookProofEnvelope,
    InputError,
    Proof,
    VectorKind,
    VerificationError,
    verify_book_envelope,
)

pytestmark = pytest.mark.full

CHECKER = ["--with", "native" if has_core() else "py_ecc"]
N = 13
TAKER = owner_keys(42)
HELD = {
    VectorKind.MAINTENANCE: state(N, -811_600 * DOLLAR, b0=ONE // 2, b3=10 * ONE, b4=-50 * ONE),
    VectorKind.OVERDRAFT: state(N, -305_800 * DOLLAR, b0=2 * ONE, b1=30 * ONE, b3=2 * ONE),
}
"""Below the margin of their kind at the example round: 2 and 20 short of perpetuals, and a debt beside spot."""

RATES = {VectorKind.MAINTENANCE: Rates(1_000, 500), VectorKind.OVERDRAFT: Rates(50, 25)}


@dataclass(frozen=True)
class Takeover:
    """Both sides of one takeover, proven."""

    kind: VectorKind
    victim: SealedRelease
    buyer: Update
    released: BookProofEnvelope
    bought: BookProofEnvelope


@pytest.fixture(scope="module")
def artifacts() -> dict[str, Artifacts]:
    built = build(["release-13", "update-13"])
    return {name.removesuffix("-13"): one for name, one in built.items()}


@pytest.fixture(scope="module", params=MARGIN_KINDS)
def takeover(
    request: pytest.FixtureRequest, artifacts: dict[str, Artifacts], round_1: PriceRound, backend: AnyBackend
) -> Takeover:
    kind: VectorKind = request.param
    inputs, risk = round_1.release(kind), round_1.risk()
    owner = ViewingKeys.of_owner(owner_keys())
    posted = owner.seal(HELD[kind])
    guardian = ViewingKeys.of_guardian(GUARDIAN_SECRET, owner_point(), owner.owner_tag, HERE)
    before = guardian.unseal(posted.commitment, posted.rho, posted.ciphertext, N)
    release = plan_release(before.state, inputs, RATES[kind], impact=(1,) * N)
    assert release is not None
    victim = SealedRelease.make(guardian, before, release, taker=TAKER.identity)
    proof, _ = backend.prove(artifacts["release"], release_inputs(guardian, victim))
    values = victim.claimed().values() | inputs.values()
    released = BookProofEnvelope.create(artifacts["release"].key, values, Proof.from_json(dict(proof)))

    viewing = ViewingKeys.of_owner(TAKER)
    funded = viewing.seal(state(N, 10**6 * DOLLAR))
    buyer = Update.make(viewing, funded, ticket=victim.ticket, side=Side.BUY)
    proof, _ = backend.prove(artifacts["update"], update_inputs(TAKER, buyer, risk))
    values = buyer.claimed().values(buyer.terms()) | risk.values()
    bought = BookProofEnvelope.create(artifacts["update"].key, values, Proof.from_json(dict(proof)))
    return Takeover(kind, victim, buyer, released, bought)


@pytest.fixture
def files(takeover: Takeover, artifacts: dict[str, Artifacts], tmp_path: Path) -> Callable[[str], list[object]]:
    """A proof file by the statement, and the options that verify it."""

    def files(statement: str) -> list[object]:
        envelope = takeover.released if statement == "release" else takeover.bought
        proof, key = tmp_path / f"{statement}.json", tmp_path / f"{statement}-key.json"
        proof.write_text(json.dumps(envelope.to_json()))
        key.write_text(key_json(artifacts[statement].key))
        kind = ["--kind", takeover.kind] if statement == "release" else []
        return [proof, "--statement", statement, "--key", key, *CHECKER, *kind]

    return files


def refused(result: Outcome, reason: str) -> None:
    assert (result.code, result.error["reason"]) == (1, reason)


def test_the_taker_buys_the_ticket_that_the_victim_gives(takeover: Takeover) -> None:
    """Nothing is lost between them: amounts, and money to the last unit."""
    given, taken = takeover.released.values(), takeover.bought.values()
    assert given["ticket"] == taken["ticket"] == takeover.victim.ticket.id
    assert (taken["side"], given["taker"]) == (1, TAKER.identity)
    assert given["cured"] == 1
    before = [takeover.victim.before.state, takeover.buyer.before.state]
    after = [takeover.victim.after.state, takeover.buyer.after.state]
    assert total(before) == total(after)
    assert takeover.victim.after.state != takeover.victim.before.state


def total(states: list[State]) -> State:
    return State(tuple(map(sum, zip(*(one.balances for one in states), strict=True))), sum(one.quote for one in states))


def test_both_proofs_verify_off_chain(
    takeover: Takeover, artifacts: dict[str, Artifacts], round_1: PriceRound, round_2: PriceRound
) -> None:
    ticket = {"ticket": takeover.victim.ticket.id}
    inputs, key = round_1.release(takeover.kind).values(), artifacts["release"].key
    verify_book_envelope(takeover.released, key, BookExpectation("release", ticket | inputs))
    demanded = ticket | round_1.risk().values() | {"side": 1, "transferAmount": 0}
    verify_book_envelope(takeover.bought, artifacts["update"].key, BookExpectation("update", demanded))
    other = next(kind for kind in MARGIN_KINDS if kind is not takeover.kind)
    for wrong in (round_2.release(takeover.kind), round_1.release(other)):
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(takeover.released, key, BookExpectation("release", wrong.values()))
        assert caught.value.reason == "wrong-round"
    with pytest.raises(InputError, match="the verifier must supply"):
        BookExpectation("release", ticket)


def test_one_command_verifies_each(run: Run, takeover: Takeover, files: Callable[[str], list[object]]) -> None:
    ticket = ["--expect", f"ticket={takeover.victim.ticket.id}"]
    for statement in ("release", "update"):
        result = run("verify", *files(statement), "--round", ROUND_1, *ticket, "--json")
        assert (result.code, result.json["verified"]) == (0, True), result.stderr
        assert result.json["signals"]["ticket"] == str(takeover.victim.ticket.id)
    refused(run("verify", *files("release"), "--round", ROUND_2, "--json"), "wrong-round")
    proof, *options = files("release")
    without_kind = options[:-2]
    if takeover.kind is VectorKind.OVERDRAFT:
        refused(run("verify", proof, *without_kind, "--round", ROUND_1, "--json"), "wrong-round")
    else:
        assert run("verify", proof, *without_kind, "--round", ROUND_1).code == 0
    limits = run("verify", proof, *options, "--round", ROUND_1, "--expect", "floorRate=1", "--json")
    refused(limits, "wrong-round")


def test_a_bundle_of_the_release_is_verified_by_the_command_that_it_names(
    run: Run, takeover: Takeover, files: Callable[[str], list[object]], tmp_path: Path
) -> None:
    proof, *_ = files("release")
    bundle = tmp_path / "bundle.json"
    made = run("proof", "bundle", proof, "--round", ROUND_1, "--out", bundle, "--json")
    assert made.code == 0
    words = made.json["the_reader_runs"].split()[1:]
    kind = ["--kind", "overdraft"] if takeover.kind is VectorKind.OVERDRAFT else []
    assert words == ["verify", "bundle.json", "--round", "FILE", "--statement", "release", *kind]
    named = [{"bundle.json": bundle, "FILE": ROUND_1}.get(word, word) for word in words]
    key = tmp_path / "release-key.json"
    assert run(*named, "--key", key, *CHECKER, "--json").json["verified"] is True
