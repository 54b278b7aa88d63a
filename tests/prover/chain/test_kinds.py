"""Chains that are not as Ethereum is: read where that is possible, else refused in words of this program."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from prover.chain import Chain, ContractCode, Rehearsal
from prover.toolchain import Anvil
from tests.fault_proxy import FaultProxy, refuses, rewrites
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

BLOCK = "eth_getBlockByNumber"
SEALS = 97 + 65 * 21
"""Bytes of `extraData` on a chain of 21 validators (Clique)."""


def test_blocks_of_proof_of_authority_are_read(
    code: Mapping[str, ContractCode], proxy: FaultProxy, signer: LocalAccount
) -> None:
    """A simulation: the proxy puts the long `extraData` of such chains into the blocks of an anvil."""
    seen: list[object] = []

    def seal(block: dict[str, Any]) -> dict[str, Any]:
        seen.append(block)
        return {**block, "extraData": "0x" + SEALS * "d8"}

    proxy.always(BLOCK, rewrites(seal))
    chain = Chain(proxy.url, code, signer, confirmations=1)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    rounds.send("postRound", [1], [0])
    assert [event.name for event in rounds.logs()][-1] == "RoundPosted"
    assert chain.timestamp() > 0
    assert chain.block_hash(1) != chain.block_hash(2)
    assert len(chain.transactions()) == 2
    assert seen


def test_a_chain_without_a_base_fee_is_refused(
    code: Mapping[str, ContractCode], proxy: FaultProxy, signer: LocalAccount
) -> None:
    """A simulation of one that has the contracts' instructions and no EIP-1559."""
    chain = Chain(proxy.url, code, signer)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    proxy.always(BLOCK, rewrites(lambda block: {name: block[name] for name in block if name != "baseFeePerGas"}))
    with pytest.raises(ChainError, match=r"a chain without EIP-1559 .*nothing was sent$"):
        rounds.send("postRound", [1], [0])
    assert proxy.count("eth_sendRawTransaction") == 1
    assert rounds.read("latestRoundId") == 0


@pytest.fixture(params=["berlin", "shanghai", "cancun"])
def fork(request: pytest.FixtureRequest) -> Iterator[tuple[str, Anvil]]:
    """A real node with the rules of an upgrade."""
    with Anvil(hardfork=request.param) as node:
        yield request.param, node


def test_a_chain_before_cancun_is_refused_before_anything_is_sent(
    code: Mapping[str, ContractCode], fork: tuple[str, Anvil]
) -> None:
    name, node = fork
    signer = EthAccount.create()
    node.request("anvil_setBalance", signer.address, hex(10**18))
    chain = Chain(node.url, code, signer)
    arguments = (chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    if name == "cancun":
        assert chain.deploy("OwnerPriceRounds", *arguments).read("assetCount") == 1
        return
    for deployer in (chain, Rehearsal(chain)):
        with pytest.raises(ChainError, match=r"^deploying contracts: the node at .* without the Cancun upgrade"):
            deployer.deploy("OwnerPriceRounds", *arguments)
    assert chain.block_number() == 0


def test_a_node_that_cannot_tell_its_upgrades_is_not_refused(
    code: Mapping[str, ContractCode], proxy: FaultProxy
) -> None:
    proxy.always("eth_call", refuses("unsupported: a call without a receiver"))
    chain = Chain(proxy.url, code)
    assert chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))]).address
