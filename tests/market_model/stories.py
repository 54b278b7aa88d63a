"""Thefts from a market, told as stories: each works when a rule is out, and fails when all are there."""

from dataclasses import dataclass, field, replace
from typing import Final

from market_model.actions import (
    Action,
    Delist,
    Deposit,
    Dodge,
    Expire,
    Flee,
    Leave,
    List,
    PayOut,
    Post,
    Prove,
    Rekey,
    Replay,
    Scene,
    Settle,
    Sleep,
    Trade,
    Wait,
    WindDown,
    Withdraw,
)
from market_model.engine_actions import (
    Flag,
    TakeOver,
)
from market_model.listings import perpetual
from market_model.quiet import AGAIN, AWAY, DEBT, FLAGGED, KNOWN, LEDGER, LEFT, LOAN
from market_model.rules import DOLLAR, ONE, Rules
from market_model.scenes import (
    BTC,
    CALL,
    DATED,
    EXPIRING,
    FUTURE,
    HONEST,
    SAFE,
    USD,
    coins,
    money,
    scene,
)

from prover.trade import Claim

_PERP: Final = (("perp", 1),)
_CALL: Final = (("call", 1),)

_SETTLE: Final = Settle(("call",))
_OFF_BY_HALF: Final = Settle(("call",), 500_000)
_OTHER: Final = perpetual("other", 200_000, 100_000, 40_000)
_NEXT_CALL: Final = replace(CALL, symbol="next", expires_at=120)
_UNTIL: Final = (Post(), Post())
"""The second of these rounds is of the expiry."""


@dataclass(frozen=True)
class Story:
    """A theft.

    Attributes:
        told: who holds what, what they do, and what stops them.
        rules: that are out when it works.
        scene: how it begins.
        script: what is done.
        theft: its kind.
        dollars: what it takes, to the dollar.
        limits: the rules with their parameters.
    """

    told: str
    rules: tuple[str, ...]
    scene: Scene
    script: tuple[Action, ...]
    theft: str
    dollars: int
    limits: Rules = field(default_factory=Rules)


