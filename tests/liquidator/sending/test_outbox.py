"""Sending with a store: what is asked for happens once, in order, whatever fails on the way."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_account.typed_transactions import TypedTransaction
from hexbytes import HexBytes
from web3.exceptions import ContractLogicError

from liquidator.sending import Outbox
from liquidator.store import EngineStore, Outcome, StoreError, TransactionState
from prover.chain import Chain, ContractCode
from prover.toolchain import Anvil, compile_contracts
from tests.fault_proxy import EVERY, FaultProxy, answers, before, drops, loses_answer, passes, refuses, results
from tests.payments import (
    ETHER,
    FLAG,
    GAS,
    GWEI,
    LONG,
    POLICY,
    SEND,
    SETTINGS,
    OpenOutbox,
    balance,
    count,
    offered,
    pay,
    pool,
    states,
    target,
    until,
)
from verifier import ChainError, InputError, SlotFractions, UndecidedError

pytestmark = pytest.mark.full


# ---------------------------------------------------------------------------------------------- the usual


def test_a_transaction_is_written_before_it_is_broadcast(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox
) -> None:
    seen: list[bytes] = []

    def look() -> None:
        (stored,) = store.transactions(outbox.chain_id, outbox.address)
        seen.append(stored.signed[-1].raw)

    proxy.then(SEND, before(look))
    receipt = pay(outbox, to := target())
    assert receipt["status"] == 1
    assert balance(node, to) == 1
    ((raw,),) = (parameters for method, parameters in proxy.seen if method == SEND)
    assert ["0x" + one.hex() for one in seen] == [raw]
    assert states(store, outbox) == {0: TransactionState.MINED}


def test_what_cannot_be_written_is_not_broadcast(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full; nothing was recorded")

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_transaction", full)
        with pytest.raises(StoreError, match="the disk is full"):
            pay(outbox, to := target())
    assert proxy.count(SEND) == 0
    pay(outbox, to)
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_threads_send_at_the_same_time_and_nonces_leave_no_gap(node: Anvil, outbox: Outbox) -> None:
    to = target()
    with ThreadPoolExecutor(6) as threads:
        receipts = list(threads.map(lambda number: pay(outbox, to, 10**number), range(6)))
    assert all(receipt["status"] == 1 for receipt in receipts)
    assert balance(node, to) == 111_111
    assert count(node, outbox.address) == 6


def test_several_are_in_flight_and_nonces_are_in_order(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    node.request("evm_setAutomine", False)
    to = target()
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(pay, outbox, to) for _ in range(4)]
        until(lambda: set(pool(node, outbox.address)) == {0, 1, 2, 3})
        assert outbox.open_transactions == 4
        node.request("anvil_mine")
        assert len({bytes(one.result()["transactionHash"]) for one in waiting}) == 4
    assert balance(node, to) == 4
    assert outbox.open_transactions == 0


def test_a_job_that_is_sent_twice_is_mined_once(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    to = target()
    with outbox.work(FLAG, 7), ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(copy_context().run, pay, outbox, to, value) for value in (1, 2, 3)]
        receipts = [one.result() for one in waiting]
        receipts.append(pay(outbox, to, 4))
        job = store.job(1)
    assert len({bytes(receipt["transactionHash"]) for receipt in receipts}) == 1
    assert count(node, outbox.address) == 1
    assert store.job(job.id).outcome is Outcome.DONE
    with outbox.work(FLAG, 7):
        pay(outbox, to)  # the job is done: this is another one
    assert count(node, outbox.address) == 2


def test_a_job_that_is_refused_ends_with_its_reason(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    node.request("anvil_setCode", to := target(), "0x5f5ffd")  # reverts
    jobs = []

    def send() -> None:
        with outbox.work(FLAG, 7):
            try:
                pay(outbox, to)
            except ContractLogicError:
                jobs.extend(store.jobs_in_flight(FLAG.chain_id, FLAG.book))
                raise ChainError("words") from None

    with pytest.raises(ChainError, match="words"):
        send()
    (job,) = jobs
    assert (store.job(job.id).outcome, store.job(job.id).detail) == (Outcome.REFUSED, "words")
    assert count(node, outbox.address) == 0


def test_a_job_whose_transaction_reverted_may_send_again(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    to = target()
    node.request("evm_setAutomine", False)
    request = {"from": outbox.address, "to": to, "value": 1, "data": b"", "chainId": outbox.chain_id}
    with outbox.work(FLAG, 7), ThreadPoolExecutor(1) as threads:
        context = copy_context()
        waiting = threads.submit(context.run, outbox.send, request, "a flag")
        until(lambda: pool(node, outbox.address))
        node.request("anvil_setCode", to, "0x5f5ffd")  # reverts
        node.request("anvil_mine")
        assert waiting.result()["status"] == 0
        node.request("anvil_setCode", to, "0x")
        node.request("evm_setAutomine", True)
        assert outbox.send(request, "a flag")["status"] == 1
    assert balance(node, to) == 1


@pytest.fixture(scope="module")
def code() -> Mapping[str, ContractCode]:
    return compile_contracts()


def test_clients_send_through_an_outbox_unchanged(
    node: Anvil, proxy: FaultProxy, code: Mapping[str, ContractCode], store: EngineStore, outbox: Outbox
) -> None:
    chain = Chain(proxy.url, code, sending=outbox)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    rounds.send("postRound", [1], [0])
    assert rounds.read("latestRoundId") == 1
    with pytest.raises(ChainError, match=r"WrongLength\(1, 2\)") as caught:
        rounds.send("postRound", [1, 1], [1, 1])
    assert caught.value.refusal == "WrongLength"
    heir = Chain(node.url, code)
    rounds.send("transferOwnership", heir.sender)
    accept = heir.at("OwnerPriceRounds", rounds.address)
    proxy.then(SEND, before(lambda: accept.send("acceptOwnership")))
    with pytest.raises(ChainError, match=r"failed when it was mined.*OwnableUnauthorizedAccount") as caught:
        rounds.send("postRound", [1], [0])
    assert caught.value.refusal == "OwnableUnauthorizedAccount"
    purposes = [found.purpose for found in store.transactions(chain.chain_id, chain.sender, list(TransactionState))]
    assert purposes == [
        "deploying OwnerPriceRounds",
        "OwnerPriceRounds.postRound",
        "OwnerPriceRounds.transferOwnership",
        "OwnerPriceRounds.postRound",
    ]


def test_a_second_outbox_on_a_key_is_refused_at_once(outbox: Outbox, open_outbox: OpenOutbox) -> None:
    with pytest.raises(InputError, match=f"another process sends with the key of {outbox.address} on chain 31337"):
        open_outbox()
    outbox.close()
    open_outbox()


# ---------------------------------------------------------------------------------------------- the node fails


@pytest.mark.parametrize("faults", [[loses_answer], [drops], [answers(503), loses_answer]])
def test_a_lost_answer_sends_nothing_twice(node: Anvil, proxy: FaultProxy, outbox: Outbox, faults: list[Any]) -> None:
    proxy.then(SEND, *faults)
    pay(outbox, to := target())
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_a_node_that_is_gone_for_a_while_is_waited_for(
    node: Anvil, proxy: FaultProxy, store: EngineStore, open_outbox: OpenOutbox
) -> None:
    """The caller is told that it is undecided; the outbox goes on, and the job finds its transaction."""
    outbox = open_outbox(policy=replace(POLICY, request_seconds=0.2, attempts=1))
    to = target()
    proxy.then(SEND, before(lambda: proxy.always(EVERY, drops), drops))
    with pytest.raises(UndecidedError, match=r"does not answer.*may still be mined"), outbox.work(FLAG, 7):
        pay(outbox, to)
    proxy.always(EVERY, passes)
    with outbox.work(FLAG, 7):
        assert pay(outbox, to)["status"] == 1
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_a_node_that_is_behind_gives_no_nonce_twice(node: Anvil, proxy: FaultProxy, outbox: Outbox) -> None:
    """It counts none of the transactions that are mined."""
    to = target()
    pay(outbox, to)
    proxy.then("eth_getTransactionCount", results("0x0"))
    pay(outbox, to)
    assert (balance(node, to), count(node, outbox.address)) == (2, 2)


def test_a_node_that_loses_its_mempool_gets_the_same_bytes_again(
    node: Anvil, proxy: FaultProxy, outbox: Outbox
) -> None:
    node.request("evm_setAutomine", False)
    to = target()
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(pay, outbox, to) for _ in range(2)]
        until(lambda: set(pool(node, outbox.address)) == {0, 1})
        for transaction in list(pool(node, outbox.address).values()):
            node.request("anvil_dropTransaction", transaction["hash"])
        assert not pool(node, outbox.address)
        until(lambda: set(pool(node, outbox.address)) == {0, 1})
        node.request("anvil_mine")
        for one in waiting:
            one.result()
    assert (balance(node, to), count(node, outbox.address)) == (2, 2)


def test_a_nonce_that_another_program_took_is_given_up(
    node: Anvil, proxy: FaultProxy, signer: LocalAccount, store: EngineStore, outbox: Outbox
) -> None:
    to, theirs = target(), target()
    proxy.then(SEND, before(lambda: give(node, signer, theirs, 0)))
    pay(outbox, to)
    assert (balance(node, to), balance(node, theirs), count(node, outbox.address)) == (1, 1, 2)
    assert states(store, outbox)[1] is TransactionState.MINED


def give(node: Anvil, signer: LocalAccount, to: str, nonce: int) -> None:
    fields = {"to": to, "value": 1, "gas": GAS, "chainId": 31337, "maxPriorityFeePerGas": 1, "maxFeePerGas": 3 * GWEI}
    signed = signer.sign_transaction({**fields, "nonce": nonce})
    node.request(SEND, signed.raw_transaction.to_0x_hex())


# ------------------------------------------------------------------------------------------- reorganisations


def test_what_a_reorganisation_drops_is_sent_again(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    """After its caller has the receipt, and has done with it."""
    to = target()
    with outbox.work(FLAG, 7):
        pay(outbox, to)
    node.request("anvil_mine", "0x2")
    node.request("anvil_reorg", 3, [])
    assert balance(node, to) == 0
    until(lambda: balance(node, to) == 1)
    until(lambda: states(store, outbox) == {0: TransactionState.MINED})
    assert count(node, outbox.address) == 1


def test_what_a_reorganisation_drops_is_found_by_a_caller_that_sees_it_first(
    node: Anvil, store: EngineStore, open_outbox: OpenOutbox
) -> None:
    outbox, to = open_outbox(settings=replace(SETTINGS, watch_seconds=LONG)), target()
    with outbox.work(FLAG, 7):
        first = pay(outbox, to)
    node.request("anvil_mine", "0x5")
    node.request("anvil_reorg", 6, [])
    with outbox.work(FLAG, 8):
        assert pay(outbox, to)["transactionHash"] == first["transactionHash"]
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)
    assert store.jobs_in_flight(FLAG.chain_id, FLAG.book) == []


def test_what_is_deep_enough_is_final(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    pay(outbox, target())
    node.request("anvil_mine", hex(SETTINGS.final_blocks - 2))
    time.sleep(5 * SETTINGS.watch_seconds)
    assert states(store, outbox) == {0: TransactionState.MINED}
    node.request("anvil_mine")
    until(lambda: states(store, outbox) == {0: TransactionState.FINAL})


def test_a_reorganisation_while_no_outbox_runs_is_noticed_by_the_next(
    node: Anvil, store: EngineStore, open_outbox: OpenOutbox
) -> None:
    first = open_outbox()
    pay(first, to := target())
    first.close()
    node.request("anvil_mine")
    node.request("anvil_reorg", 2, [])
    second = open_outbox()
    until(lambda: balance(node, to) == 1)
    assert count(node, second.address) == 1


# -------------------------------------------------------------------------------------------------- fees


def test_fees_that_are_too_low_are_raised_under_the_same_nonce(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox
) -> None:
    node.request("evm_setAutomine", False)
    to = target()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pay, outbox, to)
        until(lambda: pool(node, outbox.address))
        node.request("anvil_setNextBlockBaseFeePerGas", hex(40 * GWEI))
        node.request("anvil_mine")
        assert balance(node, to) == 0
        until(lambda: offered(node, outbox.address) > 40 * GWEI)
        node.request("anvil_mine")
        with suppress(UndecidedError):
            waiting.result()
    until(lambda: balance(node, to) == 1)
    (stored,) = store.transactions(outbox.chain_id, outbox.address, list(TransactionState))
    sent = {parameters[0] for method, parameters in proxy.seen if method == SEND}
    assert sent == {"0x" + one.raw.hex() for one in stored.signed}
    assert len(sent) > 1
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_fees_stop_at_their_share_of_the_profit(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    profit = 2 * (GAS + GAS // 5) * 10 * GWEI  # half of it: 10 gwei for a unit of gas
    to = target()
    with outbox.work(FLAG, 7, profit):
        node.request("anvil_setNextBlockBaseFeePerGas", hex(30 * GWEI))
        node.request("anvil_mine")
        with pytest.raises(ChainError, match="may cost 10000000000 wei of what is gained; nothing was sent"):
            pay(outbox, to)
    assert states(store, outbox) == {}
    node.request("anvil_setNextBlockBaseFeePerGas", hex(2 * GWEI))
    node.request("anvil_mine")
    node.request("evm_setAutomine", False)

    def send() -> Mapping[str, Any]:
        with outbox.work(FLAG, 7, profit):
            return pay(outbox, to)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(send)
        until(lambda: pool(node, outbox.address))
        for _ in range(3):
            node.request("anvil_setNextBlockBaseFeePerGas", hex(30 * GWEI))
            node.request("anvil_mine")
            time.sleep(POLICY.bump_seconds)
        with pytest.raises(UndecidedError):
            waiting.result()
    (stored,) = store.transactions(outbox.chain_id, outbox.address)
    offers = [TypedTransaction.from_bytes(HexBytes(one.raw)).as_dict()["maxFeePerGas"] for one in stored.signed]
    assert max(offers) <= 10 * GWEI
    until(lambda: node.request("anvil_mine") or balance(node, to) == 1)  # empty blocks lower the base fee


def test_a_replacement_that_cannot_be_written_is_not_broadcast(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()

    def full(*_: object) -> None:
        refused.set()
        raise StoreError("the disk is full; nothing was recorded")

    monkeypatch.setattr(store, "write_replacement", full)
    node.request("evm_setAutomine", False)
    to = target()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pay, outbox, to)
        assert refused.wait(LONG)
        node.request("anvil_mine")
        with suppress(UndecidedError):
            waiting.result()
    until(lambda: balance(node, to) == 1)
    assert len({parameters[0] for method, parameters in proxy.seen if method == SEND}) == 1


# -------------------------------------------------------------------------------------------------- gaps


def test_a_transaction_that_fails_does_not_hold_up_those_behind_it(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox
) -> None:
    """The node refuses the first for good, after the second has the next nonce: an empty one takes its place."""
    first, second, go_on = target(), target(), threading.Event()

    def refuse(call: Any) -> Any:
        go_on.wait(LONG)
        return refuses("exceeds block gas limit")(call)

    proxy.then(SEND, refuse)
    with ThreadPoolExecutor(2) as threads:
        failing = threads.submit(pay, outbox, first)
        until(lambda: states(store, outbox))
        waiting = threads.submit(pay, outbox, second)
        until(lambda: len(states(store, outbox)) == 2)
        go_on.set()
        with pytest.raises(ChainError, match="exceeds block gas limit; nothing was sent"):
            failing.result()
        assert waiting.result()["status"] == 1
    assert (balance(node, first), balance(node, second), count(node, outbox.address)) == (0, 1, 2)


def test_a_transaction_that_fails_alone_leaves_its_nonce_free(
    node: Anvil, proxy: FaultProxy, store: EngineStore, outbox: Outbox
) -> None:
    proxy.then(SEND, refuses("exceeds block gas limit"))
    with pytest.raises(ChainError, match="exceeds block gas limit; nothing was sent"):
        pay(outbox, target())
    assert states(store, outbox) == {0: TransactionState.DROPPED}
    pay(outbox, to := target())
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_an_account_without_ether_is_named(node: Anvil, store: EngineStore, outbox: Outbox) -> None:
    node.request("anvil_setBalance", outbox.address, hex(GAS * GWEI // 1000))
    with pytest.raises(ChainError, match=f"{outbox.address} has 0.000000.* ETH, which does not pay.*send it ETH"):
        pay(outbox, target())
    node.request("anvil_setBalance", outbox.address, hex(ETHER))
    pay(outbox, to := target())
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)


def test_what_became_pointless_gives_way_only_where_another_waits(
    node: Anvil, store: EngineStore, outbox: Outbox
) -> None:
    node.request("evm_setAutomine", False)
    first, second = target(), target()

    def send() -> Mapping[str, Any]:
        with outbox.work(FLAG, 7):
            return pay(outbox, first)

    with ThreadPoolExecutor(2) as threads:
        pointless = threads.submit(send)
        until(lambda: pool(node, outbox.address))
        outbox.abandon(FLAG)
        time.sleep(3 * POLICY.bump_seconds)
        assert pool(node, outbox.address)[0]["to"] == first.lower(), "nothing waits for it"
        waiting = threads.submit(pay, outbox, second)
        until(lambda: 1 in pool(node, outbox.address))
        until(lambda: pool(node, outbox.address)[0]["to"] == outbox.address.lower())
        node.request("anvil_mine")
        with pytest.raises(ChainError, match="it was given up, and an empty transaction took its nonce"):
            pointless.result()
        assert waiting.result()["status"] == 1
    assert (balance(node, first), balance(node, second)) == (0, 1)


# ----------------------------------------------------------------------------------------------- private sending


def private(node: FaultProxy) -> Any:
    return replace(SETTINGS, private_url=f"{node.url}/secret-key-of-the-relay", private_blocks=2)


def test_the_private_node_gets_a_transaction_first_and_the_public_one_after_some_blocks(
    node: Anvil, proxy: FaultProxy, open_outbox: OpenOutbox
) -> None:
    """The relay takes it, and no block has it."""
    node.request("evm_setAutomine", False)
    with FaultProxy(node.url) as relay:
        relay.always(SEND, results("0x00"))
        outbox, to = open_outbox(settings=private(relay), policy=replace(POLICY, bump_seconds=LONG)), target()
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(pay, outbox, to)
            until(lambda: relay.count(SEND))
            node.request("anvil_mine")
            time.sleep(1)
            assert proxy.count(SEND) == 0
            node.request("anvil_mine")
            until(lambda: pool(node, outbox.address))
            assert proxy.count(SEND) > 0
            node.request("anvil_mine")
            waiting.result()
    assert balance(node, to) == 1


def test_what_the_private_node_has_mined_never_reaches_the_public_one(
    node: Anvil, proxy: FaultProxy, open_outbox: OpenOutbox
) -> None:
    with FaultProxy(node.url) as relay:
        pay(open_outbox(settings=private(relay)), to := target())
        assert relay.count(SEND) == 1
    assert proxy.count(SEND) == 0
    assert balance(node, to) == 1


@pytest.mark.parametrize("fault", [drops, refuses("you shall not pass"), answers(500)])
def test_a_private_node_that_fails_delays_and_tells_no_secret(
    node: Anvil, proxy: FaultProxy, open_outbox: OpenOutbox, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    with FaultProxy(node.url) as relay:
        relay.always(SEND, fault)
        outbox, to = open_outbox(settings=private(relay)), target()
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(pay, outbox, to)
            until(lambda: relay.count(SEND))
            node.request("anvil_mine", "0x2")
            waiting.result()
    assert (balance(node, to), count(node, outbox.address)) == (1, 1)
    assert "the public node gets the transaction" in caplog.text
    assert "secret-key" not in caplog.text + repr(outbox)
