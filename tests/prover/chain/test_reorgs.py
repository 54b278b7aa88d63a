"""Confirmations: a dropped transaction is broadcast again, and one that is deep enough is final."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from eth_account import Account as EthAccount

from prover.chain import Chain, Contract, ContractCode, RequestPolicy
from prover.toolchain import Anvil
from tests.fault_proxy import Answer, Call, FaultProxy, before, drops, passes
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

POLICY = RequestPolicy(attempts=4, backoff_seconds=0.02, request_seconds=5, bump_seconds=1.5, fee_bumps=2)
CALM = 60.0
"""[s] No replacement for higher fees comes in between, however slow the machine."""

DEPTH = 3
HEAD = "eth_blockNumber"
SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"


@pytest.fixture
def chain(node: Anvil, code: Mapping[str, ContractCode], proxy: FaultProxy) -> Chain:
    """Waits for confirmations."""
    signer = EthAccount.create()
    node.request("anvil_setBalance", signer.address, hex(10**20))
    return Chain(proxy.url, code, signer, confirmations=DEPTH, policy=POLICY)


@pytest.fixture
def rounds(node: Anvil, code: Mapping[str, ContractCode], chain: Chain) -> Contract:
    deployer = Chain(node.url, code)
    address = deployer.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))]).address
    node.request("anvil_mine", "0x5")
    return chain.at("OwnerPriceRounds", address)


def post(rounds: Contract) -> Mapping[str, object]:
    return rounds.send("postRound", [1], [0])


def test_a_transaction_is_waited_for_until_it_is_deep_enough(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    mine = before(lambda: node.request("anvil_mine"))
    proxy.always(HEAD, mine)
    receipt = post(rounds)
    assert int(node.request(HEAD), 16) == int(receipt["blockNumber"]) + DEPTH - 1  # type: ignore[call-overload]


def reorganise(node: Anvil) -> None:
    node.request("anvil_reorg", 1, [])


def roll_back(node: Anvil) -> None:
    node.request("anvil_rollback", 1)


@pytest.mark.parametrize("happening", [reorganise, roll_back])
@pytest.mark.parametrize("times", [1, 2])
def test_what_a_reorganisation_drops_comes_back_once(
    node: Anvil, proxy: FaultProxy, rounds: Contract, happening: Callable[[Anvil], None], times: int
) -> None:
    dropped: list[str] = []

    def drop() -> None:
        dropped.append(node.request("eth_getBlockByNumber", "latest", False)["hash"])
        happening(node)

    known = threading.Event()

    def tell(call: Call) -> Answer:
        answer = passes(call)
        if json.loads(answer.body)["result"] is not None:
            known.set()
        return answer

    def go_on(call: Call) -> Answer:
        if known.is_set():  # that it is mined: what is dropped before comes back too, but as late as what is stuck
            known.clear()
            drop() if len(dropped) < times else node.request("anvil_mine")
        return passes(call)

    proxy.always(RECEIPT, tell)
    proxy.always(HEAD, go_on)
    receipt = post(replace_policy(rounds, bump_seconds=CALM))
    sent = [parameters[0] for method, parameters in proxy.seen if method == SEND]
    assert len(sent) == 1 + times
    assert len(set(sent)) == 1
    assert len(dropped) == times
    block = node.request("eth_getBlockByNumber", hex(receipt["blockNumber"]), False)  # type: ignore[call-overload]
    assert receipt["blockHash"].to_0x_hex() == block["hash"]  # type: ignore[attr-defined]
    assert block["hash"] not in dropped
    assert rounds.read("latestRoundId") == 1
    assert int(node.request("eth_getTransactionCount", rounds.chain.sender, "latest"), 16) == 1


def test_a_chain_that_keeps_dropping_it_ends_the_waiting(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    proxy.always(HEAD, before(lambda: reorganise(node)))
    with pytest.raises(ChainError, match=r"reorganisations of the chain dropped it .* times.* may still be mined"):
        post(rounds)


def test_a_chain_without_new_blocks_ends_the_waiting(rounds: Contract) -> None:
    with pytest.raises(ChainError, match=r"mined in block (\d+), but the chain stays at block \1"):
        post(rounds)


def test_a_transaction_of_the_node_that_is_dropped_is_said(
    node: Anvil, code: Mapping[str, ContractCode], proxy: FaultProxy
) -> None:
    chain = Chain(proxy.url, code, policy=POLICY)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    careful = Chain(proxy.url, code, confirmations=DEPTH, policy=POLICY)
    proxy.then(HEAD, before(lambda: roll_back(node)))
    with pytest.raises(ChainError, match=r"not mined in \d+ s\. It was sent by 0x\w+ as 0x\w+"):
        post(careful.at("OwnerPriceRounds", rounds.address))


def test_a_nonce_is_given_up_only_when_the_other_transaction_is_deep_enough(
    node: Anvil, code: Mapping[str, ContractCode], proxy: FaultProxy, rounds: Contract
) -> None:
    """The other one is mined and dropped again: ours, which may have arrived, then is the one that counts."""
    signer = rounds.chain._sending._signer
    with FaultProxy(node.url) as beside:
        other = Chain(beside.url, code, signer, policy=POLICY).at("OwnerPriceRounds", rounds.address)
        proxy.then(SEND, before(lambda: other.send("postRound", [2], [0]), drops), passes)
        # 1: where the other one was found; from 2 on: how deep ours is
        proxy.then(HEAD, passes, before(lambda: roll_back(node)))
        proxy.always(HEAD, before(lambda: node.request("anvil_mine")))
        proxy.always(SEND, passes)
        receipt = post(replace_policy(rounds, bump_seconds=0.5))
    assert receipt["status"] == 1
    assert rounds.read("latestRoundId") == 1
    assert int(node.request("eth_getTransactionCount", rounds.chain.sender, "latest"), 16) == 1


def replace_policy(rounds: Contract, **changes: float) -> Contract:
    chain = rounds.chain
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    sending = chain._sending
    url = chain.url
    again = Chain(url, chain._code, sending._signer, confirmations=DEPTH, policy=policy)
    return again.at(rounds.name, rounds.address)
