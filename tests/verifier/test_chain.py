"""The chain client against a real node: what works, and what nodes and contracts refuse."""

from collections.abc import Iterator, Mapping

import pytest

from prover import Account, PriceRound, VectorKind, prove_margin
from prover.toolchain import Anvil, AnyBackend, Artifacts, compile_contracts, compile_verifiers
from verifier import SCALAR_MODULUS, ChainError
from verifier.chain import Chain, ContractCode, Deployment

pytestmark = pytest.mark.full

KEEPER = Chain.checksum(0x70997970C51812DC3A010C7D01B50E0D17DC79C8)
NOBODY = Chain.checksum(0)
TIP = 10**15


@pytest.fixture(scope="module")
def code(artifacts: Mapping[str, Artifacts]) -> Mapping[str, ContractCode]:
    return compile_contracts() | compile_verifiers({"margin-13": artifacts["margin-13"]})


@pytest.fixture
def chain(code: Mapping[str, ContractCode]) -> Iterator[Chain]:
    with Anvil() as node:
        yield Chain(node.url, code)


@pytest.fixture
def contracts(chain: Chain, account: Account) -> Deployment:
    deployed = Deployment.create(chain, "Margin13Verifier", account.book.fractions_ppm(), max_proof_age=3600, tip=TIP)
    deployed.gate.send("fundTips", value=10 * TIP)
    return deployed


def test_chain_derives_the_vectors_of_the_reference(
    contracts: Deployment, round_1: PriceRound, round_2: PriceRound
) -> None:
    for round_ in (round_1, round_2):
        assert contracts.post_round(round_.prices, round_.funding) == round_.id
        inputs = round_.inputs()
        assert contracts.maintenance_inputs(round_.id) == (inputs.effective_prices, inputs.margins_per_unit)
        initial = contracts.rounds.read("marginsPerUnit", round_.id, 1)
        assert tuple(initial) == round_.inputs(VectorKind.INITIAL).margins_per_unit


def test_an_account_is_proven_solvent_then_flagged(
    contracts: Deployment,
    artifacts: Mapping[str, Artifacts],
    account: Account,
    round_1: PriceRound,
    round_2: PriceRound,
    backend: AnyBackend,
) -> None:
    trader = contracts.gate.chain.sender
    contracts.post_round(round_1.prices, round_1.funding)
    contracts.gate.send("register", trader, account.commitment())
    solvent = prove_margin(account, round_1, artifacts["margin-13"], backend)
    contracts.prove_solvent(trader, 1, NOBODY, solvent.proof)
    assert contracts.gate.read("isSolvent", trader, 3600)

    contracts.post_round(round_2.prices, round_2.funding)
    below = prove_margin(account, round_2, artifacts["margin-13"], backend, healthy=False, recipient=int(KEEPER, 16))
    with pytest.raises(ChainError, match="ProofDoesNotVerify"):  # a copier puts itself in as recipient
        contracts.flag(trader, 2, trader, below.proof)
    with pytest.raises(ChainError, match="RoundNotNewer"):
        contracts.flag(trader, 1, KEEPER, below.proof)
    contracts.flag(trader, 2, KEEPER, below.proof)
    assert not contracts.gate.read("isSolvent", trader, 3600)
    names = [name for name, _, _ in contracts.gate.events()]
    assert names.index("ProvenSolvent") < names.index("Flagged")
    assert "TipPaid" in names
    with pytest.raises(ChainError, match="AccountIsFlagged"):
        contracts.flag(trader, 2, KEEPER, below.proof)
    with pytest.raises(ChainError, match="AccountIsFlagged"):
        contracts.gate.send("register", trader, 7)


def test_contract_errors_are_named_with_their_values(contracts: Deployment) -> None:
    with pytest.raises(ChainError, match=r"WrongLength\(13, 1\)"):
        contracts.rounds.send("postRound", [1], [1])
    with pytest.raises(ChainError, match=r"UnknownRound\(9\)"):
        contracts.gate.send("prepareRound", 9)
    with pytest.raises(ChainError, match="CommitmentNotInField"):
        contracts.gate.send("register", contracts.gate.chain.sender, SCALAR_MODULUS)


def test_a_dead_node_is_a_clear_error(code: Mapping[str, ContractCode]) -> None:
    with Anvil() as node:
        chain = Chain(node.url, code)
    with pytest.raises(ChainError, match="is it running"):
        chain.deploy("OwnerPriceRounds", chain.sender, [0], [0])
    with pytest.raises(ChainError, match="is it running"):
        Chain(node.url, code)


def test_state_survives_a_restart(code: Mapping[str, ContractCode], account: Account, tmp_path) -> None:
    state = tmp_path / "anvil.json"
    with Anvil(state=state) as node:
        deployed = Deployment.create(
            Chain(node.url, code), "Margin13Verifier", account.book.fractions_ppm(), max_proof_age=60, tip=0
        )
        address = deployed.gate.address
    with Anvil(state=state) as node:
        gate = Chain(node.url, code).at("SolvencyGate", address)
        assert gate.read("maxProofAge") == 60
        assert gate.events()