STORIES: Final[dict[str, Story]] = {
    "dump at a superseded round": Story(
        "Alice is long 10 bitcoin with 20,000 USD and loses 25,000 by a jump. A block later she sells to her empty "
        "account Carol at the round before the jump, 20 % below its price. Trades are proven at the newest round.",
        ("newest_for_trades",),
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(12), Trade("carol", "alice", _PERP, "close", "low", back=1)),
        DEBT,
        5_000,
    ),
    "dump within the grace": Story(
        "The same in the block after a jump, at the round before it. There is no grace after a jump.",
        ("grace_needs_calm",),
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Trade("carol", "alice", _PERP, "close", "low", back=1)),
        DEBT,
        5_000,
    ),
    "dump in a halted book": Story(
        "The same while the jump is held as a candidate, with the claim that risk falls. Carol's position grows.",
        ("shrinking_in_each_slot",),
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (
            Post((("perp", -250_000),)),
            Trade("carol", "alice", _PERP, "close", "low", claim=Claim.REDUCES_RISK),
            Post(),
        ),
        DEBT,
        5_000,
    ),
    "dump once a candidate is forgotten": Story(
        "The same 15 minutes later, when the candidate and its halt are over and no round came. Found by this "
        "model: the newest round is too old for a proof by then.",
        ("rounds_are_young",),
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (
            Post((("perp", -250_000),)),
            Wait(1_000),
            Trade("carol", "alice", _PERP, "close", "low"),
            Post(),
            Post(),
        ),
        DEBT,
        5_000,
    ),
    "free borrowing": Story(
        "Dora has 12 bitcoin of spot and pays her own account Emil 90,000 USD for nothing. Emil withdraws other "
        "people's money. Spot backs little debt where money moves.",
        ("cash_for_growth",),
        scene(("dora", coins(12)), ("emil", {})),
        (Trade("emil", "dora", _PERP, "0", "low"), Withdraw("emil", "money")),
        LOAN,
        90_000,
    ),
    "borrowing by closing below the mark": Story(
        "Dora buys 50 bitcoin from Emil at the mark and sells them back for 20 % less. Spot backs little debt "
        "there, too.",
        ("cash_for_shrinking",),
        scene(("dora", coins(12)), ("emil", money(100_000))),
        (
            Trade("dora", "emil", _PERP, 0),
            Trade("emil", "dora", _PERP, "close", "low"),
            Withdraw("emil", "money"),
        ),
        LOAN,
        88_000,
    ),
    "borrowing by options that expire": Story(
        "Dora buys 900 calls from Emil at the mark, which expire worthless. Her spot is sold until it backs 10 % "
        "of its value.",
        ("overdrafts_are_called",),
        scene(("dora", coins(12)), ("emil", money(1_600_000)), listings=EXPIRING),
        (
            Trade("dora", "emil", _CALL, "900"),
            Post((("call", -1_000_000),)),
            Post(),
            Settle(("call",)),
            *[Post()] * 6,
        ),
        LOAN,
        78_000,
    ),
    "straddle": Story(
        "One owner is long and short. After a jump of 25 % the winner withdraws before the loser's debt is seen. "
        "Withdrawals wait until the engine has sold the loser.",
        ("withdrawals_wait",),
        scene(("long", money(20_000)), ("short", money(20_000)), opening=(Trade("long", "short", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Withdraw("short", "money"), PayOut("thief")),
        "paid before a debt is seen",
        5_000,
    ),
    "position in a settled slot": Story(
        "A future settles. At the round of before, two accounts that went through the settlement trade it once more. "
        "Then another asset is listed in that slot, worth 20,000 USD. The round is of another epoch, and the slot is "
        "closed there. And no account goes through a settlement before a round is of its epoch.",
        ("epoch_of_round", "closing_is_reduce_only", "expire_needs_round"),
        scene(("long", money(20_000)), ("short", money(20_000)), listings=FUTURE),
        (
            *_UNTIL,
            Settle(("perp",)),
            Expire("long"),
            Expire("short"),
            Trade("long", "short", _PERP, "10"),
            Post(),
            Wait(60),
            List(1, _OTHER, 2 * BTC),
            Post(),
        ),
        DEBT,
        80_000,
    ),
    "position at price 0": Story(
        "A round after the settlement has no price of the slot. Two accounts trade 100 of it for nothing. Then "
        "another asset is listed there. No position grows in a settled slot, and none is short of it.",
        ("closing_is_reduce_only", "vacant_is_long_only"),
        scene(("long", money(20_000)), ("short", money(20_000)), listings=FUTURE),
        (
            *_UNTIL,
            Settle(("perp",)),
            Post(),
            Expire("long"),
            Expire("short"),
            Trade("long", "short", _PERP, "100"),
            Wait(60),
            List(1, _OTHER, BTC),
            Post(),
        ),
        DEBT,
        980_000,
    ),
    "position grows within the grace": Story(
        "At the first round after the expiry, Tom knows the settlement of the call. He buys it at the round before, "
        "which closes no slot yet and serves trades for 12 seconds. Found by this model: there is no grace after a "
        "slot closed.",
        ("grace_needs_open",),
        scene(("tom", money(20_000)), listings=EXPIRING),
        (*_UNTIL, _OFF_BY_HALF, Trade("tom", "maker", _CALL, 0, back=1)),
        KNOWN,
        10_000,
    ),
    "position grows before the next round": Story(
        "Tom buys at the newest round once he knows the settlement, which is 50 USD higher. No position grows in a "
        "slot whose expiry is over.",
        ("closing_is_reduce_only",),
        scene(("tom", money(20_000)), listings=EXPIRING),
        (*_UNTIL, _OFF_BY_HALF, Trade("tom", "maker", _CALL, 0)),
        KNOWN,
        10_000,
    ),
    "settlement before the slot closes": Story(
        "The call settles while the newest round is from before its expiry, so that it closes no slot. Tom buys at it.",
        ("settlement_after_expiry",),
        scene(("tom", money(20_000)), listings=EXPIRING),
        (Post(), Wait(60), _OFF_BY_HALF, Trade("tom", "maker", _CALL, 0)),
        KNOWN,
        10_000,
    ),
    "settlement at a stale price": Story(
        "The feed of a future froze at 10,000 USD; it trades at 7,500. Rounds leave it out. The reports of its expiry "
        "repeat the old price, and Lea, who is long, gets it. Nothing settles near a stale price.",
        ("settlement_needs_live",),
        scene(("lea", money(20_000)), listings=FUTURE, opening=(Trade("lea", "maker", _PERP, 0),)),
        (
            Post((("perp", -250_000),), stale=("perp",)),
            Post(stale=("perp",)),
            Settle(("perp",), 333_333),
        ),
        AWAY,
        21_999,
    ),
    "settlement far from the round": Story(
        "The reports of the expiry are off by a quarter. A settlement is within one limit of the newest round.",
        ("settlement_near_round",),
        scene(("lea", money(20_000)), listings=FUTURE, opening=(Trade("lea", "maker", _PERP, 0),)),
        (*_UNTIL, Settle(("perp",), 250_000)),
        AWAY,
        21_000,
    ),
    "settlement at a candidate": Story(
        "Reports that are off by a quarter are held as a candidate. Those of the expiry say the same. A candidate is "
        "no round.",
        ("settlement_near_round",),
        scene(("lea", money(20_000)), listings=FUTURE, opening=(Trade("lea", "maker", _PERP, 0),)),
        (*_UNTIL, Post((("perp", 250_000),)), Settle(("perp",), 250_000)),
        AWAY,
        21_000,
    ),
    "settled twice": Story(
        "A future settles, and settles again. Lea sleeps through both, and one proof takes her through both.",
        ("settles_once", "no_slot_twice"),
        scene(("lea", money(20_000)), listings=FUTURE, opening=(Trade("lea", "maker", _PERP, 0), Sleep("lea"))),
        (*_UNTIL, Settle(("perp",)), Settle(("perp",)), Post(), Expire("lea")),
        LEDGER,
        100_000,
    ),
    "asleep through two expiries": Story(
        "Lea sleeps while her call settles, another one is listed in its slot, and settles too. One proof would pay "
        "her both prices. A proof goes through no two settlements of a slot.",
        ("no_slot_twice",),
        scene(("lea", money(20_000)), listings=EXPIRING, opening=(Trade("lea", "maker", _CALL, "10"), Sleep("lea"))),
        (
            *_UNTIL,
            _SETTLE,
            Post(),
            Wait(60),
            List(2, _NEXT_CALL, 100 * USD),
            *_UNTIL,
            Settle(("next",)),
            Post(),
            Expire("lea"),
        ),
        LEDGER,
        1_000,
    ),
    "skipped epoch": Story(
        "Sam is short of calls that rise to 300 USD. The future settles a minute after them, and he goes to that epoch "
        "at once. A proof of an expiry goes through each epoch on its way.",
        ("every_epoch",),
        scene(("sam", money(20_000)), listings=DATED, opening=(Trade("maker", "sam", _CALL, "10"), Sleep("sam"))),
        (Post((("call", 2_000_000),)), Post(), _SETTLE, Post(), Settle(("perp",)), Post(), Expire("sam")),
        LEDGER,
        3_000,
    ),
    "debt shed by sleeping": Story(
        "Sam sells 10 futures, which settle. At the next round they have no price, and he withdraws what he got for "
        "them. The round is of a later epoch than his account, and no account is short of a slot without a price.",
        ("epoch_of_round", "vacant_is_long_only"),
        scene(("sam", money(20_000)), listings=FUTURE, opening=(Trade("maker", "sam", _PERP, 0), Sleep("sam"))),
        (*_UNTIL, Settle(("perp",)), Post(), Withdraw("sam", "money")),
        DEBT,
        100_000,
    ),
    "flag at a round after an expiry": Story(
        "Lea is long of futures, which settle at their price. At the next round they have no price, so that her "
        "account looks unhealthy, and a thief flags it before her proof. The round is of another epoch.",
        ("epoch_of_round",),
        scene(("lea", money(20_000)), listings=FUTURE, opening=(Trade("lea", "maker", _PERP, 0), Sleep("lea"))),
        (*_UNTIL, Settle(("perp",)), Post(), Flag("lea")),
        FLAGGED,
        20_000,
    ),
    "exit with an expired position": Story(
        "Sam is short of calls that rose to 300 USD, and settle. He takes his quote out before they become cash. An "
        "exit leaves no position, and comes after every settlement that a round is of.",
        ("exit_is_flat", "epoch_of_round"),
        scene(("sam", money(20_000)), listings=EXPIRING, opening=(Trade("maker", "sam", _CALL, 0),)),
        (Post((("call", 2_000_000),)), Post(), _SETTLE, Post(), Leave("sam")),
        DEBT,
        3_999,
    ),
    "exit paid again": Story(
        "Victor paid a thief by an exit, and deposited as much. His guardian proves an expiry, by which his positions "
        "do not change, and seals the state with the number that it had before the exit. The thief submits that proof "
        "again. The contract chooses the number.",
        ("fresh_rho",),
        Scene(
            EXPIRING,
            (BTC, BTC, 100 * USD),
            (*HONEST, ("victor", "honest", money(20_000))),
            (Leave("victor", 5_000 * DOLLAR, "thief"), Deposit("victor", "money", 5_000 * DOLLAR)),
        ),
        (*_UNTIL, _SETTLE, Post(), Expire("victor", exit=0), Replay()),
        AGAIN,
        5_000,
    ),
    "rekey before each flag": Story(
        "Victor is unhealthy, and moves his account to another guardian before each flag. An account moves only if it "
        "was proven at the newest round, and not often in a row.",
        ("rekey_needs_proof", "unshown_changes_end"),
        scene(("victor", money(20_000)), opening=(Trade("victor", "maker", _PERP, 0),)),
        (Flee("victor"), *[Post((("perp", -40_000),))] * 8),
        DEBT,
        2_817,
    ),
    "early wind-down": Story(
        "A fall of a quarter is held as a candidate. Lea, who is long, ends the book at the price of before. It ends "
        "after a silence of a week.",
        ("wind_down_needs_silence",),
        scene(("lea", money(20_000)), opening=(Trade("lea", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), WindDown()),
        AWAY,
        25_000,
    ),
    "wind-down at a candidate": Story(
        "Reporters fall silent after prices that are held as a candidate, a quarter too high. The book ends at prices "
        "that were recorded.",
        ("wind_down_at_recorded",),
        scene(("lea", money(20_000)), opening=(Trade("lea", "maker", _PERP, 0),)),
        (Post((("perp", 250_000),)), Wait(8 * 86_400), WindDown()),
        AWAY,
        25_000,
    ),
    "loan in a wind-down": Story(
        "Dora has 12 bitcoin of spot. The book ends, so that no price of it moves and nothing is sold any more. She "
        "pays Emil 6,000 USD for nothing. Spot is stale in a book that ends, and lends nothing.",
        ("wind_down_spot_is_stale",),
        scene(("dora", coins(12)), ("emil", money(20_000))),
        (
            Wait(8 * 86_400),
            WindDown(),
            Expire("dora"),
            Expire("emil"),
            Trade("emil", "dora", _PERP, "0", "low"),
            Withdraw("emil", "money"),
        ),
        LEFT,
        6_000,
    ),
    "debt left in a wind-down": Story(
        "Dora owes 3,000 USD against 12 bitcoin of spot when the book ends. She takes half of the spot out. Stale spot "
        "backs no withdrawal, and no debt.",
        ("stale_spot_backs_nothing", "stale_spot_lends_nothing"),
        scene(
            ("dora", coins(12)),
            ("emil", {}),
            opening=(
                Trade("emil", "dora", _PERP, "0", "low"),
                Deposit("dora", "money", 3_000 * DOLLAR),
                Wait(8 * 86_400),
                WindDown(),
                Expire("dora"),
            ),
        ),
        (Withdraw("dora", "wbtc", amount=6 * ONE),),
        LEFT,
        3_000,
    ),
    "relisted over a position": Story(
        "Two accounts of one owner sleep through a settlement, one long and one short. Another asset is listed in the "
        "slot, worth 1,000 USD, and the short one withdraws what it seems to gain. The rounds are of another epoch.",
        ("epoch_of_round",),
        scene(
            ("long", money(20_000)),
            ("short", money(20_000)),
            listings=FUTURE,
            opening=(Trade("long", "short", _PERP, 0), Sleep("long"), Sleep("short")),
        ),
        (
            *_UNTIL,
            Settle(("perp",)),
            Post(),
            Wait(60),
            List(1, _OTHER, 1_000 * USD),
            Post(),
            Withdraw("short", "money"),
        ),
        DEBT,
        88_000,
    ),
    "stale collateral": Story(
        "Larry has 10 wrapped bitcoin. Their feed dies at 10,000 USD; they trade at 1,000 elsewhere. He gets long of a "
        "perpetual against his own account. Stale spot backs no new risk.",
        ("stale_spot_backs_nothing",),
        scene(("larry", coins(10)), ("winnie", money(200_000))),
        (
            Post((("wbtc", -900_000),), stale=("wbtc",)),
            Trade("larry", "winnie", _PERP, 0),
            Post((("perp", -150_000),)),
            Post(),
        ),
        DEBT,
        53_750,
    ),
    "stale spot against a flag": Story(
        "Larry is unhealthy. The feed of wrapped bitcoin dies, and he deposits 10 that are worth little. Their old "
        "price keeps his account from the flag while it loses more. Found by this model: no spot is deposited at an "
        "old price.",
        ("stale_spot_stays_out",),
        scene(
            ("larry", coins(10)),
            ("winnie", money(200_000)),
            opening=(Trade("larry", "winnie", _PERP, 0), Post((("perp", -150_000),)), Post(stale=("wbtc",))),
        ),
        (
            Deposit("larry", "wbtc", 10 * ONE),
            *[Post((("perp", -40_000),), stale=("wbtc",))] * 5,
            Post((("wbtc", -900_000),)),
            Post(),
        ),
        DEBT,
        60_901,
    ),
    "position at a stale price": Story(
        "The feed of the perpetual dies; it trades at 25,000 USD elsewhere. Two accounts of one owner trade it at "
        "10,000. No position grows in a stale slot.",
        ("stale_is_reduce_only",),
        scene(("long", money(20_000)), ("short", money(20_000))),
        (Post((("perp", 1_500_000),), stale=("perp",)), Trade("long", "short", _PERP, 0), Post(), Post()),
        DEBT,
        10_000,
    ),
    "position at a price that just became stale": Story(
        "The same in the block after, at the round before, which knows the slot as live. Found by this model: "
        "there is no grace once a slot became stale.",
        ("grace_needs_fresh",),
        scene(("long", money(20_000)), ("short", money(20_000))),
        (Post((("perp", 1_500_000),), stale=("perp",)), Trade("long", "short", _PERP, 0, back=1), Post(), Post()),
        DEBT,
        130_000,
    ),
    "rekey over a debt": Story(
        "An empty account moves to the identity of one that owes money, and the debt is gone. An identity is used "
        "once.",
        ("new_identity",),
        scene(("long", money(20_000)), ("carol", {}), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Prove("carol"), Rekey("carol", "long")),
        LEDGER,
        155_000,
    ),
    "impaired money": Story(
        "A debt is written off, so that money is worth less than it says. Xenia buys spot at the mark and leaves "
        "whole. Spot is priced in such money.",
        ("spot_at_backing",),
        scene(("long", money(200_000)), ("xenia", money(70_000)), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(500), Post(), Trade("xenia", "maker", (("wbtc", 1),), "7")),
        "a trade at the mark gains",
        486,
    ),
    "impaired money before the next round": Story(
        "The same at the newest round, from before the debt was written off. Found by this model: the price of "
        "spot is that of the moment.",
        ("spot_at_present_backing",),
        scene(("long", money(200_000)), ("xenia", money(70_000)), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(500), Trade("xenia", "maker", (("wbtc", 1),), "7")),
        "a trade at the mark gains",
        486,
    ),
    "self-flag": Story(
        "A healthy account deposits a unit with claim 3 and is flagged, which starts the clocks early. The claim "
        "proves that the account is unhealthy.",
        ("top_up_needs_unhealthy",),
        scene(("bob", money(20_000)), opening=(Trade("bob", "maker", _PERP, 0),)),
        (Deposit("bob", "money", 1, Claim.TOPS_UP),),
        FLAGGED,
        10_000,
    ),
    "notices made void": Story(
        "An unhealthy account deposits a unit before each takeover, so that the takeover names an old commitment. "
        "Top-ups end with the cure window.",
        ("top_up_ends",),
        scene(("victor", money(20_000)), opening=(Trade("victor", "maker", _PERP, 0),)),
        (Dodge("victor"), *[Post((("perp", -40_000),))] * 8),
        DEBT,
        2_817,
    ),
    "overdraft notices made void": Story(
        "Dora is healthy, and owes more than a tenth of her 12 bitcoin. She deposits a unit before each takeover, with "
        "the claim that her risk falls, and Emil withdraws what she owes. Once the cure window is over, a flagged "
        "account deposits only to cure itself.",
        ("top_up_ends",),
        scene(("dora", coins(12)), ("emil", money(60_000)), opening=(Trade("dora", "emil", _PERP, 0),)),
        (Dodge("dora", Claim.REDUCES_RISK), *[Post((("perp", -40_000),))] * 6, Post(), Withdraw("emil", "money")),
        LOAN,
        53_172,
    ),
    "overdraft flags made void": Story(
        "The same before each flag, which then names an old commitment. An account that changed four times in a row "
        "without showing initial margin has to show it, or to rest for a round.",
        ("unshown_changes_end",),
        scene(("dora", coins(12)), ("emil", money(60_000)), opening=(Trade("dora", "emil", _PERP, 0),)),
        (Dodge("dora", Claim.REDUCES_RISK), *[Post((("perp", -40_000),))] * 6, Post(), Withdraw("emil", "money")),
        LOAN,
        53_172,
    ),
    "whale": Story(
        "An account is larger than every liquidator. A part of 10,000 USD of margin is enough.",
        ("enough_is_an_amount",),
        Scene(
            scene().listings,
            scene().prices,
            (
                ("maker", "honest", money(50_000_000)),
                ("liquidator", "honest", money(600_000)),
                ("whale", "thief", money(3_000_000)),
            ),
            (Trade("whale", "maker", _PERP, 0), *[Post((("perp", -40_000),))] * 3),
        ),
        (*[Post((("perp", -20_000),))] * 6,),
        DEBT,
        105_021,
    ),
    "delisting": Story(
        "A delisting is announced, and no account that is flat can take a position over. Takers may grow there.",
        ("taker_may_grow",),
        scene(("victor", money(20_000)), opening=(Trade("victor", "maker", _PERP, 0),), listings=SAFE[:2]),
        (Delist("perp"), *[Post((("perp", -40_000),))] * 8),
        DEBT,
        2_817,
    ),
    "queue overtaken": Story(
        "The maker waits for a large withdrawal. A thief that asks later is paid first. Requests of an asset are "
        "paid in order.",
        ("withdrawals_in_order",),
        scene(("thief", money(500_000))),
        (Withdraw("maker", "money"), Wait(12), Withdraw("thief", "money"), Wait(288), PayOut("thief"), Wait(12)),
        "paid before earlier requests",
        500_000,
        Rules(outflow_ppm=100_000, withdrawal_delay=300),
    ),
    "takeover of one's own account": Story(
        "A thief takes its own unhealthy account over at a rate that its equity does not pay. A covered reward is "
        "covered.",
        ("covered_reward",),
        Scene(
            scene().listings,
            scene().prices,
            (
                ("maker", "honest", money(5_000_000)),
                ("liquidator", "honest", {}),
                ("loser", "thief", money(20_000)),
                ("taker", "thief", money(20_000)),
            ),
            (Trade("loser", "maker", _PERP, 0), Post((("perp", -190_000),)), Post()),
        ),
        (Wait(400), TakeOver("loser", "taker", 1_000_000, 4_900)),
        DEBT,
        2_969,
    ),
}
