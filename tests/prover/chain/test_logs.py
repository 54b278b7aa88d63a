"""Events, whole or in pieces, filtered or not: every one once, in order, and of one chain."""

import threading
from collections.abc import Iterator, Mapping

import pytest

from prover.chain import Chain, Contract, ContractCode, RequestPolicy, _log_ranges
from prover.chain._logs import Event
from prover.toolchain import Anvil
from tests.fault_proxy import Answer, Call, FaultProxy, after, before, passes, refuses, rewrites
from verifier import ChainError, SlotFractions

pytestmark = pytest.mark.full

POLICY = RequestPolicy(attempts=3, backoff_seconds=0.02, request_seconds=5)
ROUNDS = 12
GAP = 3
LOGS = "eth_getLogs"
WORDS = ("query returned more than 10000 results", "block range is too large", "limit exceeded")


def make_history(node: Anvil, code: Mapping[str, ContractCode]) -> str:
    """Rounds with empty blocks between them. Returns the address of their contract."""
    chain = Chain(node.url, code)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    for price in range(1, ROUNDS + 1):
        rounds.send("postRound", [price], [0])
        node.request("anvil_mine", hex(price % GAP))
    return rounds.address


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    """For all tests that only read."""
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def address(node: Anvil, code: Mapping[str, ContractCode]) -> str:
    return make_history(node, code)


@pytest.fixture
def rounds(code: Mapping[str, ContractCode], proxy: FaultProxy, address: str) -> Contract:
    return Chain(proxy.url, code, policy=POLICY).at("OwnerPriceRounds", address)


@pytest.fixture
def history(rounds: Contract) -> list[Event]:
    """Every event as one request gives them."""
    events = rounds.logs()
    assert [event.arguments["roundId"] for event in events if event.name == "RoundPosted"] == [*range(1, ROUNDS + 1)]
    return events


