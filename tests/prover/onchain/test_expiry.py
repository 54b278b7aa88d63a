"""Expiries, delisting and the end of a book: stories on a real node, with real proofs."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from snippets import GUIDES, run_python

from prover import AssetList, Side, Update
from prover.account import GuardianKey
from prover.chain import AccountLifeClient, BookSettings, ContractCode, Permission
from prover.market import Asset, PostingStatus, RoundRefusedError
from prover.onchain import (
    AccountExpired,
    AccountFlagged,
    AccountLife,
    AccountReader,
    BookProver,
    Calendar,
    Expirer,
    ExpiryKeeper,
    Flagger,
    Gatekeeper,
    GuardianWatch,
    ListingStep,
    MarginProver,
    ReportFile,
    SlotStatus,
    SnapshotRead,
    WindDown,
    deploy_book,
    due_pay_outs,
    fetch_round,
    post_reports,
    read_calendar,
    wind_down,
)
from prover.onchain.local_market import EXPIRY, Market, Trader
from prover.toolchain import Anvil, AnyBackend, Artifacts, build, compile_verifiers
from prover.trade import Claim
from tests.prover.onchain.conftest import HOUR
from tests.prover.onchain.expiry_stage import (
    CALL,
    DAY,
    DOLLAR,
    ETH_PERP,
    PERP,
    PUT,
    SOL_PERP,
    UNIT,
    USD,
    balances,
    fund,
    list_next,
    post,
    quote,
    refreshed,
    settle,
    settlement_reports,
    trade,
)
from verifier import ChainError, InputError, ProvingError, Settlement, SettlementPrices, StateUpdate

pytestmark = pytest.mark.full

WEEK = 7 * DAY


@pytest.fixture(scope="module")
def margin_artifacts() -> Artifacts:
    return build(["margin-13"])["margin-13"]


@pytest.fixture(scope="module")
def margin(margin_artifacts: Artifacts, backend: AnyBackend) -> MarginProver:
    return MarginProver(margin_artifacts, backend)


@pytest.fixture(scope="module")
def deployed(code: Mapping[str, ContractCode], margin_artifacts: Artifacts, majors: AssetList) -> Iterator[Market]:
    """A book with a gate, on a node of its own."""
    everything = {**code, **compile_verifiers({"margin-13": margin_artifacts})}
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        market = Market.deploy(node, everything, majors, gate=True)
        market.post(HOUR)
        yield market


@pytest.fixture
def carol(market: Market, book_prover: BookProver) -> Trader:
    return Trader.join("Carol", market, book_prover)


def keeper(trader: Trader) -> ExpiryKeeper:
    """What a guardian settles accounts with: it needs no secret of their owners."""
    return ExpiryKeeper(trader.owner.book, trader.owner.prover.expiry)


def next_option(asset: Asset, symbol: str, week: int) -> Asset:
    """The same option a number of weeks later, under another symbol."""
    return replace(asset, symbol=symbol, expires_at=EXPIRY + week * WEEK)


def calendar(market: Market, trader: Trader) -> Calendar:
    return read_calendar(trader.owner.book, market.contracts.chain.timestamp())


def refusal(error: pytest.ExceptionInfo[ChainError]) -> str | None:
    return error.value.refusal


# ---------------------------------------------------------------------------------------------------- options


def test_weekly_options_live_through_three_expiries_in_the_same_slots(  # noqa: PLR0915 - one story, of ZS-80 and ZS-82
    market: Market, alice: Trader, bob: Trader, carol: Trader, majors: AssetList
) -> None:
    """ZS-85. Bob sleeps through two of them, three epochs, and his guardian settles him with two proofs."""
    put, call = majors.assets[PUT], majors.assets[CALL]
    listings = [
        next_option(asset, f"{symbol}-{week}", week)
        for week in (1, 2)
        for asset, symbol in ((put, "BTC-WEEKLY-P"), (call, "BTC-WEEKLY-C"))
    ]
    fund(alice, bob, carol, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    trade(alice, bob, CALL, 3, 150)

    # the first week: the put is worth 700, the call nothing; they settle one after the other
    post(market, EXPIRY - DAY - 3_600)
    planned = list_next(market, alice, listings)
    assert [one.step for one in planned] == [ListingStep.ANNOUNCE] * 2 + [ListingStep.WAIT] * 2
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    assert [calendar(market, alice).entries[slot].status for slot in (PUT, CALL)] == [SlotStatus.DUE] * 2
    assert settle(market, EXPIRY, {PUT: 700}) == 1
    assert settle(market, EXPIRY, {CALL: 0}) == 2
    round_ = post(market)
    assert (round_.epoch, round_.prices[PUT], round_.stale) == (2, 0, 1 << PUT | 1 << CALL)
    assert round_.reduce_only == round_.stale
    with pytest.raises(ChainError, match="account expire") as refused:
        alice.owner.deposit(USD, DOLLAR)
    assert refusal(refused) == "OtherEpoch"
    assert len(alice.owner.expire()) == 1  # one proof crosses both
    assert (balances(alice), quote(alice)) == ({}, 20_000 - 2 * 750 - 3 * 150 + 2 * 700)
    assert alice.owner.expire() == []

    # the second week, in the same slots
    assert [one.step for one in list_next(market, alice, listings)][:2] == [ListingStep.EXECUTE] * 2
    assert [one.step for one in list_next(market, alice, listings)][:2] == [ListingStep.DONE] * 2
    alice, carol, bob = refreshed(alice), refreshed(carol), refreshed(bob)
    assert alice.owner.book.assets.slots["BTC-WEEKLY-P-1"] == PUT
    with pytest.raises(ChainError, match="account expire"):
        trade(bob, alice, PERP, 1, 4_300)
    post(market, prices={PUT: 400, CALL: 300})
    keeper(carol).expire(carol.owner.viewing)
    trade(alice, carol, PUT, 1, 400)
    trade(carol, alice, CALL, 2, 300)
    post(market, EXPIRY + WEEK - DAY - 3_600)
    list_next(market, alice, listings)
    post(market, EXPIRY + WEEK, {PERP: 5_200, PUT: 0, CALL: 200, 0: 5_200})
    assert settle(market, EXPIRY + WEEK, {PUT: 0, CALL: 200}) == 3
    post(market)
    alice.owner.expire()
    assert (balances(alice), quote(alice)) == ({}, 19_450 - 400 + 600 - 2 * 200)
    assert len(keeper(bob).expire(bob.owner.viewing)) == 2  # both slots settle again on the way
    assert (balances(bob), quote(bob)) == ({}, 20_000 + 2 * 750 + 3 * 150 - 2 * 700)

    # the third week: Bob is awake
    assert [one.step for one in list_next(market, alice, listings)][2:] == [ListingStep.EXECUTE] * 2
    alice, bob = refreshed(alice), refreshed(bob)
    post(market, prices={PUT: 500, CALL: 600})
    trade(bob, alice, CALL, 1, 600)
    post(market, EXPIRY + 2 * WEEK, {PERP: 5_900, PUT: 0, CALL: 900, 0: 5_900})
    assert settle(market, EXPIRY + 2 * WEEK, {PUT: 0, CALL: 900}) == 4
    post(market)
    for trader in (alice, bob, carol):
        trader.owner.expire()
    assert (quote(alice), quote(bob)) == (19_250 + 600 - 900, 20_550 - 600 + 900)
    assert quote(alice) + quote(bob) + quote(carol) == 60_000
    entries = calendar(market, alice).entries
    assert [(entries[slot].status, entries[slot].epoch) for slot in (PUT, CALL)] == [(SlotStatus.FREE, 4)] * 2
    with pytest.raises(ChainError) as refused:  # a symbol is used once
        market.contracts.risk_parameters.announce(PUT, majors.entry(put))
    assert refusal(refused) == "SymbolTaken"


def test_no_position_is_opened_in_a_slot_that_expires(market: Market, alice: Trader, bob: Trader) -> None:
    """From the expiry on the outcome is known, but the slot may not have settled yet."""
    fund(alice, bob, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    round_ = post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    assert (round_.stale, round_.reduce_only) == (0, 1 << PUT | 1 << CALL)
    with pytest.raises(ProvingError):
        trade(alice, bob, PUT, 1, 700)
    trade(bob, alice, PUT, 1, 700)  # which makes both positions smaller

    book, ticket = alice.owner.book, alice.owner.book.ticket(PUT, UNIT, 700 * UNIT, round_)
    blind = replace(book.risk(round_), reduce_only=0)  # of thieves whose provers do not look

    def proven(trader: Trader, side: Side) -> StateUpdate:
        owner = trader.owner
        update = Update.make(owner.viewing, owner.state().sealed, ticket=ticket, side=side)
        return owner.prover.update(owner.keys, update, blind)

    theft = Settlement(ticket.id, proven(alice, Side.BUY), proven(bob, Side.SELL))
    with pytest.raises(ChainError) as refused:
        book.contracts.book.settle(round_.id, theft)
    assert refusal(refused) == "ProofDoesNotVerify"


def test_an_expiry_is_proven_as_the_book_asks_for_it(market: Market, alice: Trader, bob: Trader) -> None:  # ZS-80
    """Another rho, a skipped epoch, another price, and twice: each is refused."""
    fund(alice, bob, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    trade(alice, bob, CALL, 3, 150)
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    settle(market, EXPIRY, {PUT: 700})
    settle(market, EXPIRY, {CALL: 0})
    life, owner = market.contracts.account_life, bob.owner
    before = owner.state().sealed
    assert owner.expire() == []
    early = life.step_of(owner.identity, before.commitment, 2)
    with pytest.raises(ChainError) as refused:
        life.expire(owner.identity, 2, *owner.prover.expiry.prove(owner.viewing, before, early))
    assert refusal(refused) == "EpochWithoutRound"  # it would be ahead of its flags
    post(market)
    first, both = (life.step_of(owner.identity, before.commitment, epoch) for epoch in (1, 2))
    assert (first.slots, both.slots) == (1 << PUT, 1 << PUT | 1 << CALL)
    skipped = both._replace(slots=1 << CALL, prices=SettlementPrices.of_slots([0] * USD, 0))
    cheaper = first._replace(prices=SettlementPrices.of_slots([0] * USD, 0))
    for step, to_epoch, error in (
        (first._replace(rho=first.rho + 1), 1, "WrongRho"),
        (first, 2, "WrongRho"),
        (skipped, 2, "ProofDoesNotVerify"),
        (cheaper, 1, "ProofDoesNotVerify"),
    ):
        with pytest.raises(ChainError) as refused:
            life.expire(owner.identity, to_epoch, *owner.prover.expiry.prove(owner.viewing, before, step))
        assert refusal(refused) == error
    claim, proof = owner.prover.expiry.prove(owner.viewing, before, both)
    life.expire(owner.identity, 2, claim, proof)
    with pytest.raises(ChainError) as refused:
        life.expire(owner.identity, 2, claim, proof)
    assert refusal(refused) == "EpochNotNewer"
    assert quote(bob) == 20_000 + 2 * 750 + 3 * 150 - 2 * 700
    bob.owner.deposit(USD, DOLLAR)


def test_a_settlement_is_of_the_exact_expiry_and_near_the_newest_round(market: Market) -> None:  # ZS-83
    expiries = market.contracts.expiries
    slots, reports = 1 << PUT, settlement_reports(market, EXPIRY, {PUT: 700})
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    with pytest.raises(ChainError) as refused:
        expiries.settle(EXPIRY, slots, reports)
    assert refusal(refused) == "RoundBeforeExpiry"
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: None})
    ordinary = [replace(one, signature=one.signature) for one in settlement_reports(market, EXPIRY + 1, {PUT: 700})]
    for expiry, wanted, given, error in (
        (EXPIRY, slots, ordinary, "ReportNotOfExpiry"),
        (EXPIRY, slots | 1 << PERP, reports, "NotExpiring"),
        (EXPIRY, 1 << CALL, settlement_reports(market, EXPIRY, {CALL: 0}), "PriceIsStale"),
        (EXPIRY, slots, settlement_reports(market, EXPIRY, {PUT: 1_000}), "SettlementTooFar"),
        (EXPIRY, slots, reports[:2], "WrongReportCount"),
    ):
        with pytest.raises(ChainError) as refused:
            expiries.settle(expiry, wanted, given)
        assert refusal(refused) == error
    with pytest.raises(ChainError) as refused:  # what is signed for a settlement makes no round
        market.contracts.rounds.post(settlement_reports(market, market.contracts.chain.timestamp(), {PUT: 700}))
    assert refusal(refused) in {"WrongSignature", "TooSoon", "RoundOutOfOrder"}
    assert expiries.opened_by(expiries.settle(EXPIRY, slots, reports)) == 1
    with pytest.raises(ChainError) as refused:
        expiries.settle(EXPIRY, slots, reports)
    assert refusal(refused) == "NotExpiring"


def test_rounds_after_a_settlement_are_posted_and_fetched_like_others(
    market: Market, alice: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, rounds = alice.owner.book, market.contracts.rounds
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    settle(market, EXPIRY, {PUT: 700})
    seen = market.contracts.chain.timestamp() + 60
    market.node.move_clock(seen)
    prices = list(rounds.round(rounds.latest_id()).prices)
    files = {
        str(number): ReportFile(
            31337,
            rounds.contract.address,
            rounds.sign(reporter, timestamp=seen, prices=prices, funding=[0] * USD),
        )
        for number, reporter in enumerate(market.reporters)
    }
    monkeypatch.setattr("time.time", lambda: float(seen))  # the chain lives in 2018
    posted = post_reports(book, files)
    assert (posted.posting.status, posted.stale, posted.other_margins) == (PostingStatus.RECORDED, (), ())
    assert posted.posting.stale == 1 << PUT  # but that is no fault of the reporters
    fetched = fetch_round(book.assets, [lambda: nullcontext(rounds)]).round
    assert (fetched.stale, fetched.closing, fetched.prices[PUT]) == (1 << PUT, 1 << CALL, 0)
    round_ = rounds.round(fetched.id)
    assert fetched.vectors == round_.vectors
    assert fetched.risk() == book.risk(round_)


def test_a_book_whose_assets_have_expired_is_not_deployed(market: Market) -> None:
    market.node.move_clock(EXPIRY)
    chain = market.contracts.chain
    block, settings = chain.block_number(), BookSettings([], 1, [])
    with pytest.raises(InputError, match="would expire in the past"):
        deploy_book(chain, market.book, {"USD": market.collateral.address}, settings)
    assert chain.block_number() == block


def test_expiries_name_the_contracts_that_name_them(market: Market) -> None:
    """Each address was computed ahead. Another one would settle nothing, or what another book says."""
    contracts = market.contracts
    address = contracts.expiries.contract.address
    assert contracts.expiries.parts() == (contracts.risk_parameters.contract.address, contracts.rounds.contract.address)
    assert contracts.risk_parameters.expiries() == contracts.rounds.expiries() == address
    assert contracts.expiries.silence() == 7 * DAY


# ---------------------------------------------------------------------------------------------------- delisting


def test_a_perpetual_is_delisted_with_positions_open(
    market: Market, alice: Trader, bob: Trader, margin: MarginProver
) -> None:
    """ZS-84. Alice is flagged during the notice. The expiry turns her position into a loss and keeps the flag."""
    fund(alice, dollars=1_100)
    fund(bob)
    price = market.contracts.rounds.round(1).prices[SOL_PERP] // UNIT
    size = 15_000 // price
    trade(alice, bob, SOL_PERP, size, price)
    risk, now = market.contracts.risk_parameters, market.contracts.chain.timestamp()
    end = now + DAY + 3_600
    for slot, time, error in ((SOL_PERP, now + 3_600, "NoticeTooShort"), (0, end, "CannotExpire")):
        with pytest.raises(ChainError) as refused:
            risk.delist(slot, time)
        assert refusal(refused) == error
    risk.delist(SOL_PERP, end)
    round_ = post(market)
    assert (round_.stale, round_.reduce_only) == (0, 1 << SOL_PERP)
    assert calendar(market, alice).entries[SOL_PERP].status is SlotStatus.REDUCE_ONLY
    with pytest.raises(ProvingError):
        trade(alice, bob, SOL_PERP, 1, price)
    trade(bob, alice, SOL_PERP, 1, price)
    size -= 1
    fallen = price * 94 // 100
    post(market, prices={SOL_PERP: fallen})
    guardian = Gatekeeper(alice.owner.book, margin)
    guardian.flag(alice.owner.viewing)

    post(market, end)
    assert settle(market, end, {SOL_PERP: fallen}) == 1
    post(market)
    with pytest.raises(ChainError, match="account expire"):
        alice.owner.deposit(USD, 1_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN)
    keeper(alice).expire(alice.owner.viewing)  # by her guardian
    bob.owner.expire()
    book = alice.owner.book.contracts.book
    assert book.account(alice.owner.identity).is_flagged
    assert book.permission_of(alice.owner.identity) in {Permission.TOP_UP_ONLY, Permission.CURE_ONLY}
    assert (balances(alice), quote(alice)) == ({}, 1_100 + (fallen - price) * size)
    assert quote(alice) + quote(bob) == 11_100
    alice.owner.deposit(USD, 1_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN)
    assert not book.account(alice.owner.identity).is_flagged


def test_the_underlying_of_a_listed_option_stays(market: Market) -> None:
    """The margin of an option's short side depends on its price."""
    risk, now = market.contracts.risk_parameters, market.contracts.chain.timestamp()
    for slot, time in ((ETH_PERP, now + 30 * DAY), (PERP, EXPIRY), (PERP, now + 2 * DAY)):
        with pytest.raises(ChainError) as refused:
            risk.delist(slot, time)
        assert refusal(refused) == "OutlivesUnderlying"
    risk.delist(PERP, EXPIRY + 1)
    post(market, EXPIRY + 1, {PERP: 4_300, PUT: 700, CALL: 0, 0: 4_300})
    with pytest.raises(ChainError) as refused:
        settle(market, EXPIRY + 1, {PERP: 4_300})
    assert refusal(refused) == "OptionIsOpen"
    settle(market, EXPIRY, {PUT: 700, CALL: 0})
    assert settle(market, EXPIRY + 1, {PERP: 4_300}) == 2


