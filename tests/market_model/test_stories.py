"""Every theft that was ever found in a market: it works without its rules, and fails with any of them.

The stories of the engine and of the ledger test the specification.
"""

from contextlib import suppress

import pytest
from market_model.accounts import Account
from market_model.actions import Post, Trade, play
from market_model.engine import Part
from market_model.market import Market
from market_model.planning import costs, mark, most
from market_model.rules import DOLLAR, ONE, RefusedError, Rules
from market_model.scenes import BTC, PERP, SAFE, USD, WBTC, coins, money, scene
from market_model.search import Hunt, replayed
from market_model.stories import STORIES
from market_model.updates import is_provable

from prover.account import State
from prover.trade import Claim, Rates, Transfer, Transition
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


@pytest.mark.parametrize("change", ["deposit", "trade", "move"])
def test_no_change_that_comes_first_keeps_flags_for_an_overdraft_away(change: str) -> None:
    """Dora's owner changes her account before each flag for its overdraft: by a unit, a trade of nothing, or a move."""
    story = STORIES["overdraft flags made void"]
    lent = {}
    for rules in (Rules(), Rules().without("unshown_changes_end")):
        table = story.scene.table(rules)
        market, dora, emil = table.market, table.account("dora"), table.account("emil")

        def come_first(market: Market = market, dora: Account = dora, emil: Account = emil) -> None:
            with suppress(RefusedError):
                if change == "deposit":
                    market.deposit(dora, market.n, 1)
                elif change == "trade":
                    market.settle(dora, emil, (0,) * market.n, 0)
                else:
                    with suppress(RefusedError):  # she was proven at this round
                        market.prove(dora)
                    market.rekey(dora, f"{dora.name}'")
                    market.dodges[dora.name] = come_first

        market.dodges["dora"] = come_first
        for action in story.script[1:]:
            with suppress(RefusedError):
                action.play(table)
        assert market.health(dora) >= 0
        lent[rules.unshown_changes_end] = table.measures.found[story.theft] // DOLLAR
    assert lent == {True: 0, False: story.dollars}


def test_a_takeover_does_not_keep_flags_for_an_overdraft_away() -> None:
    """Dora buys a part of another account of her owner, which shrinks her own position, before each flag."""
    for rules in (Rules(), Rules().without("taker_shows_margin")):
        market = scene(("dora", coins(12)), ("victim", money(20_000))).table(rules).market
        dora, victim = market.accounts["dora"], market.accounts["victim"]
        dora.set(State((12 * ONE, ONE, 0), -40_000 * DOLLAR))
        victim.set(State((0, -ONE, 0), 10_100 * DOLLAR))
        market.flag_on(victim, VectorKind.MAINTENANCE)
        assert market.health(dora) >= 0 > market.health(dora, VectorKind.OVERDRAFT)
        part = Part((0, -ONE // 2, 0), VectorKind.MAINTENANCE, Rates(0, 0))
        if rules.taker_shows_margin:
            with pytest.raises(RefusedError, match="cash would be short"):
                market.take_over(victim, dora, part)
        else:
            market.take_over(victim, dora, part)


def test_changes_in_a_row_that_show_nothing_end_with_a_round_of_rest() -> None:
    """Bob meets maintenance margin, and not initial margin: he sells in four steps, and waits for the fifth."""
    market = scene(("bob", money(7_000)), opening=(Trade("bob", "maker", (("perp", 1),), 0),)).table(Rules()).market
    bob, maker = market.accounts["bob"], market.accounts["maker"]
    market.post((BTC, 9_990 * USD, 100 * USD))
    market.post((BTC, 9_990 * USD, 100 * USD))
    assert market.health(bob) >= 0

    def sell(claim: Claim) -> None:
        amounts = market.amounts(perp=bob.state.balances[1] // 20)
        fair = mark(amounts, market.newest)
        market.settle(maker, bob, amounts, fair, claims=(Claim.MEETS_INITIAL_MARGIN, claim))

    for claim in (Claim.UNSAID, Claim.REDUCES_RISK, Claim.UNSAID, Claim.REDUCES_RISK):
        sell(claim)
    for rested in (0, 1):
        with pytest.raises(RefusedError, match="initial margin is not shown"):
            sell(Claim.REDUCES_RISK)
        with pytest.raises(RefusedError, match="initial margin is not shown"):
            market.deposit(bob, market.n, DOLLAR)
        market.post((BTC, (9_990 + rested) * USD, 100 * USD))
    sell(Claim.REDUCES_RISK)


def test_what_needs_not_be_shown() -> None:
    """By a flagged account, while flags are stopped, by a withdrawal, and by a top-up, which flags."""
    market = scene(("bob", money(20_000)), opening=(Trade("bob", "maker", (("perp", 1),), 0),)).table(Rules()).market
    bob = market.accounts["bob"]

    def top_up(claim: Claim = Claim.UNSAID) -> None:
        market.deposit(bob, market.n, 1, claim)

    for _ in range(2):
        top_up()
    with pytest.raises(RefusedError, match="initial margin is not shown"):
        top_up()
    top_up(Claim.MEETS_INITIAL_MARGIN)
    for _ in range(4):
        top_up()
    market.withdraw(bob, market.n, 5)
    for _ in range(4):
        top_up()
    assert not market.post((BTC, 7_000 * USD, 100 * USD))
    assert market.is_stopped
    for _ in range(5):
        top_up(Claim.REDUCES_RISK)
    assert market.post((BTC, 7_000 * USD, 100 * USD))
    market.keeper = lambda _: None
    assert market.health(bob) < 0
    top_up(Claim.TOPS_UP)
    for _ in range(5):
        top_up(Claim.TOPS_UP)


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
