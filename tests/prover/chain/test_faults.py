"""Reading from nodes that fail: what passes is waited for, what does not is said clearly, and no key is ever shown."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import pytest
from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from prover.chain import Chain, Contract, ContractCode, RequestPolicy, _http
from prover.chain._rpc_results import is_valid_result
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
    refuses,
    results,
)
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

POLICY = RequestPolicy(attempts=4, backoff_seconds=0.02, connect_seconds=2, response_seconds=1, request_seconds=8)
KEY = "0123456789abcdefSECRET"

PASSING = {
    "drops": drops,
    "loses the answer": loses_answer,
    "hangs": hangs,
    "429": answers(429, b'{"jsonrpc": "2.0", "id": 1, "error": {"code": 429, "message": "slow down"}}'),
    "502": answers(502, b"<html>Bad Gateway</html>"),
    "503": answers(503),
    "504": answers(504),
    "HTML": html,
    "half an answer": answers(200, b'{"jsonrpc": "2.0", "id": 1, "res'),
    "another JSON": answers(200, b"[]"),
    "no result": answers(200, b'{"jsonrpc": "2.0", "id": 1}'),
    "nothing": results(None),
    "another result": results({"data": "0x"}),
    "nested": answers(200, b'{"result": ' + 200_000 * b"["),
    "drips": drips,
    "rate limit": refuses("request rate limited", -32005),
}
LASTING = {
    "401": (answers(401), "HTTP 401; is its URL right"),
    "404": (answers(404, b"<html>not here</html>"), "HTTP 404; is its URL right"),
    "redirect": (answers(307), "no JSON-RPC"),
    "refused with 400": (refuses("missing trie node", status=400), "refused: missing trie node"),
}


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def address(node: Anvil, code: Mapping[str, ContractCode]) -> str:
    chain = Chain(node.url, code)
    return chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))]).address


@pytest.fixture
def rounds(proxy: FaultProxy, code: Mapping[str, ContractCode], address: str) -> Contract:
    return Chain(proxy.url, code, policy=POLICY).at("OwnerPriceRounds", address)


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_waited_for(proxy: FaultProxy, rounds: Contract, fault: Fault) -> None:
    proxy.then("eth_call", fault, fault)
    assert rounds.read("assetCount") == 1
    assert proxy.count("eth_call") == 3


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_does_not_pass_ends_after_as_many_attempts_as_allowed(
    proxy: FaultProxy, rounds: Contract, fault: Fault
) -> None:
    proxy.always("eth_call", fault)
    with pytest.raises(ChainError, match=f"^reading OwnerPriceRounds.assetCount: the node at {proxy.url} "):
        rounds.read("assetCount")
    assert proxy.count("eth_call") == POLICY.attempts


@pytest.mark.parametrize(("fault", "words"), LASTING.values(), ids=LASTING)
def test_what_cannot_pass_is_not_asked_again_for_long(
    proxy: FaultProxy, rounds: Contract, fault: Fault, words: str
) -> None:
    proxy.always("eth_call", fault)
    with pytest.raises(ChainError, match=words):
        rounds.read("assetCount")
    assert proxy.count("eth_call") == (POLICY.attempts if "JSON-RPC" in words else 1)


NONSENSE: list[object] = [None, 5, True, "", "0x", "0xnot", "0x" + 65 * "1", [], {}, [None], [{}], {"hash": None}]
SOME_NONSENSE: list[object] = [None, "0xnot", [None], {"hash": None}]


@pytest.mark.parametrize(
    "nonsense", [SOME_NONSENSE, pytest.param(NONSENSE, marks=pytest.mark.deep)], ids=["some", "all"]
)
@pytest.mark.parametrize(
    "method",
    [
        "eth_accounts",
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_getBalance",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "eth_sendRawTransaction",
    ],
)
def test_nonsense_is_said_whatever_was_asked(
    node: Anvil, proxy: FaultProxy, code: Mapping[str, ContractCode], address: str, method: str, nonsense: list[object]
) -> None:
    """Never some other exception, which would end whatever runs here as a bug of ours."""
    signer = EthAccount.create()
    node.request("anvil_setBalance", signer.address, hex(10**18))
    one_attempt = RequestPolicy(
        attempts=1, backoff_seconds=0.01, request_seconds=0.2, bump_seconds=0.02, fee_bumps=1, nonce_attempts=1
    )

    def use(key: LocalAccount | None) -> None:
        chain = Chain(proxy.url, code, key, policy=one_attempt)
        rounds = chain.at("OwnerPriceRounds", address)
        rounds.read("assetCount")
        rounds.logs()
        chain.has_code(address)
        chain.balance(chain.sender)
        chain.timestamp()
        chain.next_contract()
        chain.transactions()
        chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])

    for value in nonsense:
        if is_valid_result(method, value):  # no code, no logs, no block
            continue
        proxy.always(method, results(value))
        first = proxy.count(method)
        for key in (signer, None):
            asked = proxy.count(method)
            with suppress(ChainError):
                use(key)
                assert proxy.count(method) == asked, f"{value} was taken for an answer"
        assert proxy.count(method) > first


def test_an_answer_without_end_is_not_read_to_its_end(
    proxy: FaultProxy, rounds: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "MAX_RESPONSE_BYTES", 1 << 20)
    proxy.always("eth_call", answers(200, b'{"result": "0x' + (1 << 20) * b"0" + b'"}'))
    with pytest.raises(ChainError, match="answers with more than 1 MiB"):
        rounds.read("assetCount")
    assert proxy.count("eth_call") == 1


def test_a_refusal_of_the_contract_is_an_answer(proxy: FaultProxy, rounds: Contract) -> None:
    with pytest.raises(ChainError, match=r"UnknownRound\(7\)") as caught:
        rounds.read("round", 7)
    assert caught.value.refusal == "UnknownRound"
    assert proxy.count("eth_call") == 1


def test_an_address_without_the_contract_is_said(rounds: Contract) -> None:
    nowhere = rounds.chain.at("OwnerPriceRounds", Chain.checksum(1 << 100))
    with pytest.raises(ChainError, match="no such contract at the address"):
        nowhere.read("assetCount")


def test_one_failing_node_does_not_stop_a_client_from_connecting(
    proxy: FaultProxy, code: Mapping[str, ContractCode]
) -> None:
    proxy.then(EVERY, drops, html, answers(503))
    assert Chain(proxy.url, code, policy=POLICY).chain_id == 31337


def test_tls_that_fails_is_said(proxy: FaultProxy, code: Mapping[str, ContractCode]) -> None:
    with pytest.raises(ChainError, match=f"the node at https://127.0.0.1:{proxy.port} offers no TLS"):
        Chain(f"https://127.0.0.1:{proxy.port}/{KEY}", code, policy=POLICY)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "ftp://node", "http://", "http://node:port", f"x//{KEY}"])
def test_what_is_no_url_is_said_without_showing_it(code: Mapping[str, ContractCode], url: str) -> None:
    with pytest.raises(ChainError, match="is not of the form http") as caught:
        Chain(url, code)
    assert not url or url not in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [*PASSING.values(), *(fault for fault, _ in LASTING.values()), refuses("no project at {path}")],
    ids=[*PASSING, *LASTING, "echo of the path"],
)
def test_the_key_in_a_url_is_never_shown(
    proxy: FaultProxy, code: Mapping[str, ContractCode], address: str, fault: Fault
) -> None:
    shown = f"http://127.0.0.1:{proxy.port}"
    quick = replace(POLICY, attempts=2, response_seconds=0.5)
    chain = Chain(f"http://user:{KEY}1@127.0.0.1:{proxy.port}/v3/{KEY}2?key={KEY}3", code, policy=quick)
    rounds = chain.at("OwnerPriceRounds", address)
    assert chain.url == shown
    proxy.always(EVERY, fault)
    texts = [repr(chain), str(chain), repr(rounds), chain.url]
    for action in (
        lambda: rounds.read("assetCount"),
        lambda: rounds.send("postRound", [1], [1]),
        rounds.logs,
        lambda: chain.balance(chain.sender),
    ):
        with pytest.raises(ChainError, match=shown) as caught:
            action()
        texts += [str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)]
    assert not [text for text in texts if KEY in text]


def test_facts_of_the_chain(node: Anvil, rounds: Contract) -> None:
    chain = rounds.chain
    node.request("anvil_setBalance", Chain.checksum(5), hex(12345))
    assert chain.balance(Chain.checksum(5)) == 12345
    before, time = chain.block_number(), chain.timestamp()
    node.move_clock(time + 100)
    assert chain.block_number() == before + 1
    assert chain.timestamp() == time + 100
    assert len({chain.block_hash(before), chain.block_hash(before + 1)}) == 2
    with pytest.raises(ChainError, match=f"reading block {before + 2}"):
        chain.block_hash(before + 2)
    rounds.send("postRound", [1], [1])
    assert rounds.read("latestRoundId") == 1
    assert rounds.read("latestRoundId", block=before) == 0
