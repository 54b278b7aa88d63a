"""Every theft that was ever found in a market: it works without its rules, and fails with any of them.

The stories of the engine and of the ledger test the specification.
"""

from contextlib import suppress

import pytest
from market_model.actions import Post, Trade, play
from market_model.keeper import Keeper
from market_model.market import Market
from market_model.planning import costs, mark, most
from market_model.rules import DOLLAR, ONE, RefusedError, Rules
from market_model.scenes import BTC, PERP, SAFE, USD, WBTC, coins, money, scene
from market_model.search import Hunt, replayed
from market_model.stories import STORIES
from market_model.updates import is_provable

from prover.account import State
from prover.trade import Claim, Transfer, Transition
from verifier import VectorKind

LONG = scene(("long", money(20_000)), opening=(Trade("long", "maker", (("perp", 1),), 0),))


@pytest.mark.parametrize("name", STORIES)
def test_a_theft_works_without_its_rules_alone(name: str) -> None:
    story = STORIES[name]
    hunt = Hunt(story.scene, (), rest=0)
    stolen = replayed(hunt, story.limits.without(*story.rules), story.script)
    assert stolen.get(story.theft, 0) // DOLLAR == story.dollars, (story.told, stolen)
    assert not replayed(hunt, story.limits, story.script), story.told
    for rule in story.rules:
        others = (each for each in story.rules if each != rule)
        assert not replayed(hunt, story.limits.without(*others), story.script), (story.told, rule)


def test_a_withdrawal_is_no_part_of_a_shrinking_step() -> None:
    """Long 100 bitcoin with 20,000 USD, which fell by 0.5 %, so that initial health is negative.

    The owner sells half at the mark and takes out the margin that this sets free, in one step. Initial health does not
    fall and maintenance health stays positive. A withdrawal needs initial health of 0 or more.
    """
    risk = Market.of([None, PERP], [0, 9_950 * USD], Rules()).newest.risk
    old = State((0, 100 * ONE), 200_000 * DOLLAR - 100 * ONE * BTC)
    sold = (0, -50 * ONE)
    withdrawal = Transfer(2, 99_000 * DOLLAR, is_withdrawal=True)
    step = Transition(old, sold, -50 * ONE * 9_950 * USD, trades=True, transfer=withdrawal)
    assert is_provable(Rules().without("withdrawal_meets_initial"), step, risk)
    assert not is_provable(Rules(), step, risk)


