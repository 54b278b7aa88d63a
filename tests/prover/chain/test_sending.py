"""Sending through nodes that fail: what is asked for happens once, or is known not to have."""

import _thread
import json
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount
from web3 import Web3

from prover.chain import Chain, Contract, ContractCode, RequestPolicy, SendingAccount
from prover.toolchain import Anvil
from tests.fault_proxy import (
    Fault,
    FaultProxy,
    after,
    answers,
    before,
    drops,
    loses_answer,
    passes,
    refuses,
    results,
)
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

POLICY = RequestPolicy(
    attempts=4, backoff_seconds=0.02, request_seconds=5, bump_seconds=0.4, fee_bumps=3, nonce_attempts=30
)
SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"
GWEI = 10**9


@pytest.fixture
def rounds(node: Anvil, code: Mapping[str, ContractCode], signer: LocalAccount, proxy: FaultProxy) -> Contract:
    """A price source whose owner sends through the proxy."""
    deployer = Chain(node.url, code, signer)
    address = deployer.deploy("OwnerPriceRounds", signer.address, [tuple(SlotFractions(30_000, 50_000))]).address
    return Chain(proxy.url, code, signer, policy=POLICY).at("OwnerPriceRounds", address)


def post(rounds: Contract) -> Mapping[str, object]:
    return rounds.send("postRound", [1], [0])


def nonce(node: Anvil, rounds: Contract) -> int:
    return int(node.request("eth_getTransactionCount", rounds.chain.sender, "latest"), 16)


def transaction(node: Anvil, receipt: Mapping[str, object]) -> Mapping[str, str]:
    return node.request("eth_getTransactionByHash", receipt["transactionHash"].to_0x_hex())  # type: ignore[attr-defined]


@pytest.fixture
def expect_once(node: Anvil, rounds: Contract) -> Iterator[None]:
    """The test sends one round: the chain has it once, and nothing else."""
    first = nonce(node, rounds)
    yield
    assert nonce(node, rounds) == first + 1
    assert rounds.read("latestRoundId") == 1


@pytest.mark.usefixtures("expect_once")
@pytest.mark.parametrize(
    "faults",
    [[loses_answer], [drops], [answers(503), loses_answer], [loses_answer] * 30],
    ids=["answer lost", "request lost", "refused, then answer lost", "every answer lost"],
)
def test_a_lost_answer_sends_nothing_twice(proxy: FaultProxy, rounds: Contract, faults: list[Fault]) -> None:
    proxy.then(SEND, *faults)
    assert post(rounds)["status"] == 1
    sent = {parameters[0] for method, parameters in proxy.seen if method == SEND}
    assert len(sent) == 1


@pytest.mark.usefixtures("expect_once")
def test_a_lost_answer_while_blocks_are_slow_sends_nothing_twice(
    node: Anvil, proxy: FaultProxy, rounds: Contract
) -> None:
    node.request("evm_setAutomine", False)
    proxy.then(SEND, loses_answer)
    proxy.then(RECEIPT, passes, passes, before(lambda: node.request("anvil_mine")))
    assert post(rounds)["status"] == 1


