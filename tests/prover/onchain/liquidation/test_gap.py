"""A gap of 30 %: no account is sold by it before it is confirmed, and clocks of flags stand still while it is not.

Dave, long eight Bitcoin, is flagged after a fall from 6,000 to 5,420 USD. Alice, long four, is healthy then. The next
prices see Bitcoin at 3,800 USD.
"""

from collections.abc import Sequence

import pytest

from prover.chain import Level, Report
from prover.liquidation import LiquidatorKey, SealedNotice
from prover.market import CANDIDATE_DELAY, PostingStatus
from prover.onchain import LiquidationKeeper
from prover.onchain.local_market import Trader
from tests.prover.onchain.expiry_stage import DOLLAR, PERP, UNIT, USD, fund, post, trade
from tests.prover.onchain.liquidation.takeover_stage import (
    GUARDIAN,
    MAINTENANCE,
    PRICE,
    Stage,
    chosen,
    state,
    told,
    total,
)
from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full

FALLEN, GAP = PRICE - 580, 3_800


@pytest.fixture
def dave(stage: Stage) -> Trader:
    return Trader.join("Dave", stage.market, stage.prover)


@pytest.fixture
def flagged(stage: Stage, alice: Trader, bob: Trader, carol: Trader, dave: Trader) -> LiquidationKeeper:
    """Dave's flag has just begun. Where Alice's loss of the gap is paid, she has 80 USD for 152 USD of margin."""
    fund(alice, dollars=8_880)
    fund(dave, dollars=5_000)
    fund(bob, dollars=25_000)
    carol.owner.deposit(USD, 10_000 * DOLLAR)
    post(stage.market, prices={PERP: PRICE})
    trade(alice, bob, PERP, 4, PRICE)
    trade(dave, bob, PERP, 8, PRICE)
    post(stage.market, prices={PERP: FALLEN})
    keeper = stage.keeper()
    keeper.flag(stage.viewing(dave), MAINTENANCE)
    stage.wait(20)
    return keeper


def age(stage: Stage, trader: Trader) -> int:
    """How old a flag is on the clock of flags."""
    market = stage.engine()
    elapsed = market.elapsed(market.book.contracts.book.account(trader.owner.identity), MAINTENANCE)
    assert elapsed is not None
    return elapsed


def gap_reports(stage: Stage) -> Sequence[Report]:
    """What the reporters see now: Bitcoin at 3,800 USD, and all else as before."""
    contracts = stage.market.contracts
    rounds, seen = contracts.rounds, contracts.chain.timestamp() + 1
    prices = [
        GAP * UNIT if slot == PERP else price or None
        for slot, price in enumerate(rounds.round(rounds.latest_id()).prices)
    ]
    return [
        rounds.sign(reporter, timestamp=seen, prices=prices, funding=[0] * USD) for reporter in stage.market.reporters
    ]


def test_a_gap_sells_nothing_before_it_is_confirmed(
    stage: Stage, flagged: LiquidationKeeper, alice: Trader, bob: Trader, carol: Trader, dave: Trader
) -> None:
    rounds, key, everyone = stage.market.contracts.rounds, LiquidatorKey.generate(), (alice, bob, carol, dave)
    before, liquidator = total(*everyone), stage.liquidator(carol, key)
    given = stage.maker().for_nothing(stage.viewing(dave), MAINTENANCE, taker=carol.owner.identity)
    held = rounds.post(gap_reports(stage))
    assert (held.status, held.far) == (PostingStatus.HELD, 1 << PERP)
    stopped = age(stage, dave)
    with pytest.raises(ProvingError):  # the candidate is no round: at the newest one Alice meets her margin
        flagged.flag(stage.viewing(alice), MAINTENANCE)
    offer = liquidator.read(SealedNotice.seal(given, [key.recipient], GUARDIAN))
    with pytest.raises(ChainError, match="circuit breaker") as caught:
        liquidator.take(offer, offer.parcels[0])
    assert caught.value.refusal == "Stopped"
    stage.wait(CANDIDATE_DELAY)
    assert age(stage, dave) == stopped

    assert rounds.post(gap_reports(stage)).status is PostingStatus.CONFIRMED
    assert stopped <= age(stage, dave) < stage.engine().auctions[MAINTENANCE].cure_window
    flagged.flag(stage.viewing(alice), MAINTENANCE)
    assert stage.maker().ladder(stage.viewing(alice), MAINTENANCE, seconds=10, step=5) is None  # she has equity left
    offer = liquidator.read(told(stage, dave, key))
    sold = next(priced for priced in reversed(offer.parcels) if offer.elapsed in priced.times)
    event = liquidator.market.engine.taken_over(liquidator.take(offer, sold))  # he has none: at once
    assert (event.victim, event.round_id) == (dave.owner.identity, rounds.latest_id())
    assert not any(state(dave).balances)
    stage.wait(70)
    offer = liquidator.read(told(stage, alice, key))
    assert liquidator.market.engine.taken_over(liquidator.take(offer, chosen(offer))).is_cured
    assert total(*everyone) == before


def test_the_clock_of_a_flag_stands_still_through_a_stop_and_its_grace(
    stage: Stage, flagged: LiquidationKeeper, alice: Trader, bob: Trader, carol: Trader, dave: Trader
) -> None:
    """Guardians stop flags when the gap comes. In the grace Alice is flagged, and her cure window begins after it."""
    breaker, key = stage.market.contracts.breaker, LiquidatorKey.generate()
    breaker.make_guardian(breaker.contract.chain.sender)
    liquidator, everyone = stage.liquidator(carol, key), (alice, bob, carol, dave)
    before = total(*everyone)
    post(stage.market, prices={PERP: GAP})
    breaker.raise_to(Level.NO_FLAGS)
    stopped = age(stage, dave)
    with pytest.raises(ChainError, match="circuit breaker stops flags"):
        flagged.flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(500)
    breaker.lower_to(Level.OPEN)
    post(stage.market)
    flagged.flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(breaker.resume_grace() - 300)
    post(stage.market)
    assert (age(stage, dave), age(stage, alice)) == (stopped, 0)
    late = told(stage, alice, key, seconds=120)
    offer = liquidator.read(late)
    with pytest.raises(ChainError) as caught:
        liquidator.take(offer, offer.parcels[0])
    assert caught.value.refusal == "InCureWindow"

    stage.wait(120 + stage.engine().auctions[MAINTENANCE].cure_window)
    offer = liquidator.read(late)
    assert liquidator.market.engine.taken_over(liquidator.take(offer, chosen(offer))).is_cured
    assert total(*everyone) == before
