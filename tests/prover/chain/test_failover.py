"""Several nodes: the next one is asked when one fails, what is sent happens once, and a silent node is named."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import pytest
from eth_account.signers.local import LocalAccount

from prover.chain import Chain, Contract, ContractCode, RequestPolicy
from prover.toolchain import Anvil
from tests.fault_proxy import (
    EVERY,
    Fault,
    FaultProxy,
    answers,
    drips,
    drops,
    hangs,
    html,
    loses_answer,
    passes,
    refuses,
)
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

POLICY = RequestPolicy(attempts=3, backoff_seconds=0.02, response_seconds=0.5, request_seconds=4, notice_seconds=0.2)
SEND = "eth_sendRawTransaction"
KEY = "0123456789abcdefSECRET"

FAULTS = {
    "drops": drops,
    "hangs": hangs,
    "drips": drips,
    "503": answers(503),
    "401": answers(401),
    "HTML": html,
    "rate limit": refuses("request rate limited", -32005),
}


@pytest.fixture
def proxies(node: Anvil) -> Iterator[Sequence[FaultProxy]]:
    with FaultProxy(node.url) as first, FaultProxy(node.url) as second:
        yield first, second


@pytest.fixture
def rounds(code: Mapping[str, ContractCode], signer: LocalAccount, proxies: Sequence[FaultProxy]) -> Contract:
    chain = Chain([proxy.url for proxy in proxies], code, signer, policy=POLICY)
    return chain.deploy("OwnerPriceRounds", signer.address, [tuple(SlotFractions(30_000, 50_000))])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_next_node_is_asked_and_stays_the_one_that_is_asked(
    proxies: Sequence[FaultProxy], rounds: Contract, fault: Fault
) -> None:
    first, second = proxies
    assert not second.seen
    first.always(EVERY, fault)
    assert rounds.read("assetCount") == 1
    first.always(EVERY, passes)
    before = len(first.seen)
    assert rounds.read("assetCount") == 1
    assert len(first.seen) == before
    second.always(EVERY, drops)
    assert rounds.read("assetCount") == 1
    assert len(first.seen) == before + 1


def test_a_node_that_is_down_at_the_start_does_not_matter(
    code: Mapping[str, ContractCode], proxies: Sequence[FaultProxy]
) -> None:
    first, second = proxies
    first.always(EVERY, drops)
    assert Chain([first.url, second.url], code, policy=POLICY).chain_id == 31337
    assert Chain([second.url, "http://127.0.0.1:1"], code, policy=POLICY).chain_id == 31337


def test_when_no_node_answers_the_last_one_is_named(proxies: Sequence[FaultProxy], rounds: Contract) -> None:
    for proxy in proxies:
        proxy.always(EVERY, drops)
    with pytest.raises(ChainError, match=rf"the node at ({proxies[0].url}|{proxies[1].url}) does not answer"):
        rounds.read("assetCount")
    assert all(proxy.count("eth_call") or proxy.count("eth_chainId") for proxy in proxies)


def test_more_nodes_than_attempts_are_all_asked(
    code: Mapping[str, ContractCode], proxies: Sequence[FaultProxy]
) -> None:
    dead = [f"http://127.0.0.1:{port}" for port in range(1, 5)]
    assert Chain([*dead, proxies[0].url], code, policy=POLICY).chain_id == 31337


def test_a_contract_that_refuses_has_answered(proxies: Sequence[FaultProxy], rounds: Contract) -> None:
    with pytest.raises(ChainError) as refused:
        rounds.read("round", 7)
    assert refused.value.refusal == "UnknownRound"
    assert not proxies[1].seen


def test_a_node_of_another_chain_is_never_believed(
    code: Mapping[str, ContractCode], proxies: Sequence[FaultProxy], signer: LocalAccount
) -> None:
    with Anvil(chain_id=1337) as other:
        chain = Chain([proxies[0].url, other.url], code, signer, policy=POLICY)
        proxies[0].then("eth_blockNumber", drops)
        with pytest.raises(ChainError, match=f"the node at {other.url} serves another chain than the others"):
            chain.block_number()


def test_a_node_that_does_not_tell_its_chain_is_passed_over(proxies: Sequence[FaultProxy], rounds: Contract) -> None:
    proxies[1].always("eth_chainId", refuses("not now"))
    proxies[0].then("eth_blockNumber", drops)
    assert rounds.chain.block_number() == 1
    assert proxies[1].count("eth_blockNumber") == 0


@pytest.mark.parametrize("fault", [drops, loses_answer, answers(503), answers(401)])
def test_what_is_sent_through_two_nodes_happens_once(
    node: Anvil, proxies: Sequence[FaultProxy], rounds: Contract, fault: Fault
) -> None:
    proxies[0].then(SEND, fault)
    rounds.send("postRound", [1], [0])
    assert rounds.read("latestRoundId") == 1
    assert int(node.request("eth_getTransactionCount", rounds.chain.sender, "latest"), 16) == 2
    sent = {parameters[0] for proxy in proxies for method, parameters in proxy.seen if method == SEND}
    assert len(sent) == 2  # the deployment, and the round


def test_no_key_of_any_node_is_shown(code: Mapping[str, ContractCode], proxies: Sequence[FaultProxy]) -> None:
    chain = Chain([f"{proxy.url}/v3/{KEY}{i}" for i, proxy in enumerate(proxies)], code, policy=POLICY)
    echo = refuses("no project at {path}")
    for faults in ((drops, drops), (drops, echo), (echo, drops)):
        for proxy, fault in zip(proxies, faults, strict=True):
            proxy.always("eth_blockNumber", fault)
        with pytest.raises(ChainError) as refused:
            chain.block_number()
        assert KEY not in f"{refused.value} {chain!r} {chain.url}"


def test_a_silent_node_is_named_before_its_time_is_up(
    proxies: Sequence[FaultProxy], rounds: Contract, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "prover.chain"):
        assert rounds.read("assetCount") == 1
        assert not caplog.records
        proxies[0].then("eth_call", hangs)
        assert rounds.read("assetCount") == 1
    (told,) = caplog.messages
    assert told == f"the node at {proxies[0].url} has not answered eth_call for 0.2 s; waiting up to 0.5 s"


def test_the_defaults_name_a_silent_node_after_three_seconds() -> None:
    assert RequestPolicy().notice_seconds == 3 < RequestPolicy().response_seconds


def test_no_node_at_all_is_said(code: Mapping[str, ContractCode]) -> None:
    with pytest.raises(ChainError, match="no node is named"):
        Chain([], code)