def test_what_never_arrives_is_said_with_its_nonce_and_hash(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    first = nonce(node, rounds)
    proxy.always(SEND, drops)
    with pytest.raises(ChainError, match=rf"nonce {first} as 0x[0-9a-f]{{64}}.*may still be mined: look for it"):
        post(rounds)
    assert nonce(node, rounds) == first


@pytest.mark.parametrize(
    ("fault", "words"), [(drops, r"does not answer; is it running\?"), (results({}), "no JSON-RPC")]
)
def test_a_node_that_fails_after_it_was_sent_is_said_with_the_hash(
    code: Mapping[str, ContractCode],
    signer: LocalAccount,
    proxy: FaultProxy,
    rounds: Contract,
    fault: Fault,
    words: str,
) -> None:
    quick = replace(POLICY, request_seconds=0.2)
    chain = Chain(proxy.url, code, signer, policy=quick)
    proxy.always(RECEIPT, fault)
    with pytest.raises(ChainError, match=rf"{words}.* as 0x[0-9a-f]{{64}} and may still be mined"):
        post(chain.at("OwnerPriceRounds", rounds.address))
    assert rounds.read("latestRoundId") == 1


def test_an_interrupted_wait_tells_what_was_sent(proxy: FaultProxy, rounds: Contract) -> None:
    proxy.always(RECEIPT, before(_thread.interrupt_main))
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may ignore it
    try:
        with pytest.raises(
            KeyboardInterrupt, match=r"interrupted\. It was sent by .* as 0x[0-9a-f]{64} and may still be"
        ):
            post(rounds)
    finally:
        signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("expect_once")
def test_a_node_that_is_behind_another_makes_nothing_happen_twice(proxy: FaultProxy, rounds: Contract) -> None:
    """One node behind the URL counts our transaction, another one does not know it yet."""
    unknown = answers(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": None}).encode())
    proxy.then(SEND, loses_answer)
    proxy.then(RECEIPT, unknown, unknown, refuses("header not found"), unknown)
    assert post(rounds)["status"] == 1


@pytest.mark.usefixtures("expect_once")
@pytest.mark.parametrize("base_fee", [None, 40 * GWEI], ids=["no block is built", "the base fee jumps"])
def test_a_stuck_transaction_is_replaced_by_one_that_pays_more(
    node: Anvil, proxy: FaultProxy, rounds: Contract, base_fee: int | None
) -> None:
    node.request("evm_setAutomine", False)
    offered: list[Mapping[str, str]] = []

    def stall() -> None:
        offered.extend(node.request("txpool_content")["pending"][rounds.chain.sender.lower()].values())
        if base_fee is not None:
            node.request("anvil_setNextBlockBaseFeePerGas", hex(base_fee))
            node.request("anvil_mine")

    proxy.then(SEND, after(stall), after(lambda: node.request("anvil_mine")))
    mined = transaction(node, post(rounds))
    (first,) = offered
    assert mined["hash"] != first["hash"]
    assert mined["input"] == first["input"]
    for fee in ("maxFeePerGas", "maxPriorityFeePerGas"):
        assert int(mined[fee], 16) * 8 >= int(first[fee], 16) * 9
    assert int(mined["maxFeePerGas"], 16) > (base_fee or 0)


@pytest.mark.usefixtures("expect_once")
def test_the_replaced_transaction_may_be_the_one_that_is_mined(
    node: Anvil, proxy: FaultProxy, rounds: Contract
) -> None:
    node.request("evm_setAutomine", False)
    proxy.then(SEND, passes, before(lambda: node.request("anvil_mine")))
    receipt = post(rounds)
    sent = [parameters[0] for method, parameters in proxy.seen if method == SEND]
    assert len(set(sent)) == 2
    assert transaction(node, receipt)["hash"] == "0x" + keccak(sent[0])


def keccak(raw: str) -> str:
    return Web3.keccak(hexstr=raw).hex()


@pytest.mark.usefixtures("expect_once")
def test_a_transaction_that_is_refused_as_underpriced_is_raised_at_once(
    node: Anvil, proxy: FaultProxy, rounds: Contract
) -> None:
    proxy.then(SEND, before(lambda: node.request("anvil_setNextBlockBaseFeePerGas", hex(50 * GWEI))))
    assert int(transaction(node, post(rounds))["maxFeePerGas"], 16) > 50 * GWEI
    assert proxy.count(SEND) >= 2


def test_fees_are_raised_a_bounded_number_of_times(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    first = nonce(node, rounds)
    proxy.always(SEND, refuses("transaction underpriced"))
    with pytest.raises(ChainError, match=r"transaction underpriced.*nothing was sent"):
        post(rounds)
    sent = {parameters[0] for method, parameters in proxy.seen if method == SEND}
    assert len(sent) == 1 + POLICY.fee_bumps
    assert nonce(node, rounds) == first


def test_fees_that_are_twice_the_usual_ones_are_raised_no_further(node: Anvil, signer: LocalAccount) -> None:
    """They are not why the transaction waits, perhaps for days."""
    account = SendingAccount.connect(node.url, signer.address, POLICY, 1)
    call = {"from": signer.address, "to": signer.address, "value": 0, "data": b"", "chainId": 31337}
    transaction = account.sign(signer, account.with_gas(call), 0, account.suggested_fees())
    for _ in range(20):
        transaction.replace()
    assert 4 < len(transaction.hashes) <= 8


def test_an_account_without_ether_is_named(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    sender = rounds.chain.sender
    node.request("anvil_setBalance", sender, hex(7))
    with pytest.raises(ChainError, match=f"{sender} has 0.000000000000000007 ETH, which does not pay.*send it ETH"):
        post(rounds)
    assert proxy.count(SEND) == 1
    assert nonce(node, rounds) == 1


def test_what_the_contract_refuses_is_never_sent(proxy: FaultProxy, rounds: Contract) -> None:
    with pytest.raises(ChainError, match=r"WrongLength\(1, 2\)") as caught:
        rounds.send("postRound", [1, 1], [1, 1])
    assert caught.value.refusal == "WrongLength"
    assert proxy.count(SEND) == 0


def test_what_fails_only_when_it_is_mined_is_named_too(
    node: Anvil, code: Mapping[str, ContractCode], proxy: FaultProxy, rounds: Contract
) -> None:
    heir = Chain(node.url, code)
    rounds.send("transferOwnership", heir.sender)
    accept = heir.at("OwnerPriceRounds", rounds.address)
    proxy.then(SEND, before(lambda: accept.send("acceptOwnership")))
    with pytest.raises(
        ChainError, match=r"failed when it was mined in block \d+.*OwnableUnauthorizedAccount"
    ) as caught:
        post(rounds)
    assert caught.value.refusal == "OwnableUnauthorizedAccount"


def test_a_node_that_signs_is_told_once(node: Anvil, code: Mapping[str, ContractCode], proxy: FaultProxy) -> None:
    chain = Chain(proxy.url, code, policy=POLICY)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    proxy.then("eth_sendTransaction", loses_answer)
    with pytest.raises(ChainError, match="may have happened: look for it"):
        post(rounds)
    assert rounds.read("latestRoundId") == 1
    assert proxy.count("eth_sendTransaction") == 2