# ---------------------------------------------------------------------------------------------------- guardians


def test_a_guardian_settles_the_accounts_that_sleep(market: Market, alice: Trader, bob: Trader, carol: Trader) -> None:
    fund(alice, bob, carol, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    settle(market, EXPIRY, {PUT: 700, CALL: 0})
    book, reader = alice.owner.book, AccountReader(market.guardian)
    assert reader.look(book).asleep == []  # at the newest round nothing has settled yet
    post(market)
    alice.owner.expire()
    snapshot = reader.look(book)
    assert set(snapshot.asleep) == {bob.owner.identity, carol.owner.identity}
    asleep = [account for account in snapshot.accounts if account.identity in snapshot.asleep]
    events = list(Expirer(alice.owner.prover.expiry)(book, asleep))
    assert [len(event.receipts) for event in events] == [1, 1]
    assert reader.look(book).asleep == []
    assert quote(bob) == 20_000 + 2 * 750 - 2 * 700
    other = replace(alice.owner.book, store=None)
    stranger = AccountReader(GuardianKey.generate()).look(other)
    assert (list(stranger.accounts), stranger.asleep) == ([], [])


def test_the_python_of_the_guide_settles_and_expires(
    market: Market, alice: Trader, bob: Trader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block of docs/guides/expiry.md."""
    page, book = GUIDES / "expiry.md", alice.owner.book
    fund(alice, bob, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    paths = []
    for number, report in enumerate(settlement_reports(market, EXPIRY, {PUT: 700, CALL: 0})):
        paths.append(tmp_path / f"report-{number}.json")
        ReportFile(market.contracts.chain.chain_id, market.contracts.rounds.contract.address, report).save(paths[-1])
    run_python(page, 1, book=book, paths=paths)
    assert market.book.assets[PUT].symbol in capsys.readouterr().out

    post(market)
    made = run_python(page, 2, owner=alice.owner, book=book, guardian_key=market.guardian)
    assert len(made["receipts"]) == 1
    assert made["snapshot"].asleep == [bob.owner.identity]
    assert AccountReader(market.guardian).look(book).asleep == []


def test_a_watch_settles_sleeping_accounts_before_it_flags_them(
    market: Market, alice: Trader, bob: Trader, margin: MarginProver
) -> None:
    """An expiry leaves Alice in debt. She sleeps, so no proof about her is possible before she is settled."""
    fund(alice, dollars=1_100)
    fund(bob)
    price = market.contracts.rounds.round(1).prices[SOL_PERP] // UNIT
    trade(alice, bob, SOL_PERP, 20_000 // price, price)
    end = market.contracts.chain.timestamp() + DAY + 3_600
    market.contracts.risk_parameters.delist(SOL_PERP, end)
    post(market, end - 600)
    fallen = price * 93 // 100
    post(market, end, {SOL_PERP: fallen})
    settle(market, end, {SOL_PERP: fallen})
    post(market)
    book = alice.owner.book
    with pytest.raises(ChainError, match="account expire"):
        Gatekeeper(book, margin).flag(alice.owner.viewing)
    with pytest.raises(ChainError, match="account expire"):  # nor is a proof file made at prices that leave it out
        margin.envelope(book, alice.owner.state(), book.latest_round(), healthy=False)

    idle = GuardianWatch(lambda: nullcontext(book), AccountReader(market.guardian))
    (seen,) = idle.look()
    assert isinstance(seen, SnapshotRead)
    assert (len(seen.snapshot.asleep), seen.liquidatable) == (2, [])
    assert {change.status for change in seen.changes} == {None}
    expirer = Expirer(alice.owner.prover.expiry)
    watch = GuardianWatch(lambda: nullcontext(book), AccountReader(market.guardian), Flagger(margin), expirer)
    first, second, read, flagged = watch.look()
    assert isinstance(first, AccountExpired)
    assert isinstance(second, AccountExpired)
    assert isinstance(read, SnapshotRead)
    assert isinstance(flagged, AccountFlagged)
    assert (read.snapshot.asleep, flagged.account.identity) == ([], alice.owner.identity)
    assert quote(alice) == 1_100 - (price - fallen) * (20_000 // price) < 0


# ---------------------------------------------------------------------------------------------------- the end


def test_reporters_fall_silent_and_every_unit_gets_out(  # noqa: PLR0915 - one story
    market: Market, alice: Trader, bob: Trader, carol: Trader
) -> None:
    """ZS-86. Eight days without a round: any caller ends the book, and positions become cash at the last prices."""
    fund(alice, bob)
    carol.owner.open()
    weth = 1
    token = carol.owner.book.contracts.token(weth)
    market.contracts.token(weth).mint(carol.owner.book.contracts.chain.sender, 2 * 10**18)
    carol.owner.deposit(weth, 2 * UNIT)
    carol.owner.deposit(USD, 500 * DOLLAR)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PERP, 2, 4_300)
    trade(bob, alice, PUT, 1, 800)
    post(market, prices={PERP: 4_500, PUT: None})
    book, contracts, node = carol.owner.book, market.contracts, market.node
    last = contracts.rounds.round(contracts.rounds.latest_id())
    with pytest.raises(ChainError) as refused:
        wind_down(book)
    assert refusal(refused) == "SilenceTooShort"
    state = WindDown.read(book, contracts.chain.timestamp())
    assert (state.is_started, state.next_at) == (False, last.timestamp + 7 * DAY + 1)
    node.move_clock(last.timestamp + 8 * DAY)
    wind_down(book)
    assert contracts.rounds.is_winding_down()
    assert (contracts.expiries.status().epoch, contracts.expiries.status().is_winding_down) == (1, True)
    slots, prices = contracts.expiries.epoch_at(1)
    assert slots == sum(1 << slot for slot in range(3, 13))
    assert (prices.effective[PERP], prices.effective[PUT]) == (4_500 * UNIT, 750 * UNIT)  # stale or not
    with pytest.raises(RoundRefusedError, match="BookWindsDown"):  # so says the reference, and so does the contract
        post(market)
    seen = contracts.chain.timestamp() + 1
    node.move_clock(seen)
    late = [contracts.rounds.sign(s, timestamp=seen, prices=last.prices, funding=[0] * USD) for s in market.reporters]
    with pytest.raises(ChainError) as refused:
        contracts.rounds.post(late)
    assert refusal(refused) == "BookWindsDown"

    life = {trader.name: AccountLife(trader.owner) for trader in (alice, bob, carol)}
    with pytest.raises(ChainError, match="account expire"):
        life["Alice"].exit(DOLLAR, alice.address)
    for trader in (alice, bob, carol):
        trader.owner.expire()
    assert (quote(alice), quote(bob)) == (10_000 + 2 * 200 + 50, 10_000 - 2 * 200 - 50)
    carol.owner.withdraw(weth, 2 * UNIT, carol.address)
    for trader in (alice, bob, carol):
        life[trader.name].exit(quote(trader) * DOLLAR, trader.address)
        life[trader.name].close()
    with pytest.raises(ChainError) as refused:
        contracts.rounds.record_wind_down()
    assert refusal(refused) == "RoundsAreFresh"
    node.move_clock(contracts.chain.timestamp() + 3_601)
    wind_down(book)  # a round for those who come later
    vault = contracts.book.vault
    for slot in (weth, USD):
        while due_pay_outs(book, slot, 10):
            vault.pay_out(slot, 10)
            node.move_clock(contracts.chain.timestamp() + 3_600)
        assert contracts.book.holdings_of(slot) == 0
    assert token.balance_of(contracts.chain.checksum(carol.address)) == 2 * 10**18


# ---------------------------------------------------------------------------------------------------- nodes


def test_a_node_learns_nothing_by_telling_another_rho_or_other_prices(
    market: Market, alice: Trader, bob: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under one rho, two states that differ in their cash would show the position that makes the difference."""
    fund(alice, bob, dollars=20_000)
    post(market, prices={PERP: 4_400, PUT: 750, CALL: 150, 0: 4_400})
    trade(alice, bob, PUT, 2, 750)
    post(market, EXPIRY, {PERP: 4_300, PUT: 700, CALL: 0})
    settle(market, EXPIRY, {PUT: 700})
    post(market)
    read, cheap = AccountLifeClient.step_of, SettlementPrices.of_slots([699 * UNIT] * USD, 1 << PUT)
    block = market.contracts.chain.block_number()
    for changes in ({"rho": alice.address}, {"prices": cheap}):
        with monkeypatch.context() as patch:
            patch.setattr(AccountLifeClient, "step_of", lambda *asked, said=changes: read(*asked)._replace(**said))
            with pytest.raises(ChainError, match="WrongRho"):
                alice.owner.expire()
    assert market.contracts.chain.block_number() == block
    alice.owner.expire()
    assert quote(alice) == 20_000 - 2 * 750 + 2 * 700
