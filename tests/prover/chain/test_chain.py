"""The chain client against a real node: what works, and what nodes and contracts refuse."""

from collections.abc import Iterator, Mapping

import pytest

from prover import Account
from prover.chain import Chain, ContractCode, GateContracts, RegistrarGateClient
from prover.toolchain import Anvil, Artifacts, compile_contracts, compile_verifiers
from verifier import SCALAR_MODULUS, ChainError, SlotFractions

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def code(artifacts: Mapping[str, Artifacts]) -> Mapping[str, ContractCode]:
    return compile_contracts() | compile_verifiers({"margin-13": artifacts["margin-13"]})


@pytest.fixture
def chain(code: Mapping[str, ContractCode]) -> Iterator[Chain]:
    with Anvil() as node:
        yield Chain(node.url, code)


@pytest.fixture
def contracts(chain: Chain, account: Account) -> GateContracts:
    return GateContracts.create(chain, "Margin13Verifier", account.book.slot_fractions(), max_proof_age=3600, tip=0)


def test_contract_errors_are_named_with_their_values(contracts: GateContracts) -> None:
    with pytest.raises(ChainError, match=r"WrongLength\(13, 1\)"):
        contracts.prices.post([1], [1])
    with pytest.raises(ChainError, match=r"UnknownRound\(9\)"):
        contracts.gate.prepare_round(9)
    with pytest.raises(ChainError, match="CommitmentNotInField"):
        contracts.gate.register(7, SCALAR_MODULUS)


def test_a_dead_node_is_a_clear_error(code: Mapping[str, ContractCode]) -> None:
    with Anvil() as node:
        chain = Chain(node.url, code)
    with pytest.raises(ChainError, match="is it running"):
        chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions())])
    with pytest.raises(ChainError, match="is it running"):
        Chain(node.url, code)


def test_state_survives_a_restart(code: Mapping[str, ContractCode], account: Account, tmp_path) -> None:
    state = tmp_path / "anvil.json"
    with Anvil(state=state) as node:
        deployed = GateContracts.create(
            Chain(node.url, code), "Margin13Verifier", account.book.slot_fractions(), max_proof_age=60, tip=0
        )
        address = deployed.gate.contract.address
    with Anvil(state=state) as node:
        gate = RegistrarGateClient(Chain(node.url, code).at("RegistrarGate", address))
        assert gate.max_proof_age() == 60
        assert gate.contract.events()
