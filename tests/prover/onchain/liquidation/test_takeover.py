"""Takeovers on a real node: a guardian flags and tells, liquidators race, owners shrink, answer and recover."""

from dataclasses import replace
from typing import Any

import pytest

from prover.account import State
from prover.chain import (
    InsuranceFundClient,
    Level,
    OnchainRound,
    ShortfallLedgerClient,
    TokenClient,
    release_rho,
    writeoff_rho,
)
from prover.liquidation import LiquidatorKey, Notice, SealedNotice, best_parcel
from prover.onchain import (
    AccountFlagged,
    AccountReader,
    Flagger,
    FlagRefused,
    Insurance,
    LiquidationKeeper,
    LiquidationMarket,
    LiquidationProver,
    MarginProver,
    NoticeMade,
    NoticeMaker,
    Sale,
    SaleEnd,
    SaleFlagged,
)
from prover.onchain.local_market import Trader
from tests.prover.onchain.expiry_stage import DOLLAR, PERP, UNIT, USD, fund, post
from tests.prover.onchain.liquidation.takeover_stage import (
    GUARDIAN,
    MAINTENANCE,
    OVERDRAFT,
    PRICE,
    SETTINGS,
    Stage,
    chosen,
    state,
    told,
    total,
)
from verifier import (
    BASIS,
    MARGIN_KINDS,
    SCALAR_MODULUS,
    ChainError,
    InputError,
    ProvingError,
    VerificationError,
)

pytestmark = pytest.mark.full

SPOT = 0
BOND = 5 * 10**16
TOKEN = 10**6
GRAIN = 10**12
"""Quote in a unit of the token."""


@pytest.mark.usefixtures("crash")
def test_a_guardian_flags_and_a_liquidator_takes_the_smallest_part_that_cures(
    stage: Stage, alice: Trader, bob: Trader, carol: Trader
) -> None:
    """No key of an owner is near the guardian, and nothing but commitments is on chain."""
    before, key = total(alice, bob, carol), LiquidatorKey.generate()
    viewing = stage.viewing(alice)
    stage.keeper().flag(viewing, MAINTENANCE, recipient=7)
    stage.wait(70)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key))
    assert offer.guardian == GUARDIAN.address
    assert offer.elapsed >= 60
    best = chosen(offer)
    owned = state(carol)
    receipt = liquidator.take(offer, best)
    event = liquidator.market.engine.taken_over(receipt)
    assert (event.victim, event.taker, event.ground) == (alice.owner.identity, carol.owner.identity, MAINTENANCE)
    assert event.is_cured
    assert event.ticket == best.parcel.ticket.id
    assert total(alice, bob, carol) == before
    taken = best.parcel.ticket
    assert 0 < taken.amounts[PERP] < 8 * UNIT
    assert state(carol).balances[PERP] - owned.balances[PERP] == taken.amounts[PERP]
    assert owned.quote - state(carol).quote == taken.cost
    assert not stage.market.contracts.book.account(alice.owner.identity).is_flagged
    (again,) = liquidator.market.engine.takeovers(alice.owner.identity, 0)
    assert again == event
    assert 0 < best.estimate.reward < best.estimate.impact + best.estimate.gas + 2 * best.estimate.profit


@pytest.mark.usefixtures("crash")
def test_the_loser_of_a_race_is_told_before_it_proves_or_pays(stage: Stage, alice: Trader, carol: Trader) -> None:
    keys = LiquidatorKey.generate(), LiquidatorKey.generate()
    dave = Trader.join("Dave", stage.market, stage.prover)
    fund(dave, dollars=15_000)
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(70)
    sealed = told(stage, alice, *keys)
    winner, loser = stage.liquidator(carol, keys[0]), stage.liquidator(dave, keys[1])
    late = loser.read(sealed)
    offer = winner.read(sealed)
    winner.take(offer, chosen(offer))
    with pytest.raises(InputError, match="faster"):
        loser.read(sealed)
    with pytest.raises(ChainError, match="another liquidator was faster") as caught:
        loser.take(late, chosen(late))
    assert caught.value.refusal == "CommitmentNotCurrent"