def length(call: Call) -> int:
    (query,) = call.parameters
    return int(query["toBlock"], 16) - int(query["fromBlock"], 16) + 1


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pieces_give_what_the_whole_gives(
    proxy: FaultProxy, rounds: Contract, history: list[Event], limit: int, words: str
) -> None:
    def limited(call: Call) -> Answer | None:
        return refuses(words, -32005, 400)(call) if length(call) > limit else call.forward()

    proxy.always(LOGS, limited)
    assert rounds.logs() == history
    assert rounds.logs("RoundPosted", first_block=4, last_block=9) == [
        event for event in history if event.name == "RoundPosted" and 4 <= event.block <= 9
    ]
    assert len(rounds.log_data()) == len(history)
    blocks = rounds.chain.block_number() + 1
    assert proxy.count(LOGS) < 8 * (blocks // limit + 10)


@pytest.mark.parametrize("first", [0, 5])
def test_events_are_read_backwards_as_far_as_they_are_asked_for(
    proxy: FaultProxy, rounds: Contract, history: list[Event], first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_log_ranges, "FIRST_WINDOW", 2)
    whole = [event for event in history if event.block >= first]
    assert list(rounds.logs_backwards(first_block=first)) == whole[::-1]
    before_reading = proxy.count(LOGS)
    newest = next(rounds.logs_backwards("RoundPosted", first_block=first))
    assert newest == max(history, key=lambda event: (event.block, event.index))
    assert proxy.count(LOGS) == before_reading + 1


def test_a_refusal_of_a_single_block_is_said(proxy: FaultProxy, rounds: Contract, history: list[Event]) -> None:
    proxy.always(LOGS, refuses("archive plan needed"))
    with pytest.raises(ChainError, match=r"reading the events of OwnerPriceRounds: .* refused: archive plan needed"):
        rounds.logs()
    assert history


def test_events_are_found_by_name_and_indexed_argument(rounds: Contract, history: list[Event]) -> None:
    assert rounds.logs("RoundPosted", roundId=7) == [event for event in history if event.arguments.get("roundId") == 7]
    assert [event.arguments["roundId"] for event in rounds.logs("RoundPosted", roundId=[3, 5, 99])] == [3, 5]
    owner = rounds.chain.sender
    (given,) = rounds.logs("OwnershipTransferred", newOwner=owner)
    assert given.arguments == {"previousOwner": Chain.checksum(0), "newOwner": owner}
    assert rounds.logs("OwnershipTransferred", newOwner=Chain.checksum(1)) == []
    assert rounds.logs(first_block=10**6) == []
    assert rounds.logs(last_block=10**6) == history


@pytest.mark.parametrize(
    ("event", "filters", "words"),
    [
        ("NoSuchEvent", {}, "there is no event NoSuchEvent"),
        ("RoundPosted", {"timestamp": 1}, "RoundPosted has no indexed argument timestamp"),
        (None, {"roundId": 1}, "name it"),
    ],
)
def test_what_cannot_be_filtered_is_said(
    rounds: Contract, event: str | None, filters: dict[str, int], words: str
) -> None:
    with pytest.raises(ChainError, match=words):
        rounds.logs(event, **filters)


def test_an_event_says_where_it_is(rounds: Contract, history: list[Event]) -> None:
    for event in history:
        assert event.block_hash == rounds.chain.block_hash(event.block)
        assert event.transaction in {
            bytes(transaction["hash"]) for transaction in rounds.chain.transactions(event.block)
        }
    assert [(event.block, event.index) for event in history] == sorted((e.block, e.index) for e in history)
    assert rounds.events() == [(event.name, event.arguments, event.block) for event in history]


@pytest.mark.parametrize(
    "changes",
    [
        {"address": Chain.checksum(1)},
        {"blockNumber": "0xffff"},
        {"topics": ["0x" + 64 * "1"]},
        {"topics": []},
    ],
    ids=["address", "block", "topic", "no topics"],
)
def test_logs_that_were_not_asked_for_are_refused(
    proxy: FaultProxy, rounds: Contract, history: list[Event], changes: dict[str, object]
) -> None:
    proxy.always(LOGS, rewrites(lambda logs: [*logs[:-1], {**logs[-1], **changes}]))
    with pytest.raises(ChainError, match="logs that were not asked for"):
        rounds.logs("RoundPosted", roundId=[*range(1, ROUNDS + 1)])
    assert history


class TestAChainThatMoves:
    @pytest.fixture
    def node(self) -> Iterator[Anvil]:
        with Anvil() as node:
            yield node

    @pytest.fixture
    def address(self, node: Anvil, code: Mapping[str, ContractCode]) -> str:
        return make_history(node, code)

    def test_pieces_grow_again_after_a_crowded_part(
        self, node: Anvil, proxy: FaultProxy, rounds: Contract, history: list[Event]
    ) -> None:
        node.request("anvil_mine", hex(1024))
        crowded = max(event.block for event in history)

        def limited(call: Call) -> Answer | None:
            begins = int(call.parameters[0]["fromBlock"], 16)
            return refuses(WORDS[0])(call) if begins <= crowded and length(call) > 2 else call.forward()

        before_reading = proxy.count(LOGS)
        proxy.always(LOGS, limited)
        assert rounds.logs() == history
        assert proxy.count(LOGS) - before_reading < 100

    def test_pieces_are_as_long_as_the_provider_allows(self, node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
        rounds.send("postRound", [1], [0])
        node.request("anvil_mine", hex(1000))
        whole = rounds.logs()
        before_reading = proxy.count(LOGS)
        proxy.always(LOGS, lambda call: refuses(WORDS[1])(call) if length(call) > 300 else call.forward())
        assert rounds.logs() == whole
        assert proxy.count(LOGS) - before_reading < 10

    def test_a_reorganisation_while_reading_mixes_no_two_chains(
        self, node: Anvil, proxy: FaultProxy, rounds: Contract, history: list[Event]
    ) -> None:
        newest = rounds.chain.block_number()
        depth = newest - history[ROUNDS // 2].block + 1
        done = threading.Event()

        def reorganise() -> None:
            node.request("anvil_reorg", depth, [])
            done.set()

        def limited(call: Call) -> Answer | None:
            if length(call) > 3:
                return refuses(WORDS[0])(call)
            if int(call.parameters[0]["fromBlock"], 16) > newest - 4 and not done.is_set():
                return before(reorganise)(call)
            return passes(call)

        proxy.always(LOGS, limited)
        events = rounds.logs()
        assert done.is_set()
        assert len(events) < len(history)
        for event in events:
            assert event.block_hash == rounds.chain.block_hash(event.block)

    def test_a_chain_that_never_rests_is_said(self, node: Anvil, proxy: FaultProxy, rounds: Contract) -> None:
        node.request("anvil_mine", "0x5")
        proxy.always(LOGS, after(lambda: node.request("anvil_reorg", 2, [])))
        with pytest.raises(ChainError, match="reorganised its chain each time"):
            rounds.logs()
