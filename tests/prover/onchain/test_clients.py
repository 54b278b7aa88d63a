"""The typed clients of rounds, risk parameters, breaker and book, each on its real contract."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from eth_account import Account as Signer
from solidity import SOURCES, compile_sources

from prover import PriceRound, Side, Update
from prover.account import BASE
from prover.chain import (
    BookAddresses,
    BookContracts,
    BookSettings,
    Chain,
    ChainlinkClient,
    ContractCode,
    DeployedGate,
    Level,
    MarginBookClient,
    Permission,
    _log_ranges,
    median_indices,
    sign_report,
)
from prover.market import CANDIDATE_DELAY, CANDIDATE_LIFETIME, FeedFault, PostingStatus, is_calm
from prover.onchain import BookProver, UpdateVerifier
from prover.onchain.local_market import OPTION, Market, Trader
from tests.fault_proxy import FaultProxy
from verifier import ChainError, InputError, Settlement, StateUpdate

pytestmark = pytest.mark.full

DOLLAR = 10**18
USD = 13
PERP = 3


def refusal(error: pytest.ExceptionInfo[ChainError]) -> str | None:
    return error.value.refusal


def reports(market: Market, **changes: object) -> list:
    """Reports of all reporters for the next round, at the prices of the last one."""
    rounds = market.contracts.rounds
    last = rounds.round(rounds.latest_id())
    now = market.contracts.chain.timestamp() + 1
    market.node.move_clock(now)
    said = {"timestamp": now, "prices": last.prices, "funding": [0] * market.book.n, **changes}
    return [rounds.sign(reporter, **said) for reporter in market.reporters]  # type: ignore[arg-type]


def test_a_round_is_the_reference_of_its_prices(market: Market) -> None:
    """e, and d and x of every kind, as the chain derives them."""
    round_ = market.contracts.rounds.round(1)
    made = PriceRound(market.book, 1, round_.timestamp, round_.prices, (0,) * market.book.n)
    assert round_.vectors == made.vectors
    assert any(round_.vectors.maintenance.short_extra)  # of options
    assert any(round_.vectors.overdraft.long)  # of spot
    assert round_.reduce_only == 0


def test_the_chain_calls_a_round_calm_where_the_reference_does(market: Market) -> None:  # ZS-57
    """A small move, then a feed that dies, stays dead, and comes back."""
    rounds = market.contracts.rounds
    assert rounds.is_calm(1)

    def post(change: int | None) -> bool:
        before = rounds.round(rounds.latest_id())
        said: list[int | None] = [price or None for price in before.prices]
        said[PERP] = None if change is None else before.prices[PERP] + change
        after = rounds.round(rounds.post(reports(market, prices=said)).recorded())
        assert rounds.recorded_at(after.id) == market.contracts.chain.timestamp()
        calm = rounds.is_calm(after.id)
        assert calm is is_calm(
            before.vectors,
            after.vectors.effective_prices,
            reduce_only_before=before.reduce_only,
            reduce_only=after.reduce_only,
        )
        return calm

    assert [post(change) for change in (1_000, None, None, 0)] == [True, False, True, True]


def test_reports_are_signed_for_one_chain_and_contract(market: Market) -> None:
    rounds = market.contracts.rounds
    good = reports(market)
    said = {"timestamp": good[0].timestamp, "prices": good[0].prices, "funding": good[0].funding}
    address = rounds.contract.address
    for chain_id, contract in ((1, address), (31337, market.contracts.book.contract.address)):
        foreign = sign_report(market.reporters[0], chain_id, contract, **said)
        with pytest.raises(ChainError) as refused:
            rounds.post([foreign, *good[1:]])
        assert refusal(refused) == "WrongSignature"
    assert sign_report(market.reporters[0], 31337, address, **said) == good[0]
    with pytest.raises(ChainError) as refused:
        rounds.post([good[0], good[0], good[1]])
    assert refusal(refused) == "DuplicateReporter"
    with pytest.raises(ChainError) as refused:
        rounds.post([sign_report(Signer.create(), 31337, address, **said), *good[1:]])
    assert refusal(refused) == "NotReporter"
    for altered in (
        replace(good[0], prices=(1, *good[0].prices[1:])),
        replace(good[0], priced_slots=good[0].priced_slots - 1),
        replace(good[0], timestamp=good[0].timestamp - 1),
    ):
        with pytest.raises(ChainError) as refused:
            rounds.post([altered, *good[1:]])
        assert refusal(refused) == "WrongSignature"
    posted = rounds.post(good)
    assert (posted.status, posted.recorded(), posted.timestamp) == (PostingStatus.RECORDED, 2, good[0].timestamp)
    with pytest.raises(ChainError) as refused:
        rounds.post(good)
    assert refusal(refused) == "RoundOutOfOrder"


def test_a_poster_names_the_medians_and_chooses_none(market: Market) -> None:
    rounds = market.contracts.rounds
    good = [
        rounds.sign(reporter, timestamp=one.timestamp, prices=[price + k for price in one.prices], funding=one.funding)
        for k, (reporter, one) in enumerate(zip(market.reporters, reports(market), strict=True))
    ]
    posted = [good[2], *good[:2]]
    arguments = [
        (one.reporter, one.timestamp, one.priced_slots, list(one.prices), list(one.funding), one.signature)
        for one in posted
    ]
    right = median_indices(posted)
    assert right[1 + PERP] == 2
    for place in (0, 1, 3):
        wrong = right[: 1 + PERP] + bytes([place]) + right[2 + PERP :]
        with pytest.raises(ChainError) as refused:
            rounds.contract.send("postRound", arguments, wrong)
        assert refusal(refused) == "NotMedian"
    rounds.contract.send("postRound", arguments, right)
    assert rounds.round(2).prices == good[1].prices


def test_a_crash_waits_for_its_confirmation_and_the_book_goes_on_by_itself(market: Market, alice: Trader) -> None:
    """A fall of 30 % is held, and the first set a minute later confirms it: no governance takes part."""
    alice.owner.open()
    alice.owner.deposit(USD, 100 * DOLLAR)
    rounds, breaker, node = market.contracts.rounds, market.contracts.breaker, market.node
    fallen = tuple(price * 7 // 10 if slot == PERP else price for slot, price in enumerate(rounds.round(1).prices))
    held = rounds.post(reports(market, prices=fallen))
    assert (held.status, held.round_id, held.far) == (PostingStatus.HELD, 0, 1 << PERP)
    with pytest.raises(ChainError, match=f"slot {PERP}") as refused:
        held.recorded()
    assert refusal(refused) == "CandidateHeld"
    candidate = rounds.candidate()
    assert candidate is not None
    assert (candidate.timestamp, candidate.prices, candidate.stale) == (held.timestamp, fallen, 0)
    assert (rounds.latest_id(), rounds.reference_id()) == (1, 1)
    assert (breaker.level(), breaker.raised_level()) == (Level.NO_WITHDRAWALS, Level.OPEN)
    assert breaker.tripped_until() == candidate.held_at + CANDIDATE_LIFETIME
    assert market.contracts.book.permission_of(alice.owner.identity) is Permission.NO_NEW_RISK
    with pytest.raises(ChainError, match="its circuit breaker, a flag or its gate") as refused:
        alice.owner.withdraw(USD, DOLLAR, alice.address)
    assert refusal(refused) == "NotPermitted"
    alice.owner.deposit(USD, DOLLAR)
    stood = breaker.active_time(Level.NO_FLAGS)

    with pytest.raises(ChainError) as refused:
        rounds.post(reports(market, prices=fallen))
    assert refusal(refused) == "CandidateTooYoung"
    node.move_clock(candidate.held_at + CANDIDATE_DELAY)
    assert breaker.active_time(Level.NO_FLAGS) == stood
    confirmed = rounds.post(reports(market, prices=fallen))
    assert (confirmed.status, confirmed.recorded()) == (PostingStatus.CONFIRMED, 2)
    assert (rounds.candidate(), rounds.reference_id(), breaker.level()) == (None, 2, Level.OPEN)
    alice.owner.withdraw(USD, DOLLAR, alice.address)
    assert breaker.active_time(Level.NO_FLAGS) > stood


def test_a_price_within_its_limit_discards_a_candidate(market: Market) -> None:
    rounds = market.contracts.rounds
    last = rounds.round(1).prices
    rounds.post(reports(market, prices=[price * 2 if slot == PERP else price for slot, price in enumerate(last)]))
    posted = rounds.post(reports(market, prices=last))
    assert (posted.status, posted.recorded(), posted.discarded) == (PostingStatus.RECORDED, 2, True)
    assert (rounds.candidate(), market.contracts.breaker.level()) == (None, Level.OPEN)


def test_a_slot_that_no_report_prices_is_stale_and_the_others_go_on(market: Market) -> None:
    rounds = market.contracts.rounds
    last = rounds.round(1).prices
    later: list[int | None] = [price + 1 for price in last]
    later[PERP] = None
    posted = rounds.post(reports(market, prices=later))
    assert (posted.recorded(), posted.stale, rounds.round(2).reduce_only) == (2, 1 << PERP, 1 << PERP)
    prices = rounds.round(2).prices
    assert prices == tuple(price + (slot != PERP) for slot, price in enumerate(last))


def test_silence_trips_the_breaker(market: Market) -> None:
    with pytest.raises(ChainError) as refused:
        market.contracts.rounds.trip_if_stale()
    assert refusal(refused) == "RoundsAreFresh"
    market.node.move_clock(market.contracts.chain.timestamp() + 3_601)
    market.contracts.rounds.trip_if_stale()
    assert market.contracts.breaker.level() is Level.NO_WITHDRAWALS


def test_reporters_are_replaced(market: Market) -> None:
    rounds = market.contracts.rounds
    old = reports(market)
    fresh = [Signer.create() for _ in range(2)]
    rounds.set_reporters([signer.address for signer in fresh], 2)
    assert rounds.reporters() == ([signer.address for signer in fresh], 2)
    with pytest.raises(ChainError) as refused:
        rounds.post(old[:2])
    assert refusal(refused) == "NotReporter"


def test_loosening_waits_and_tightening_does_not(market: Market) -> None:
    risk = market.contracts.risk_parameters
    before = risk.asset(PERP)
    assert before == market.book.listings()[PERP]
    assert risk.spot_assets() == market.contracts.book.spot_assets() == 0b111

    looser = before._replace(maintenance_ppm=5_000, initial_ppm=10_000, deviation_ppm=3_000)
    risk.announce(PERP, looser)
    entry, executable_at = risk.announced(PERP)
    assert entry == looser
    with pytest.raises(ChainError) as refused:
        risk.execute(PERP)
    assert refusal(refused) == "TooEarly"
    market.node.move_clock(executable_at)
    risk.execute(PERP)
    assert (risk.asset(PERP), risk.version()) == (looser, 2)

    slot = market.book.slots[OPTION]
    risk.announce(slot, risk.asset(slot)._replace(deviation_ppm=1))
    risk.cancel(slot)
    with pytest.raises(ChainError) as refused:
        risk.cancel(slot)
    assert refusal(refused) == "NothingAnnounced"
    tighter = looser._replace(maintenance_ppm=20_000, initial_ppm=40_000)
    with pytest.raises(ChainError) as refused:
        risk.tighten(PERP, tighter)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"
    risk.contract.send("grantRole", risk.contract.read("STEWARD_ROLE"), market.contracts.chain.sender)
    risk.tighten(PERP, tighter)
    assert risk.asset(PERP) == tighter


def test_a_batch_tells_what_it_dropped(market: Market, alice: Trader, bob: Trader, book_prover: BookProver) -> None:
    carol, dave = (Trader.join(name, market, book_prover) for name in ("Carol", "Dave"))
    for trader in (alice, bob, carol, dave):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    good, spoiled = settlement(alice, bob), settlement(carol, dave)
    spoiled = replace(spoiled, buyer=replace(spoiled.buyer, claim=1))
    market.contracts.book.prepare_round(1)
    assert market.contracts.book.is_prepared(1)
    book = alice.owner.book
    verified, refused = alice.owner.updates.settlements(book.latest_round(), [good, spoiled, good])
    assert verified == [good, good]
    assert {index: error.reason for index, error in refused.items()} == {1: "proof-does-not-verify"}
    receipt, dropped = market.contracts.book.settle_batch(1, [good, spoiled, good])
    assert receipt["status"] == 1
    assert dropped == {1: "ProofRefused", 2: "CommitmentNotCurrent"}
    assert market.contracts.book.account(alice.owner.identity).commitment == good.buyer.new_commitment
    assert market.contracts.book.account(carol.owner.identity).commitment == spoiled.buyer.old_commitment


def test_a_key_that_is_not_the_books_verifies_nothing(alice: Trader, book_prover: BookProver) -> None:
    key = book_prover.artifacts["open"].key
    with pytest.raises(InputError, match="another key"):
        UpdateVerifier.of(alice.owner.book, key)


def settlement(buyer: Trader, seller: Trader) -> Settlement:
    round_ = buyer.owner.book.latest_round()
    ticket = buyer.owner.book.ticket(PERP, 10**8, round_.prices[PERP], round_)

    def prove(trader: Trader, side: Side) -> StateUpdate:
        owner = trader.owner
        update = Update.make(owner.viewing, owner.state().sealed, ticket=ticket, side=side)
        return owner.prover.update(owner.keys, update, owner.book.risk(round_))

    return Settlement(ticket.id, prove(buyer, Side.BUY), prove(seller, Side.SELL))


def test_guardians_are_accepted_and_no_longer(market: Market, alice: Trader) -> None:
    book = market.contracts.book
    point = market.guardian.point
    assert book.guardian_accepted((point.x, point.y))
    book.set_guardian((point.x, point.y), accepted=False)
    assert not book.guardian_accepted((point.x, point.y))
    with pytest.raises(ChainError, match="does not accept this guardian"):
        alice.owner.open()
    with pytest.raises(ChainError) as refused:
        book.set_guardian((point.x, point.y), accepted=False)
    assert refusal(refused) == "GuardianUnchanged"
    other = 5 * BASE
    assert book.openings((other.x, other.y)) == []


def test_tokens_for_other_slots_than_those_of_spot_assets_are_refused(market: Market) -> None:
    """A derivative with a token could be withdrawn, and shorts of it would not be refused."""
    tokens = [market.contracts.book.token_of(slot) for slot in range(market.book.n + 1)]
    tokens[PERP], tokens[0] = tokens[0], None
    before = market.contracts.chain.block_number()
    with pytest.raises(ChainError, match="other slots"):
        create(market, tokens)
    assert market.contracts.chain.block_number() == before


def test_a_gate_that_names_another_book_is_noticed(market: Market) -> None:
    tokens = [market.contracts.book.token_of(slot) for slot in range(market.book.n + 1)]
    chain = market.contracts.chain

    def deploy_gate(_: BookAddresses) -> DeployedGate:
        chain.deploy("CircuitBreaker", chain.sender, 0)  # one transaction too many
        return DeployedGate(chain.deploy("CircuitBreaker", chain.sender, 0).address)

    with pytest.raises(ChainError, match="another book"):
        create(market, tokens, deploy_gate)


def create(
    market: Market, tokens: list[str | None], deploy_gate: Callable[[BookAddresses], DeployedGate] | None = None
) -> BookContracts:
    point = market.guardian.point
    settings = BookSettings(
        [reporter.address for reporter in market.reporters],
        2,
        [(point.x, point.y)],
        least_outflows=dict.fromkeys(range(14), 1),
    )
    listings = market.book.listings()
    return BookContracts.create(market.contracts.chain, market.book.n, listings, tokens, settings, deploy_gate)


def test_a_chain_that_changes_between_two_reads_is_read_again(
    market: Market, alice: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commitment of a block that is gone by the time the events are read."""
    alice.owner.open()
    book, account = market.contracts.book, alice.owner.identity
    told = iter([book.account(account)._replace(commitment=12345)])
    read = MarginBookClient.account
    monkeypatch.setattr(MarginBookClient, "account", lambda self, *asked: next(told, None) or read(self, *asked))
    state = book.present_state(account)
    assert state is not None
    assert state.commitment == read(book, account).commitment

    monkeypatch.setattr(MarginBookClient, "account", lambda *_: read(book, account)._replace(commitment=12345))
    with pytest.raises(ChainError, match="ask another node"):
        book.present_state(account)


