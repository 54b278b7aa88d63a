"""Several view calls in one request, on a node that runs code without a receiver and on one that does not."""

from collections.abc import Iterator, Mapping

import pytest

from prover.chain import Chain, ContractCode
from prover.chain._chain import Contract
from prover.chain._many_reads import MAX_CALLS, ViewCall, read_many
from prover.toolchain import Anvil
from tests.fault_proxy import FaultProxy, refuses
from verifier import ChainError, SlotFractions

MARGINS = tuple(SlotFractions(30_000, 50_000))


@pytest.fixture(scope="module")
def shared_node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def deployed(shared_node: Anvil, code: Mapping[str, ContractCode]) -> Contract:
    chain = Chain(shared_node.url, code)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [MARGINS, MARGINS])
    rounds.send("postRound", [2, 3], [0, -1])
    return rounds


@pytest.fixture
def proxied(
    shared_node: Anvil, code: Mapping[str, ContractCode], deployed: Contract
) -> Iterator[tuple[FaultProxy, Contract]]:
    with FaultProxy(shared_node.url) as proxy:
        rounds = Chain(proxy.url, code).at(deployed.name, deployed.address)
        proxy.seen.clear()
        yield proxy, rounds


CALLS = (("round", 1), ("assetCount",), ("roundInputs", 1, [0], 10**18))


@pytest.mark.parametrize("runs_code", [True, False])
def test_all_answers_are_those_of_single_reads(proxied: tuple[FaultProxy, Contract], runs_code: bool) -> None:
    proxy, rounds = proxied
    singly = [rounds.read(name, *arguments) for name, *arguments in CALLS]
    proxy.seen.clear()
    if not runs_code:
        proxy.then("eth_call", refuses("unsupported: a call without a receiver"))
    assert rounds.read_all(*CALLS) == singly
    asked = [parameters for method, parameters in proxy.seen if method == "eth_call"]
    assert ["to" in parameters[0] for parameters in asked] == [False, *([] if runs_code else [True] * len(CALLS))]


def test_the_refusal_of_one_is_named(proxied: tuple[FaultProxy, Contract]) -> None:
    _, rounds = proxied
    with pytest.raises(ChainError, match=r"reading OwnerPriceRounds\.assetCount, round: .*UnknownRound") as caught:
        rounds.read_all(("assetCount",), ("round", 2))
    assert caught.value.refusal == "UnknownRound"


def test_answers_that_are_cut_off_are_asked_for_singly(
    proxied: tuple[FaultProxy, Contract], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rounds = proxied
    whole = rounds.read_all(*CALLS)
    call = rounds.chain._web3.eth.call

    def cut(request: dict[str, object], *rest: object) -> bytes:
        answer = bytes(call(request, *rest))  # type: ignore[arg-type]
        return answer if "to" in request else answer[:-32]

    monkeypatch.setattr(rounds.chain._web3.eth, "call", cut)
    assert rounds.read_all(*CALLS) == whole


def test_many_calls_are_put_into_several_requests(proxied: tuple[FaultProxy, Contract]) -> None:
    proxy, rounds = proxied
    data = rounds.chain._abi(rounds.name).functions["assetCount"].encode(())
    calls = [ViewCall(rounds.address, data)] * (MAX_CALLS + 1)
    assert [int.from_bytes(one) for one in read_many(rounds.chain._web3, calls, "latest")] == [2] * len(calls)
    assert [method for method, _ in proxy.seen if method == "eth_call"] == ["eth_call"] * 2
