"""A deployment that is rehearsed tells what the deployment then does, and sends nothing."""

from collections.abc import Mapping

import pytest

from prover import Account
from prover.chain import Chain, ContractCode, DeployedContract, GateContracts, Rehearsal
from prover.toolchain import Anvil, Artifacts, compile_verifiers
from verifier import ChainError

pytestmark = pytest.mark.full

POT = 7


@pytest.fixture
def chain(node: Anvil, code: Mapping[str, ContractCode], artifacts: Mapping[str, Artifacts]) -> Chain:
    return Chain(node.url, {**code, **compile_verifiers({"margin-13": artifacts["margin-13"]})})


def deploy(chain: Chain, account: Account) -> GateContracts:
    return GateContracts.create(chain, "Margin13Verifier", account.book.slot_fractions(), max_proof_age=60, tip=5)


def test_a_rehearsal_tells_of_every_transaction_and_sends_none(chain: Chain, node: Anvil, account: Account) -> None:
    rehearsal = Rehearsal(chain)
    deploy(rehearsal, account).gate.fund_tips(POT)
    assert (chain.block_number(), node.request("eth_getTransactionCount", chain.sender, "pending")) == (0, "0x0")

    planned = rehearsal.planned
    names = ["Margin13Verifier", "OwnerPriceRounds", "RegistrarGate", "RegistrarGate"]
    assert [item.contract for item in planned] == names
    assert [item.function for item in planned] == [None, None, None, "fundTips"]
    fractions = [tuple(slot.values()) for slot in planned[1].settings["fractions"]]
    assert fractions == [tuple(slot) for slot in account.book.slot_fractions()]
    assert planned[2].settings == {
        "owner": chain.sender,
        "registrar": chain.sender,
        "rounds": planned[1].address,
        "verifier": planned[0].address,
        "maxProofAge": 60,
        "tip": 5,
    }
    assert [item.value for item in planned] == [0, 0, 0, POT]
    assert rehearsal.value == POT

    made = deploy(chain, account)
    made.gate.fund_tips(POT)
    contracts = (made.verifier, made.prices.contract, made.gate.contract, made.gate.contract)
    assert [item.address for item in planned] == [contract.address for contract in contracts]
    used = [chain.receipt(bytes(sent["hash"]))["gasUsed"] for sent in chain.transactions()]
    assert [item.gas_is_from_node for item in planned] == [True, True, False, False]
    for item, gas in zip(planned, used, strict=True):
        assert gas * 0.99 <= item.gas <= gas * (1.05 if item.gas_is_from_node else 2), item
    assert rehearsal.gas == sum(item.gas for item in planned)


def test_a_rehearsal_is_refused_where_the_deployment_would_be(chain: Chain, node: Anvil, account: Account) -> None:
    node.request("anvil_setChainId", 5)
    with pytest.raises(ChainError, match="DevelopmentKeyOnPublicChain"):
        deploy(Rehearsal(Chain(node.url, chain._code)), account)


def test_a_journal_is_told_before_and_after_each_contract(chain: Chain, account: Account) -> None:
    told: list[tuple[str, str]] = []

    class Journal:
        def begin(self, contract: DeployedContract) -> None:
            assert not chain.has_code(contract.address)
            assert (contract.chain_id, contract.transaction) == (chain.chain_id, None)
            told.append((contract.name, contract.address))

        def finish(self, contract: DeployedContract) -> None:
            assert chain.has_code(contract.address)
            told.append((contract.name, contract.address))
            assert contract.transaction == chain.transactions()[-1]["hash"].to_0x_hex()

    made = deploy(chain.with_journal(Journal()), account)
    stand = [item.address for item in (made.verifier, made.prices.contract, made.gate.contract)]
    names = ["Margin13Verifier", "OwnerPriceRounds", "RegistrarGate"]
    assert told == [pair for pair in zip(names, stand, strict=True) for _ in range(2)]
    chain.deploy("CircuitBreaker", chain.sender, 600)  # the chain itself has no journal
    assert len(told) == 6
