"""Transactions that a node refuses: final when the node cannot have taken them, else they may still be mined."""

from collections.abc import Mapping
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from prover.chain import Chain, Contract, ContractCode, RequestPolicy, _http
from tests.fault_proxy import Answer, Call, Fault, FaultProxy, answers, refuses
from verifier import ChainError, SlotFractions, UndecidedError

pytestmark = pytest.mark.full

POLICY = RequestPolicy(attempts=3, backoff_seconds=0.02, response_seconds=2, request_seconds=0.5)
SEND = "eth_sendRawTransaction"


@pytest.fixture
def rounds(code: Mapping[str, ContractCode], signer: LocalAccount, proxy: FaultProxy) -> Contract:
    """A price source whose owner sends through the proxy."""
    chain = Chain(proxy.url, code, signer, policy=POLICY)
    return chain.deploy("OwnerPriceRounds", signer.address, [tuple(SlotFractions(30_000, 50_000))])


@pytest.mark.parametrize(
    "fault",
    [
        refuses("exceeds block gas limit"),
        refuses("transaction type not supported"),
        refuses("the method eth_sendRawTransaction does not exist/is not available", -32601),
        refuses("Some words of their own", -32003),
        answers(401),
    ],
    ids=["gas limit", "type", "method", "rejected by its code", "401"],
)
def test_a_definite_refusal_is_final(proxy: FaultProxy, rounds: Contract, fault: Fault) -> None:
    proxy.always(SEND, fault)
    with pytest.raises(ChainError, match=r"nothing was sent$") as refused:
        rounds.send("postRound", [1], [0])
    assert not isinstance(refused.value, UndecidedError)


def test_a_refusal_of_unknown_meaning_may_still_be_mined(proxy: FaultProxy, rounds: Contract) -> None:
    proxy.always(SEND, refuses("internal error"))
    with pytest.raises(UndecidedError, match="may still be mined"):
        rounds.send("postRound", [1], [0])


def test_a_refusal_of_what_the_node_has_is_none(proxy: FaultProxy, rounds: Contract) -> None:
    """A gateway sent it to two nodes, and passes on what the second one said."""

    def twice(call: Call) -> Answer | None:
        call.forward()
        return refuses("invalid transaction")(call)

    proxy.then(SEND, twice)
    rounds.send("postRound", [1], [0])
    assert rounds.read("latestRoundId") == 1


@pytest.mark.parametrize("signs", [True, False], ids=["key of ours", "key of the node"])
def test_a_node_that_was_never_reached_has_nothing(
    code: Mapping[str, ContractCode], proxy: FaultProxy, rounds: Contract, signs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node goes away between the estimate and the transaction: no connection, so nothing was sent."""
    ask = _http._Node.ask

    def ask_or_lose(self: Any, method: Any, request: bytes) -> Any:
        if method in {SEND, "eth_sendTransaction"}:
            self._url = "http://127.0.0.1:1"
        return ask(self, method, request)

    if not signs:
        chain = Chain(proxy.url, code, policy=POLICY)
        rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    monkeypatch.setattr(_http._Node, "ask", ask_or_lose)
    with pytest.raises(ChainError, match=r"does not answer.*nothing was sent$") as refused:
        rounds.send("postRound", [1], [0])
    assert not isinstance(refused.value, UndecidedError)
