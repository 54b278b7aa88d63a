"""A gate used from Python: what the chain would refuse for gas is refused before it is sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from prover import Account, PriceRound, prove_margin
from prover.chain import Chain, GateContracts
from prover.onchain import RegistrarGate
from prover.toolchain import Anvil, AnyBackend, Artifacts, compile_contracts, compile_verifiers
from verifier import InputError, ProofEnvelope, VectorKind

pytestmark = pytest.mark.full

TRADER, OTHER = 0xA11CE, 0xB0B

Prove = Callable[..., ProofEnvelope]


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def deployed(node: Anvil, artifacts: Mapping[str, Artifacts], account: Account) -> RegistrarGate:
    code = compile_contracts() | compile_verifiers({"margin-13": artifacts["margin-13"]})
    fractions = account.book.slot_fractions()
    contracts = GateContracts.create(Chain(node.url, code), "Margin13Verifier", fractions, max_proof_age=3600, tip=0)
    return RegistrarGate(contracts, account.book)


@pytest.fixture
def gate(node: Anvil, deployed: RegistrarGate, account: Account, round_1: PriceRound) -> Iterator[RegistrarGate]:
    """With round 1, and the commitment of the example account."""
    before = node.request("evm_snapshot")
    assert deployed.post_round(round_1) == 1
    deployed.contracts.gate.register(TRADER, account.commitment())
    yield deployed
    node.request("evm_revert", before)


@pytest.fixture
def prove(account: Account, artifacts: Mapping[str, Artifacts], backend: AnyBackend) -> Prove:
    def make(round_: PriceRound, *, healthy: bool) -> ProofEnvelope:
        return prove_margin(account, round_, artifacts["margin-13"], backend, healthy=healthy)

    return make


def blocks(gate: RegistrarGate) -> int:
    return gate.contracts.chain.block_number()


def test_an_account_is_proven_flagged_and_resolved(
    gate: RegistrarGate, prove: Prove, round_1: PriceRound, round_2: PriceRound
) -> None:
    client = gate.contracts.gate
    gate.prove(TRADER, round_1, prove(round_1, healthy=True), healthy=True)
    assert client.account_state(TRADER).solvent_at_round == 1
    gate.post_round(round_2)
    gate.prove(TRADER, round_2, prove(round_2, healthy=False), healthy=False)
    assert client.account_state(TRADER).flagged_at_round == 2
    gate.resolve(TRADER, 7)
    assert (client.account_state(TRADER).flagged_at_round, client.account_state(TRADER).commitment) == (0, 7)


def test_a_round_that_is_not_the_next_one_is_not_posted(
    gate: RegistrarGate, round_1: PriceRound, round_2: PriceRound
) -> None:
    before = blocks(gate)
    for wrong in (round_1, replace(round_2, id=3)):
        with pytest.raises(InputError, match="the chain's next round is 2"):
            gate.post_round(wrong)
    assert blocks(gate) == before


def test_a_proof_that_the_gate_would_refuse_is_not_sent(
    gate: RegistrarGate, prove: Prove, round_1: PriceRound, round_2: PriceRound
) -> None:
    envelope = prove(round_1, healthy=True)
    cheaper = replace(round_1, prices=(*round_1.prices[:1], 1, *round_1.prices[2:]))
    gate.post_round(round_2)
    before = blocks(gate)
    for holder, round_, healthy, words in (
        (TRADER, round_1, False, "the proof says that the account is healthy"),
        (OTHER, round_1, True, "another commitment than the one registered"),
        (TRADER, round_2, True, "made for another round"),
        (TRADER, cheaper, True, "other prices or margins"),
    ):
        with pytest.raises(InputError, match=words):
            gate.prove(holder, round_, envelope, healthy=healthy)
    with pytest.raises(InputError, match="about overdraft margin"):
        gate.prove(TRADER, round_1, replace(envelope, kind=VectorKind.OVERDRAFT), healthy=True)
    assert blocks(gate) == before


def test_only_a_flagged_account_is_resolved_and_to_another_state(
    gate: RegistrarGate, prove: Prove, account: Account, round_2: PriceRound
) -> None:
    with pytest.raises(InputError, match="is not flagged"):
        gate.resolve(TRADER, 7)
    gate.post_round(round_2)
    gate.prove(TRADER, round_2, prove(round_2, healthy=False), healthy=False)
    before = blocks(gate)
    with pytest.raises(InputError, match="the state that was flagged"):
        gate.resolve(TRADER, account.commitment())
    assert blocks(gate) == before