@pytest.mark.parametrize("distance", [0, 5, 40])
def test_a_present_state_is_searched_from_the_end_of_the_chain(
    market: Market, code: Mapping[str, ContractCode], alice: Trader, distance: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_log_ranges, "FIRST_WINDOW", 4)
    alice.owner.open()
    market.node.request("anvil_mine", hex(200))
    alice.owner.deposit(market.book.n, 10**18)
    market.node.request("anvil_mine", hex(distance))
    with FaultProxy(market.node.url) as proxy:
        contracts = BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1)
        state = contracts.book.present_state(alice.owner.identity)
        first = min(int(asked[0]["fromBlock"], 16) for method, asked in proxy.seen if method == "eth_getLogs")
    assert state is not None
    assert state.commitment == market.contracts.book.account(alice.owner.identity).commitment
    assert state.block == market.contracts.chain.block_number() - distance
    assert first > state.block - 4 * max(4, distance)


FEED = """// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceFeed} from "../interfaces/IPriceFeed.sol";

/// @dev Replaces a live feed, which no test chain has.
contract TestFeed is IPriceFeed {
    uint8 public constant decimals = 8;
    int256 public price;

    function answer(int256 price_) external {
        price = price_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, price, block.timestamp, block.timestamp, 1);
    }
}
"""


