"""Sending beside others with the same key: each gets a nonce of its own, and what each asks for happens once."""

import json
import threading
from collections.abc import Callable, Mapping

import pytest
from eth_account.signers.local import LocalAccount

from prover.toolchain import Anvil
from tests.verifier.fault_proxy import Fault, FaultProxy, after, answers, before, drops, loses_answer, passes
from verifier import ChainError
from verifier.chain import Chain, Contract, ContractCode
from verifier.chain._faults_http import Patience

pytestmark = pytest.mark.full

PATIENCE = Patience(attempts=4, first_pause=0.02, request_seconds=5, bump_seconds=0.4, bumps=3, nonces=30)
SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"
GWEI = 10**9


Client = Callable[[str], Contract]


@pytest.fixture
def client(node: Anvil, code: Mapping[str, ContractCode], signer: LocalAccount) -> Client:
    """Clients of one price source, with one key, through a URL each."""
    owner = Chain(node.url, code, signer)
    address = owner.deploy("OwnerPriceRounds", owner.sender, [30_000], [50_000]).address
    return lambda url: Chain(url, code, signer, patience=PATIENCE).at("OwnerPriceRounds", address)


@pytest.fixture
def rounds(client: Client, proxy: FaultProxy) -> Contract:
    return client(proxy.url)


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


def test_a_call_that_is_built_anew_is_tried_anew(
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
