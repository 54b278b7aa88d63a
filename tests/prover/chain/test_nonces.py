"""Sending beside others with the same key: each gets a nonce of its own, and what each asks for happens once."""

import json
import threading
from collections.abc import Callable, Mapping

import pytest
from eth_account.signers.local import LocalAccount
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes

from prover.chain import Chain, Contract, ContractCode, RequestPolicy
from prover.toolchain import Anvil
from tests.fault_proxy import (
    Answer,
    Call,
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


Client = Callable[[str], Contract]


@pytest.fixture
def client(node: Anvil, code: Mapping[str, ContractCode], signer: LocalAccount) -> Client:
    """Clients of one price source, with one key, through a URL each."""
    owner = Chain(node.url, code, signer)
    address = owner.deploy("OwnerPriceRounds", owner.sender, [tuple(SlotFractions(30_000, 50_000))]).address
    return lambda url: Chain(url, code, signer, policy=POLICY).at("OwnerPriceRounds", address)


@pytest.fixture
def rounds(client: Client, proxy: FaultProxy) -> Contract:
    return client(proxy.url)


def before_refusing(message: str) -> Fault:
    """The node does what it is asked, and says that it does not."""

    def fault(call: Call) -> Answer | None:
        call.forward()
        return refuses(message)(call)

    return fault


def post(rounds: Contract, price: int = 1) -> Mapping[str, object]:
    return rounds.send("postRound", [price], [0])


def nonce(node: Anvil, rounds: Contract) -> int:
    return int(node.request("eth_getTransactionCount", rounds.chain.sender, "latest"), 16)


def test_clients_with_one_key_race_and_all_get_through(node: Anvil, client: Client, rounds: Contract) -> None:
    first = nonce(node, rounds)
    each, failures = 4, []
    start = threading.Barrier(2)

    def work(price: int) -> None:  # two clients that send the same call under the same nonce send one transaction
        own = client(node.url)
        start.wait()
        for _ in range(each):
            try:
                post(own, price)
            except ChainError as error:
                failures.append(error)

    threads = [threading.Thread(target=work, args=[price]) for price in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert nonce(node, rounds) == first + 2 * each
    assert rounds.read("latestRoundId") == 2 * each


@pytest.mark.parametrize("fault", [passes, drops, loses_answer], ids=["refused", "request lost", "answer lost"])
def test_a_nonce_that_another_client_took_is_given_up(
    node: Anvil, client: Client, proxy: FaultProxy, rounds: Contract, fault: Fault
) -> None:
    first = nonce(node, rounds)
    other = client(node.url)
    proxy.then(SEND, before(lambda: post(other, 2), fault))
    assert post(rounds)["status"] == 1
    assert nonce(node, rounds) == first + 2
    assert rounds.read("latestRoundId") == 2


@pytest.mark.parametrize("words", ["nonce too low: next nonce 5, tx nonce 4", "invalid nonce"])
def test_a_nonce_that_our_own_transaction_took_is_not_given_up(
    node: Anvil, proxy: FaultProxy, rounds: Contract, words: str
) -> None:
    """A gateway asked two nodes, and passes on what the second one said."""
    first = nonce(node, rounds)
    proxy.then(SEND, before_refusing(words))
    assert post(rounds)["status"] == 1
    assert nonce(node, rounds) == first + 1
    assert rounds.read("latestRoundId") == 1


def test_a_nonce_that_was_ours_on_another_node_is_waited_for(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    """The node behind the URL that answers now does not know the transaction yet that another one has mined."""
    first = nonce(node, rounds)
    proxy.then(SEND, before_refusing("nonce too low"))
    proxy.then(RECEIPT, *[results(None)] * 3)
    proxy.then("eth_getTransactionByHash", *[results(None)] * 3)
    assert post(rounds)["status"] == 1
    assert nonce(node, rounds) == first + 1


def test_a_node_that_is_behind_takes_the_transaction_once_it_has_caught_up(
    node: Anvil, proxy: FaultProxy, rounds: Contract
) -> None:
    first = nonce(node, rounds)
    proxy.then(SEND, *[refuses("Nonce too high. Expected nonce to be 0")] * 2)
    assert post(rounds)["status"] == 1
    assert len({str(parameters) for method, parameters in proxy.seen if method == SEND}) == 1
    assert nonce(node, rounds) == first + 1


def test_a_nonce_whose_predecessor_has_gone_is_given_up(node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
    first = nonce(node, rounds)
    proxy.then("eth_getTransactionCount", results(hex(first + 1)))
    proxy.then(SEND, *[refuses("NonceGap")] * 4)
    proxy.always(SEND, lambda call: passes(call) if sent_nonce(call) == first else refuses("NonceGap")(call))
    assert post(rounds)["status"] == 1
    assert nonce(node, rounds) == first + 1


def sent_nonce(call: Call) -> int:
    return int(TypedTransaction.from_bytes(HexBytes(call.parameters[0])).as_dict()["nonce"])


def test_a_nonce_is_given_up_whatever_else_is_in_the_block(
    node: Anvil, signer: LocalAccount, proxy: FaultProxy, rounds: Contract
) -> None:
    first = nonce(node, rounds)
    node.request("evm_setAutomine", False)
    give(node, signer, first)

    def overtake() -> None:
        give(node, signer, first + 1)
        node.request("anvil_mine")
        node.request("evm_setAutomine", True)

    proxy.then(SEND, before(overtake, drops))
    assert post(rounds)["status"] == 1
    assert nonce(node, rounds) == first + 3
    assert rounds.read("latestRoundId") == 1


def give(node: Anvil, signer: LocalAccount, nonce: int) -> None:
    fields = {"to": signer.address, "value": 1, "gas": 21_000, "chainId": 31337, "maxPriorityFeePerGas": 1}
    signed = signer.sign_transaction({**fields, "nonce": nonce, "maxFeePerGas": 3 * GWEI})
    node.request(SEND, signed.raw_transaction.to_0x_hex())


def test_a_call_that_is_built_again_is_tried_again(
    node: Anvil, client: Client, proxy: FaultProxy, rounds: Contract
) -> None:
    first = nonce(node, rounds)
    proxy.then(SEND, before(lambda: client(node.url).send("renounceOwnership")))
    with pytest.raises(ChainError, match="OwnableUnauthorizedAccount"):
        post(rounds)
    assert nonce(node, rounds) == first + 1


def test_a_nonce_that_another_client_waits_with_is_left_to_it(
    node: Anvil, client: Client, proxy: FaultProxy, rounds: Contract
) -> None:
    first = nonce(node, rounds)
    node.request("evm_setAutomine", False)
    with FaultProxy(node.url) as beside:
        other = threading.Thread(target=lambda: post(client(beside.url), 2))
        sent = threading.Event()
        beside.then(SEND, after(sent.set))
        # the other one, which pays more, is in the pool when ours with the same nonce comes
        beside.then("eth_maxPriorityFeePerGas", raised_tip(9 * GWEI))

        def overtake() -> None:
            other.start()
            assert sent.wait(10)

        proxy.then(SEND, before(overtake), after(lambda: node.request("anvil_mine")))
        assert post(rounds)["status"] == 1
        other.join()
        assert proxy.count(SEND) == 2
    assert nonce(node, rounds) == first + 2
    assert rounds.read("latestRoundId") == 2


def raised_tip(tip: int) -> Fault:
    return answers(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": hex(tip)}).encode())


def test_an_earlier_transaction_that_holds_all_others_up_is_named(
    node: Anvil, signer: LocalAccount, rounds: Contract
) -> None:
    held = nonce(node, rounds)
    node.request("evm_setAutomine", False)
    give(node, signer, held)
    with pytest.raises(
        ChainError, match=f"an earlier transaction of the account, with nonce {held}.*nonce {held + 1} as"
    ):
        post(rounds)