@pytest.mark.usefixtures("crash")
def test_a_rate_that_is_not_reached_and_the_cure_window_are_refused(stage: Stage, alice: Trader, carol: Trader) -> None:
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    assert stage.maker().ladder(stage.viewing(alice), MAINTENANCE, seconds=10, step=5) is None
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key, seconds=120))
    assert best_parcel(offer.parcels, offer.elapsed) is None
    with pytest.raises(ChainError, match="cure window"):
        liquidator.take(offer, offer.parcels[0])
    stage.wait(60)
    offer = liquidator.read(told(stage, alice, key, seconds=120))
    with pytest.raises(ChainError, match="not reached the rate"):
        liquidator.take(offer, offer.parcels[-1])


@pytest.mark.usefixtures("crash")
def test_an_altered_parcel_and_another_taker_are_refused(stage: Stage, alice: Trader, carol: Trader) -> None:
    """The guardian binds the taker; a parcel that says another rate than its proof does not verify."""
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(70)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key))
    best = chosen(offer)
    claim = replace(best.parcel.claim, cured=False)
    with pytest.raises(VerificationError):
        liquidator.take(offer, replace(best, parcel=replace(best.parcel, claim=claim)))
    bound = liquidator.read(told(stage, alice, key, taker=carol.owner.identity + 1))
    assert {priced.reasons for priced in bound.parcels} == {("the parcel is for another account",)}
    with pytest.raises(ChainError) as caught:
        liquidator.take(bound, bound.parcels[0])
    assert caught.value.refusal == "ProofDoesNotVerify"
    own = liquidator.read(told(stage, alice, key, taker=carol.owner.identity))
    liquidator.take(own, chosen(own))


@pytest.mark.usefixtures("crash")
def test_a_notice_of_a_superseded_round_is_made_again(stage: Stage, alice: Trader, carol: Trader) -> None:
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(70)
    liquidator, old = stage.liquidator(carol, key), told(stage, alice, key)
    offer = liquidator.read(old)
    post(stage.market, prices={PERP: PRICE - 590})
    with pytest.raises(InputError, match="newer prices"):
        liquidator.read(old)
    with pytest.raises(ChainError, match="newer prices") as caught:
        liquidator.take(offer, chosen(offer))
    assert caught.value.refusal == "RoundSuperseded"
    offer = liquidator.read(told(stage, alice, key))
    liquidator.take(offer, chosen(offer))


@pytest.mark.usefixtures("crash")
def test_a_guardian_with_one_liquidator_takes_no_more_than_the_cap(stage: Stage, alice: Trader, carol: Trader) -> None:
    """The worst that they can do: tell no other liquidator, and wait until the auction is at its end."""
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(400)
    round_ = post(stage.market, prices={PERP: PRICE - 580})
    before = alice.owner.state().health(round_).maintenance
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key, taker=carol.owner.identity))
    best = chosen(offer)
    liquidator.take(offer, best)
    after, cap = alice.owner.state().health(round_).maintenance, SETTINGS.curves.maintenance_cap
    assert best.parcel.rates.covered == cap
    assert best.estimate.reward == cap * (before.margin - after.margin) // BASIS == before.equity - after.equity
    assert after.health >= 0 > before.health
    assert after.equity * before.margin >= before.equity * after.margin