def test_two_posts_a_second_apart_set_no_price() -> None:
    for rules, is_recorded in ((Rules().without("candidate_delay"), True), (Rules(), False)):
        market = Market.of(SAFE, (BTC, BTC, 100 * USD), rules)
        fallen = (BTC, BTC * 3 // 10, 100 * USD)
        assert not market.post(fallen)
        if is_recorded:
            assert market.post(fallen, 1)
        else:
            with pytest.raises(Exception, match="CandidateTooYoung"):
                market.post(fallen, 1)


def test_a_crash_that_outruns_the_limit_is_recorded() -> None:
    """6 % a minute for ten minutes: each set is beyond the limit of the one before."""
    recorded = {}
    for name, rules in (("without", Rules().without("nearer_price_confirms")), ("with", Rules())):
        market = Market.of(SAFE, (BTC, BTC, 100 * USD), rules)
        prices = [BTC * 94**minute // 100**minute for minute in range(1, 11)]
        recorded[name] = sum(market.post((BTC, price, 100 * USD)) for price in prices)
    assert recorded == {"without": 0, "with": 5}


def test_a_confirmed_crash_does_not_stop_the_engine() -> None:
    """30 % in ten jumps, each two minutes apart: what the account owes that could not be sold."""
    owed = {}
    for name, rules in (("without", Rules().without("candidate_needs_no_grace")), ("with", Rules())):
        jumps = [Post((("perp", -45_000),)), Post()] * 10
        market = play(LONG, rules, jumps).market
        owed[name] = sum(market.debts_of("thief").values()) + market.vault.shortfall
    assert owed["without"] > 10_000 * DOLLAR
    assert owed["with"] < owed["without"] // 10


def test_falls_within_the_limits_leave_no_debt() -> None:
    """A straddle in a steady trend: the loser is sold before it owes anything."""
    table = play(LONG, Rules(), [Post((("perp", -40_000),))] * 10)
    assert not table.market.debts_of("thief")
    assert table.market.vault.shortfall == 0


def test_an_owner_who_comes_first_dodges_flags_for_an_overdraft() -> None:
    """Possible today (docs/threat-model.md): a healthy account may deposit a unit before each flag for its overdraft.

    Such a deposit is a step that shrinks, and needs no claim. A flag for the maintenance margin is not dodged so: an
    unhealthy account flags itself by any deposit.
    """
    story = STORIES["overdraft notices made void"]
    lent = {}
    for is_shown in (False, True):
        table = story.scene.table(Rules())
        table.market.keeper = Keeper("liquidator", "maker", shows_overdrafts=is_shown)
        for action in story.script:
            with suppress(RefusedError):
                action.play(table)
        assert table.market.health(table.account("dora")) >= 0
        lent[is_shown] = table.measures.found[story.theft] // DOLLAR
    assert lent == {False: 0, True: 53_172}


def test_an_overdrawn_account_closes_at_the_mark_and_not_below() -> None:
    opened = (Trade("dora", "maker", (("perp", 1),), "50"), *[Post((("perp", -15_000),))] * 3)
    table = scene(("dora", coins(12)), opening=opened).table(Rules())
    market, dora, maker = table.market, table.account("dora"), table.account("maker")
    assert market.cash(dora) < 0
    amounts = market.amounts(perp=dora.state.balances[1])
    span = costs(market, (maker, dora), amounts, market.newest, Claim.UNSAID)
    assert span is not None
    assert span[0] == mark(amounts, market.newest)


def test_an_owner_of_spot_trades_and_withdraws_it() -> None:
    """12 bitcoin of spot, long of one perpetual that loses a cent: hedges and withdrawals go on."""
    opened = (Trade("dora", "maker", (("perp", 1),), "1"), Post((("perp", -1),)))
    table = scene(("dora", coins(12)), opening=opened).table(Rules())
    market, dora, maker = table.market, table.account("dora"), table.account("maker")
    assert dora.state.quote + mark((0, ONE, 0), market.newest) < 0
    hedge = market.amounts(call=ONE)
    market.settle(dora, maker, hedge, mark(hedge, market.newest))
    assert most(market, dora, 0, market.newest) > 11 * ONE
    assert market.health(dora, VectorKind.INITIAL) > 0


def test_money_that_goes_round_does_not_block_the_queue() -> None:
    """Bob waits for 90,000 USD, while a thief withdraws and deposits the same 100,000 again and again.

    An hour's outflow is a tenth of the tokens. The thief asked first, for 95,000. Requests of an asset are paid in
    order, so Bob waits for the second window.
    """
    rules = Rules(outflow_ppm=100_000, withdrawal_delay=600)
    waited = {
        name: _hours_of_bob(each) for name, each in (("out", rules.without("withdrawals_in_order")), ("in", rules))
    }
    assert waited == {"out": None, "in": 2}


def _hours_of_bob(rules: Rules) -> int | None:
    """Hours until Bob is paid; None when he is not within a day."""
    market = Market.of([WBTC], [BTC], rules)
    bob = market.open("bob", "honest", money=900_000 * DOLLAR)
    thief = market.open("thief", "thief", money=100_000 * DOLLAR)
    market.withdraw(thief, 1, 95_000 * DOLLAR)
    market.withdraw(bob, 1, 90_000 * DOLLAR)
    for hour in range(1, 25):
        for _ in range(6):
            market.now += 600
            market.rounds.post([BTC], market.now)
            market.pay_out("thief")
            if paid := market.vault.wallet("thief")[1] + 100_000 * DOLLAR:
                market.deposit(thief, 1, paid)
            if thief.state.quote:
                market.withdraw(thief, 1, thief.state.quote)
            market.pay_out()
        if not any(item.owner == "honest" for item in market.vault.queue):
            return hour
    return None
