"""Real proofs of every statement: accepted as what they are, refused as anything else."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from simulated import rerandomised

from prover import Account, AssetList, Domain, OwnerKeys, PriceRound, State, prove_margin
from prover.toolchain import AnyBackend, Artifacts, SnarkjsBackend
from prover.toolchain._circuits import find_instance
from verifier import (
    SCALAR_MODULUS,
    Expectation,
    InputError,
    ProofEnvelope,
    ProvingError,
    VectorKind,
    VerificationError,
    VerifyingKey,
    verify,
    verify_envelope,
)

pytestmark = pytest.mark.full

ROOT = Path(__file__).parent.parent
INSTANCES = (
    "margin-13",
    "margin-lean-13",
    pytest.param("margin-28", marks=pytest.mark.deep),
    pytest.param("margin-lean-28", marks=pytest.mark.deep),
)


class Proven:
    """An instance with a state that it was proven for."""

    def __init__(self, name: str, artifacts: Artifacts, account: Account, round_: PriceRound, backend: AnyBackend):
        self.name = name
        self.account, self.round = account, round_
        self.statement = artifacts.instance.statement
        self.key = VerifyingKey.load(artifacts.verification_key)
        self.envelope = prove_margin(account, round_, artifacts, backend, recipient=0xABC)

    def expected(self, **changes: object) -> Expectation:
        return replace(Expectation(self.round.inputs(), statement=self.statement), **changes)

    def refusal(self, envelope: ProofEnvelope, expected: Expectation) -> str:
        with pytest.raises(VerificationError) as caught:
            verify_envelope(envelope, self.key, expected)
        return caught.value.reason


def wide_state() -> tuple[Account, PriceRound]:
    """A healthy account over all 28 assets."""
    book = AssetList.load(ROOT / "books" / "multi-28.json")
    prices = tuple((i + 1) * 10**9 for i in range(28))
    balances = tuple((-1 if a.may_be_short and i % 2 else 1) * (i + 1) * 10**8 for i, a in enumerate(book.assets))
    account = Account(book, State(balances, 10**22), OwnerKeys.generate(Domain(31337, 0)), salt=1)
    return account, PriceRound(book, 1, 0, prices, tuple(p // 10 for p in prices))


@pytest.fixture(scope="module", params=INSTANCES)
def proven(
    request: pytest.FixtureRequest,
    artifacts: Mapping[str, Artifacts],
    account: Account,
    round_1: PriceRound,
    backend: AnyBackend,
) -> Proven:
    name: str = request.param
    state = (account, round_1) if name.endswith("13") else wide_state()
    return Proven(name, artifacts[name], *state, backend)


def test_verifies_with_py_ecc_and_snarkjs(proven: Proven, snarkjs: SnarkjsBackend) -> None:
    claim = verify_envelope(proven.envelope, proven.key, proven.expected(commitment=proven.account.commitment()))
    assert claim.healthy
    assert claim.recipient == 0xABC
    signals = [str(s) for s in proven.envelope.public_signals]
    assert snarkjs.verify(proven.key, signals, proven.envelope.proof.to_json())


def test_every_signal_is_bound(proven: Proven, backend: AnyBackend) -> None:
    """Each public signal, perturbed alone, makes the proof fail."""
    signals, proof = proven.envelope.public_signals, proven.envelope.proof.to_json()
    for index in range(len(signals)):
        changed = [str((signal + (place == index)) % SCALAR_MODULUS) for place, signal in enumerate(signals)]
        assert not backend.verify(proven.key, changed, proof), index


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.deep)], ids=["some", "every"])
def test_signals_are_bound_for_py_ecc(proven: Proven, every: bool) -> None:
    """Perturbed alone, a public signal makes the proof fail; shifted by r it is refused before that."""
    signals = proven.envelope.public_signals
    some = (0, 1, 2, 3, len(signals) // 2, len(signals) - 1)
    for index in range(len(signals)) if every else some:
        for value, reason in (
            ((signals[index] + 1) % SCALAR_MODULUS, "proof-does-not-verify"),
            (signals[index] + SCALAR_MODULUS, "signal-not-in-field"),
        ):
            changed = (*signals[:index], value, *signals[index + 1 :])
            with pytest.raises(VerificationError) as caught:
                verify(proven.key, changed, proven.envelope.proof)
            assert caught.value.reason == reason, index


def test_a_proof_about_one_kind_of_margin_is_none_about_the_other(
    artifacts: Mapping[str, Artifacts], round_1: PriceRound, backend: AnyBackend
) -> None:
    """Spec ZS-77. A perpetual with equity of 1,000 USD and a margin of 2,425 USD is liquidatable, and no overdraft. A
    thief shows the proof of the latter as one of solvency."""
    margin, kind, slot = artifacts["margin-13"], VectorKind.OVERDRAFT, round_1.book.slot("BTC-PERP", "test")
    balances = tuple(10**9 * (place == slot) for place in range(13))
    quote = 1_000 * 10**18 - 10**9 * round_1.vectors.effective_prices[slot]
    account = Account.of_state(round_1.book, State(balances, quote), OwnerKeys.generate(Domain(31337, 0)))
    with pytest.raises(ProvingError, match="below maintenance margin"):
        prove_margin(account, round_1, margin, backend)
    covered = prove_margin(account, round_1, margin, backend, kind=kind)
    inputs, key = round_1.inputs(), margin.key
    assert verify_envelope(covered, key, Expectation(inputs, kind=kind)).commitment == account.commitment()
    with pytest.raises(ProvingError, match="at or above overdraft margin"):
        prove_margin(account, round_1, margin, backend, healthy=False, kind=kind)
    renamed = replace(covered, kind=VectorKind.MAINTENANCE)
    told = replace(renamed, public_signals=renamed.claim().signals(inputs.vectors))
    for stolen, reason in (
        (covered, "wrong-kind"),
        (renamed, "signals-differ-from-round"),
        (told, "proof-does-not-verify"),
    ):
        with pytest.raises(VerificationError) as caught:
            verify_envelope(stolen, key, Expectation(inputs))
        assert caught.value.reason == reason
    with pytest.raises(InputError, match="initial margin"):
        prove_margin(account, round_1, margin, backend, kind=VectorKind.INITIAL)


def test_refuses_another_round_even_when_the_envelope_names_it(proven: Proven) -> None:
    later = replace(proven.round, id=2, prices=(proven.round.prices[0] + 1, *proven.round.prices[1:]))
    expected = proven.expected(inputs=later.inputs())
    assert proven.refusal(proven.envelope, expected) == "wrong-round"
    renamed = replace(proven.envelope, round=later.digest())
    assert proven.refusal(renamed, expected) == "signals-differ-from-round"
    forged = replace(renamed, public_signals=renamed.claim().signals(later.vectors))
    assert proven.refusal(forged, expected) == "proof-does-not-verify"


def test_refuses_another_book_even_when_the_envelope_names_it(proven: Proven) -> None:
    book = proven.account.book
    first = book.assets[0]
    stricter = replace(first, maintenance_margin_ppm=first.initial_margin_ppm)
    other = replace(proven.round, book=replace(book, assets=(stricter, *book.assets[1:])))
    inputs = other.inputs()
    assert proven.refusal(proven.envelope, proven.expected(inputs=inputs)) == "wrong-book"
    renamed = replace(proven.envelope, book=inputs.book, round=inputs.round)
    assert proven.refusal(renamed, proven.expected(inputs=inputs)) == "signals-differ-from-round"


def test_refuses_the_other_side(proven: Proven) -> None:
    assert proven.refusal(proven.envelope, proven.expected(healthy=False)) == "wrong-side"
    flipped = replace(proven.envelope, public_signals=(proven.envelope.public_signals[0], 0, 0xABC))
    flipped = replace(flipped, public_signals=(*flipped.public_signals, *proven.envelope.public_signals[3:]))
    assert proven.refusal(flipped, proven.expected(healthy=False)) == "proof-does-not-verify"


def test_accepts_a_rerandomised_proof(proven: Proven) -> None:
    """Groth16 proofs are malleable; a contract must not act on the proof's bytes (SolvencyGate's tests)."""
    verify_envelope(replace(proven.envelope, proof=rerandomised(proven.envelope.proof)), proven.key, proven.expected())


def test_a_lean_proof_does_not_pass_as_a_validating_one(
    artifacts: Mapping[str, Artifacts], account: Account, round_1: PriceRound, backend: AnyBackend
) -> None:
    lean = Proven("margin-lean-13", artifacts["margin-lean-13"], account, round_1, backend)
    key = VerifyingKey.load(artifacts["margin-13"].verification_key)
    renamed = replace(lean.envelope, statement="margin", key=key.digest())
    with pytest.raises(VerificationError) as caught:
        verify_envelope(renamed, key, Expectation(round_1.inputs()))
    assert caught.value.reason == "proof-does-not-verify"


def test_cannot_prove_the_side_on_which_the_account_is_not(
    artifacts: Mapping[str, Artifacts],
    account: Account,
    round_1: PriceRound,
    round_2: PriceRound,
    backend: AnyBackend,
) -> None:
    for round_, healthy in ((round_1, False), (round_2, True)):
        with pytest.raises(ProvingError, match="cannot be proven"):
            prove_margin(account, round_, artifacts["margin-13"], backend, healthy=healthy)


def test_refuses_artifacts_of_another_size(
    artifacts: Mapping[str, Artifacts], account: Account, round_1: PriceRound, backend: AnyBackend
) -> None:
    built = artifacts["margin-13"]
    larger = replace(built, circuit=replace(built.circuit, instance=find_instance("margin-28")))
    with pytest.raises(ProvingError, match="28 assets"):
        prove_margin(account, round_1, larger, backend)


def test_two_proofs_of_one_statement_differ(
    artifacts: Mapping[str, Artifacts], account: Account, round_1: PriceRound, backend: AnyBackend
) -> None:
    """Zero knowledge needs fresh randomness in every proof."""
    proofs = [prove_margin(account, round_1, artifacts["margin-13"], backend).proof for _ in range(2)]
    assert proofs[0].a != proofs[1].a