@pytest.mark.usefixtures("crash")
def test_negative_equity_is_sold_at_once_and_its_debt_is_shared(
    stage: Stage, alice: Trader, bob: Trader, carol: Trader
) -> None:
    post(stage.market, prices={PERP: PRICE - 640})
    key, before = LiquidatorKey.generate(), total(alice, bob, carol)
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(30)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key))
    assert offer.elapsed < 60
    liquidator.take(offer, next(priced for priced in offer.parcels if offer.elapsed in priced.times))
    assert state(alice).balances == (0,) * USD
    assert state(alice).quote < 0
    assert total(alice, bob, carol) == before
    assert stage.market.contracts.book.account(alice.owner.identity).is_flagged
    prover = LiquidationProver(stage.artifacts, stage.backend).writeoffs(stage.engine())
    with pytest.raises(ChainError, match="cure window"):
        prover.write_off(stage.viewing(alice))
    stage.wait(60)
    with pytest.raises(ProvingError, match="positions"):
        prover.write_off(stage.viewing(carol))
    debt, (ledger, fund, token) = -state(alice).quote, shortfall(stage)
    put_in(fund, token, 1_000 * TOKEN)
    prover.write_off(stage.viewing(alice))
    assert state(alice) == State((0,) * USD, 0)
    assert not stage.market.contracts.book.account(alice.owner.identity).is_flagged
    drawn = 1_000 * TOKEN - fund.assets()
    assert drawn == min(-(-debt // GRAIN), 100 * TOKEN)  # a tenth of the fund in a round
    assert ledger.shortfall() == debt - drawn * GRAIN > 0
    backing = stage.market.contracts.book.holdings_of(USD) * GRAIN
    assert ledger.fraction() == backing * 10**18 // (backing + ledger.shortfall())
    with pytest.raises(ProvingError, match="without positions"):
        prover.write_off(stage.viewing(bob))


@pytest.mark.usefixtures("crash")
def test_a_shortfall_is_made_good_by_any_sender(stage: Stage, alice: Trader, carol: Trader) -> None:
    """Deposits wait for consent until it is, and spot is priced at what money is worth."""
    post(stage.market, prices={PERP: PRICE - 640})
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key))
    liquidator.take(offer, next(priced for priced in offer.parcels if offer.elapsed in priced.times))
    stage.wait(70)
    LiquidationProver(stage.artifacts, stage.backend).writeoffs(stage.engine()).write_off(stage.viewing(alice))
    ledger, _, token = shortfall(stage)
    missing = ledger.shortfall()
    assert missing > 0
    with pytest.raises(ChainError) as caught:
        carol.owner.deposit(USD, DOLLAR)
    assert caught.value.refusal == "HaircutNotAccepted"
    accepting = ShortfallLedgerClient(carol.owner.book.contracts.chain.at("ShortfallLedger", ledger.contract.address))
    accepting.accept_haircut(ledger.fraction())
    assert ledger.least_fraction_of(carol.owner.book.contracts.chain.sender) == ledger.fraction()
    carol.owner.deposit(USD, DOLLAR)
    scale = carol.owner.book.latest_round().spot_scale
    assert scale == 10**18 + 1_000 * missing // (stage.market.contracts.book.holdings_of(USD) * GRAIN) * 10**15
    units = -(-missing // GRAIN)
    token.mint(stage.market.contracts.chain.sender, 2 * units)
    token.approve(ledger.contract.address, 2 * units)
    ledger.recapitalise(2 * units)
    assert (ledger.shortfall(), ledger.fraction(), ledger.claims()) == (0, 10**18, 0)
    assert token.balance_of(stage.market.contracts.chain.sender) >= units  # no more than is owed is taken
    with pytest.raises(ChainError) as caught:
        ledger.claim(stage.market.contracts.chain.sender)
    assert caught.value.refusal == "NothingToClaim"


def test_shares_of_the_fund_leave_after_their_cooldown(stage: Stage) -> None:
    _, fund, token = shortfall(stage)
    sender = stage.market.contracts.chain.sender
    put_in(fund, token, 1_000 * TOKEN)
    shares = fund.shares_of(sender)
    assert fund.worth(shares) in {1_000 * TOKEN, 1_000 * TOKEN - 1}
    assert (fund.assets(), fund.drawable()) == (1_000 * TOKEN, 100 * TOKEN)
    fund.request_redeem(shares)
    request = fund.request_of(sender)
    assert request.shares == shares
    assert request.due_at == stage.market.contracts.breaker.active_time(Level.NO_FLAGS) + fund.cooldown()
    assert fund.redeemable(sender) == 0
    assert fund.claim_window() == 2 * 86_400
    with pytest.raises(ChainError):
        fund.redeem(shares, sender)
    while stage.market.contracts.breaker.active_time(Level.NO_FLAGS) < request.due_at:
        post(stage.market, stage.market.contracts.chain.timestamp() + 3_500)
    assert fund.redeemable(sender) == shares
    before = token.balance_of(sender)
    fund.redeem(shares, sender)
    assert token.balance_of(sender) - before in {1_000 * TOKEN, 1_000 * TOKEN - 1}


def shortfall(stage: Stage) -> tuple[ShortfallLedgerClient, InsuranceFundClient, TokenClient]:
    """Ledger, fund and token, as the deployer uses them."""
    contracts = stage.market.contracts
    assert contracts.ledger is not None
    assert contracts.fund is not None
    return contracts.ledger, contracts.fund, contracts.token(USD)


def put_in(fund: InsuranceFundClient, token: TokenClient, amount: int) -> None:
    token.mint(fund.contract.chain.sender, amount)
    token.approve(fund.contract.address, amount)
    fund.deposit(amount)


@pytest.mark.usefixtures("crash")
def test_an_owner_shrinks_its_account_for_nothing_from_the_flag_on(stage: Stage, alice: Trader, carol: Trader) -> None:
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    maker = replace(stage.maker(), market=LiquidationMarket.of(alice.owner.book))
    notice = maker.for_nothing(alice.owner.viewing, MAINTENANCE, taker=carol.owner.identity)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(SealedNotice.seal(notice, [key.recipient], GUARDIAN))
    assert offer.parcels[0].estimate.reward == 0
    liquidator.take(offer, offer.parcels[0])
    assert state(alice).balances[PERP] + state(carol).balances[PERP] == 8 * UNIT
    assert 0 < state(carol).balances[PERP] < 2 * UNIT
    assert not stage.market.contracts.book.account(alice.owner.identity).is_flagged
    with pytest.raises(ProvingError, match="meets its maintenance margin"):
        maker.for_nothing(alice.owner.viewing, MAINTENANCE, taker=carol.owner.identity)


def test_a_healthy_account_is_neither_flagged_nor_sold(
    stage: Stage, alice: Trader, bob: Trader, crash: OnchainRound
) -> None:
    keeper = stage.keeper()
    with pytest.raises(ProvingError):
        keeper.flag(stage.viewing(bob), MAINTENANCE)
    with pytest.raises(InputError, match="not flagged"):
        stage.maker().ladder(stage.viewing(alice), MAINTENANCE, seconds=60, step=12)
    keeper.flag(stage.viewing(alice), MAINTENANCE)
    with pytest.raises(ChainError, match="its auction runs"):
        keeper.flag(stage.viewing(alice), MAINTENANCE)
    with pytest.raises(ProvingError):
        keeper.recover(stage.viewing(alice), MAINTENANCE)
    post(stage.market, prices={PERP: PRICE - 500})
    keeper.recover(stage.viewing(alice), MAINTENANCE)
    assert not stage.market.contracts.book.account(alice.owner.identity).is_flagged
    assert crash.id < stage.market.contracts.rounds.latest_id()


def test_a_challenge_is_answered_by_the_owner_or_ends_in_a_flag(
    stage: Stage, alice: Trader, bob: Trader, crash: OnchainRound
) -> None:
    """Spec story 3: the guardian is silent. Alice cannot answer at the round of the crash, and Bob can."""
    engine = stage.engine().engine
    for trader in (alice, bob):
        engine.challenge(trader.owner.identity, bond=BOND)
        asked = engine.challenge_of(trader.owner.identity)
        assert asked is not None
        assert asked.round_id == crash.id
    keeper = stage.keeper()
    receipt = keeper.answer(bob.owner.viewing, recipient=bob.address)
    assert receipt["status"] == 1
    assert engine.challenge_of(bob.owner.identity) is None
    with pytest.raises(InputError, match="not challenged"):
        keeper.answer(bob.owner.viewing, recipient=bob.address)
    with pytest.raises(ProvingError):
        keeper.answer(alice.owner.viewing, recipient=alice.address)
    with pytest.raises(ChainError) as caught:
        engine.flag_silent(alice.owner.identity)
    assert caught.value.refusal == "AnswerWindowOpen"
    for _ in range(3):  # the clock of flags stands still when no round comes for long
        post(stage.market, stage.market.contracts.chain.timestamp() + 1_500)
    engine.flag_silent(alice.owner.identity)
    assert stage.market.contracts.book.account(alice.owner.identity).is_flagged


def test_rates_and_hashes_are_those_of_the_contract(stage: Stage) -> None:
    """Python computes them for itself: a node that chose a rho would learn the difference of two states (ZS-80)."""
    market = stage.engine()
    for ground, auction in market.auctions.items():
        for elapsed in (0, 59, 60, 61, 299, 300, 359, 360, 661, 7_200):
            reached = auction.reached(elapsed)
            covered = 0 if elapsed < auction.cure_window else reached.covered
            assert market.engine.rates_at(ground, elapsed) == (covered, reached.uncovered)
    for commitment, ticket in ((1, 2), (SCALAR_MODULUS - 1, SCALAR_MODULUS - 2)):
        assert market.engine.contract.read("releaseRho", commitment, ticket) == release_rho(commitment, ticket)
        assert market.engine.contract.read("writeoffRho", commitment) == writeoff_rho(commitment)
    assert market.engine.book() == market.book.contracts.book.contract.address
    assert market.engine.terms() == SETTINGS.terms
    assert market.engine.curves() == SETTINGS.curves


def test_a_round_is_prepared_for_all_who_come(stage: Stage, crash: OnchainRound) -> None:
    engine = stage.engine().engine
    for ground in MARGIN_KINDS:
        assert engine.prepare_round(crash.id, ground)["status"] == 1


@pytest.mark.usefixtures("crash")
def test_a_sale_flags_tells_at_each_round_and_ends(stage: Stage, alice: Trader, carol: Trader) -> None:
    key, keeper = LiquidatorKey.generate(), stage.keeper()
    maker = replace(stage.maker(), market=keeper.market)
    sale = Sale(keeper, maker, stage.viewing(alice), MAINTENANCE, seconds=30)
    assert isinstance(sale.look(), SaleFlagged)
    assert sale.look() is None  # with equity nothing is sold in the cure window
    stage.wait(70)
    first = sale.look()
    assert isinstance(first, NoticeMade)
    assert sale.look() is None  # it is still good
    stage.wait(70)
    assert isinstance(sale.look(), NoticeMade)  # it has come to the end of its ladder
    post(stage.market, prices={PERP: PRICE - 590})
    newest = sale.look()
    assert isinstance(newest, NoticeMade)
    assert newest.notice.round_id == first.notice.round_id + 1
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(SealedNotice.seal(newest.notice, [key.recipient], GUARDIAN))
    liquidator.take(offer, chosen(offer))
    assert sale.look() is SaleEnd.HEALTHY


@pytest.mark.usefixtures("crash")
def test_a_sale_goes_on_where_others_act_between_two_reads(
    stage: Stage, alice: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another keeper flags while the sale proves, and the owner cures while it reads."""
    keeper, viewing = stage.keeper(), stage.viewing(alice)
    sale = Sale(keeper, replace(stage.maker(), market=keeper.market), viewing, MAINTENANCE)
    flag, ladder = LiquidationKeeper.flag, NoticeMaker.ladder

    def flag_second(*arguments: Any) -> Any:
        flag(stage.keeper(), viewing, MAINTENANCE)
        return flag(*arguments)

    def read_after_the_cure(*arguments: Any, **options: Any) -> Notice | None:
        alice.owner.deposit(USD, 5_000 * DOLLAR)
        return ladder(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LiquidationKeeper, "flag", flag_second)
        assert isinstance(sale.look(), NoticeMade)
    stage.wait(70)
    monkeypatch.setattr(NoticeMaker, "ladder", read_after_the_cure)
    assert sale.look() is None
    assert sale.look() is SaleEnd.HEALTHY


@pytest.mark.usefixtures("crash")
def test_a_sale_ends_where_prices_recover_or_only_a_debt_is_left(stage: Stage, alice: Trader, carol: Trader) -> None:
    key, keeper = LiquidatorKey.generate(), stage.keeper()
    sale = Sale(keeper, replace(stage.maker(), market=keeper.market), stage.viewing(alice), MAINTENANCE)
    assert isinstance(sale.look(), SaleFlagged)
    post(stage.market, prices={PERP: PRICE - 500})
    assert sale.look() is SaleEnd.RECOVERED
    post(stage.market, prices={PERP: PRICE - 640})
    made = sale.look()
    assert isinstance(made, NoticeMade)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(SealedNotice.seal(made.notice, [key.recipient], GUARDIAN))
    liquidator.take(offer, next(priced for priced in offer.parcels if offer.elapsed in priced.times))
    stage.wait(70)
    assert sale.look() is SaleEnd.UNSELLABLE


def test_spot_is_sold_for_its_own_debt(stage: Stage, alice: Trader, bob: Trader, carol: Trader) -> None:
    """Spec story 6: Alice owes 290 USD against a Bitcoin, which falls from 6,000 to 2,500 USD. Then a tenth of it does
    not back the debt any more, although the account is far above maintenance margin."""
    post(stage.market, prices={SPOT: PRICE, PERP: PRICE})
    fund(bob, dollars=5_000)
    alice.owner.open()
    book = alice.owner.book
    book.contracts.token(SPOT).mint(book.contracts.chain.sender, 10**8)
    alice.owner.deposit(SPOT, UNIT)
    alice.owner.withdraw(USD, 290 * DOLLAR, alice.address)
    post(stage.market, prices={SPOT: 2_500, PERP: 2_500})
    keeper, key = stage.keeper(), LiquidatorKey.generate()
    with pytest.raises(ProvingError):
        keeper.flag(stage.viewing(alice), MAINTENANCE)
    keeper.flag(stage.viewing(alice), OVERDRAFT)
    stage.wait(70)
    before = state(alice), state(carol)
    notice = stage.maker().ladder(stage.viewing(alice), OVERDRAFT, seconds=30, step=12)
    assert notice is not None
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(SealedNotice.seal(notice, [key.recipient], GUARDIAN))
    sold = next(priced for priced in reversed(offer.parcels) if offer.elapsed in priced.times)
    event = liquidator.market.engine.taken_over(liquidator.take(offer, sold))
    assert (event.ground, event.is_cured) == (OVERDRAFT, True)
    taken = before[0].balances[SPOT] - state(alice).balances[SPOT]
    assert 0 < taken < UNIT // 10
    assert state(carol).balances[SPOT] - before[1].balances[SPOT] == taken
    assert 0 < sold.estimate.reward < taken * 2_500 * UNIT // 100  # half a per cent and a little more
    assert not stage.market.contracts.book.account(alice.owner.identity).is_flagged
    assert state(alice).quote > before[0].quote


@pytest.mark.usefixtures("crash")
def test_a_watch_flags_at_the_engine(stage: Stage, alice: Trader) -> None:
    """The book has no gate. A flag that has not expired is not set again."""
    book = stage.market.new_user(0)[0]
    look = AccountReader(stage.market.guardian).look
    (below,) = (account for account in look(book).accounts if account.identity == alice.owner.identity)
    flagger = Flagger(MarginProver(stage.artifacts["margin"], stage.backend))
    (event,) = flagger(book, [below])
    assert isinstance(event, AccountFlagged)
    assert list(flagger(book, [below])) == []
    healthy = [account for account in look(book).accounts if account.identity != alice.owner.identity]
    assert {type(event) for event in flagger(book, healthy)} == {FlagRefused}


@pytest.mark.usefixtures("crash")
def test_a_node_that_invents_a_price_is_noticed(
    stage: Stage, alice: Trader, carol: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark price is in no proof, and the expected impact is reckoned with it."""
    key = LiquidatorKey.generate()
    stage.keeper().flag(stage.viewing(alice), MAINTENANCE)
    sealed, liquidator = told(stage, alice, key), stage.liquidator(carol, key)
    true = liquidator.market.book.latest_round()
    false = true._replace(prices=tuple(price // 2 if slot == PERP else price for slot, price in enumerate(true.prices)))
    monkeypatch.setattr("prover.onchain.MarginBook.latest_round", lambda _: false)
    with pytest.raises(ChainError, match="does not fit its margin"):
        liquidator.read(sealed)


def test_a_book_without_an_engine_says_so(stage: Stage) -> None:
    book = stage.market.new_user(0)[0]
    with pytest.raises(InputError, match="no liquidation engine"):
        LiquidationMarket.of(replace(book, contracts=replace(book.contracts, engine=None)))
    with pytest.raises(InputError, match="no insurance fund"):
        Insurance.of(replace(book, contracts=replace(book.contracts, fund=None)))


@pytest.mark.parametrize("lie", ["LiquidationEngineClient.book", "MarginBookClient.takes_reports_of"])
def test_the_engine_of_another_book_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    """Before a proof is made for it, or a transaction is paid."""
    book = stage.market.new_user(0)[0]
    LiquidationMarket.of(book)
    monkeypatch.setattr(f"prover.chain.{lie}", lambda *_: "")
    with pytest.raises(ChainError, match="not that of this book"):
        LiquidationMarket.of(book)


@pytest.mark.parametrize("lie", ["VaultClient.ledger", "ShortfallLedgerClient.fund"])
def test_the_fund_of_another_book_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    """Before tokens are approved to it."""
    book = stage.market.new_user(0)[0]
    Insurance.of(book)
    monkeypatch.setattr(f"prover.chain.{lie}", lambda *_: None)
    with pytest.raises(ChainError, match="not those of this book"):
        Insurance.of(book)