def test_rounds_come_from_feeds(market: Market, code: Mapping[str, ContractCode]) -> None:
    wanted = {"evmVersion": "cancun", "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}}}
    file = "src/oracle/TestFeed.sol"
    feed = compile_sources({file: FEED}, wanted, SOURCES.parent)[file]["TestFeed"]
    feed_code = ContractCode("TestFeed", feed["abi"], "0x" + feed["evm"]["bytecode"]["object"])
    chain = Chain(market.node.url, {**code, "TestFeed": feed_code})
    risk, breaker = market.contracts.risk_parameters.contract.address, market.contracts.breaker
    none, expiries = chain.checksum(0), market.contracts.expiries.contract.address
    contract = chain.deploy("ChainlinkRounds", chain.sender, risk, expiries, breaker.contract.address, 3600, 1, none, 0)
    breaker.set_price_source(contract.address)
    assert breaker.price_source() == contract.address
    chainlink = ChainlinkClient(contract)
    with pytest.raises(ChainError, match="NothingPriced"):  # no feed is set yet
        chainlink.post()

    prices = [price // 10 for price in market.contracts.rounds.round(1).prices]
    sources = [chain.deploy("TestFeed") for _ in prices]
    for slot, (source, price) in enumerate(zip(sources, prices, strict=True)):
        source.send("answer", price)
        chainlink.set_feed(slot, source.address, 600)
        if slot == 0:
            posted = chainlink.post()  # the other slots never had a price
            assert (posted.recorded(), posted.stale) == (1, (1 << market.book.n) - 2)
            assert chainlink.faults(posted) == dict.fromkeys(range(1, market.book.n), FeedFault.MISSING)
    assert chainlink.feed(PERP) == (sources[PERP].address, 600, 8)
    assert chainlink.post().stale == 0
    assert chainlink.rounds.round(2).prices == tuple(10 * price for price in prices)

    sources[PERP].send("answer", -1)
    assert chainlink.faults(chainlink.post()) == {PERP: FeedFault.NEGATIVE}
    sources[PERP].send("answer", 2 * prices[PERP])
    held = chainlink.post()
    assert (held.status, held.far) == (PostingStatus.HELD, 1 << PERP)
    assert breaker.level() is Level.NO_WITHDRAWALS
    chainlink.set_feed(PERP, None, 0)
    assert chainlink.feed(PERP).source is None
    posted = chainlink.post()
    assert (posted.recorded(), posted.stale, posted.discarded) == (4, 1 << PERP, True)
    assert breaker.level() is Level.OPEN
