"""Thefts from a market, told as stories: each works when a rule is out, and fails when all are there."""

from dataclasses import dataclass, field
from typing import Final

from market_model.actions import (
    Action,
    Announce,
    Deposit,
    Dodge,
    Expire,
    List,
    PayOut,
    Post,
    Rekey,
    Scene,
    TakeOver,
    Trade,
    Wait,
    Withdraw,
)
from market_model.listings import perpetual
from market_model.quiet import DEBT, FLAGGED, LOAN
from market_model.rules import ONE, Rules
from market_model.scenes import BTC, coins, money, scene

from prover.trade import Claim

_PERP: Final = (("perp", 1),)
_CALL: Final = (("call", 1),)


@dataclass(frozen=True)
class Story:
    """A theft.

    Attributes:
        told: who holds what, what they do, and what stops them.
        rule: that is out when it works.
        scene: how it begins.
        script: what is done.
        theft: its kind.
        dollars: what it takes, to the dollar.
        limits: the rules with their parameters.
    """

    told: str
    rule: str
    scene: Scene
    script: tuple[Action, ...]
    theft: str
    dollars: int
    limits: Rules = field(default_factory=Rules)


STORIES: Final[dict[str, Story]] = {
    "dump at a superseded round": Story(
        "Alice is long 10 bitcoin with 20,000 USD and loses 25,000 by a jump. A block later she sells to her empty "
        "account Carol at the round before the jump, 20 % below its price. Trades are proven at the newest round.",
        "newest_for_trades",
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(12), Trade("carol", "alice", _PERP, "close", "low", back=1)),
        DEBT,
        5_000,
    ),
    "dump within the grace": Story(
        "The same in the block after a jump, at the round before it. There is no grace after a jump.",
        "grace_needs_calm",
        scene(("alice", money(20_000)), ("carol", {}), opening=(Trade("alice", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Trade("carol", "alice", _PERP, "close", "low", back=1)),
        DEBT,
        5_000,
    ),
    "dump in a halted book": Story(
        "The same while the jump is held as a candidate, with the claim that risk falls. Carol's position grows.",
        "shrinking_in_each_slot",
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
        "rounds_are_young",
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
        "cash_for_growth",
        scene(("dora", coins(12)), ("emil", {})),
        (Trade("emil", "dora", _PERP, "0", "low"), Withdraw("emil", "money")),
        LOAN,
        90_000,
    ),
    "borrowing by closing below the mark": Story(
        "Dora buys 50 bitcoin from Emil at the mark and sells them back for 20 % less. Spot backs little debt "
        "there, too.",
        "cash_for_shrinking",
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
        "Dora buys 1,000 calls from Emil at the mark, which expire worthless. Her spot is sold until it backs 10 % "
        "of its value.",
        "overdrafts_are_called",
        scene(("dora", coins(12)), ("emil", money(1_600_000))),
        (Trade("dora", "emil", _CALL, "900"), Post((("call", -1_000_000),), expire=("call",)), *[Post()] * 6),
        LOAN,
        78_000,
    ),
    "straddle": Story(
        "One owner is long and short. After a jump of 25 % the winner withdraws before the loser's debt is seen. "
        "Withdrawals wait until the engine has sold the loser.",
        "withdrawals_wait",
        scene(("long", money(20_000)), ("short", money(20_000)), opening=(Trade("long", "short", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Withdraw("short", "money"), PayOut("thief")),
        "paid before a debt is seen",
        5_000,
    ),
    "position in an expired slot": Story(
        "Calls expire. At the round before, two accounts that went through the expiry trade them once more. Then "
        "bitcoin is listed in that slot. The round is of another epoch. It is from before their last change, too: that "
        "rule is out here.",
        "epoch_of_round",
        scene(("long", money(20_000)), ("short", money(20_000))),
        (
            Post(expire=("call",)),
            Expire("long"),
            Expire("short"),
            Trade("long", "short", _CALL, "10", back=1),
            List(2, perpetual("other", 200_000, 100_000, 40_000), BTC),
            Post(),
        ),
        DEBT,
        79_000,
        Rules(round_since_change=False),
    ),
    "stale collateral": Story(
        "Larry has 10 wrapped bitcoin. Their feed dies at 10,000 USD; they trade at 1,000 elsewhere. He gets long of a "
        "perpetual against his own account. Stale spot backs no new risk.",
        "stale_spot_backs_nothing",
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
        "stale_spot_stays_out",
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
        "stale_is_reduce_only",
        scene(("long", money(20_000)), ("short", money(20_000))),
        (Post((("perp", 1_500_000),), stale=("perp",)), Trade("long", "short", _PERP, 0), Post(), Post()),
        DEBT,
        10_000,
    ),
    "position at a price that just became stale": Story(
        "The same in the block after, at the round before, which knows the slot as live. Found by this model: "
        "there is no grace once a slot became stale.",
        "grace_needs_fresh",
        scene(("long", money(20_000)), ("short", money(20_000))),
        (Post((("perp", 1_500_000),), stale=("perp",)), Trade("long", "short", _PERP, 0, back=1), Post(), Post()),
        DEBT,
        130_000,
    ),
    "rekey over a debt": Story(
        "An empty account moves to the identity of one that owes money, and the debt is gone. An identity is used "
        "once.",
        "new_identity",
        scene(("long", money(20_000)), ("carol", {}), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Rekey("carol", "long")),
        "the ledger does not add up",
        155_000,
    ),
    "impaired money": Story(
        "A debt is written off, so that money is worth less than it says. Xenia buys spot at the mark and leaves "
        "whole. Rounds price spot in such money.",
        "spot_at_backing",
        scene(("long", money(200_000)), ("xenia", money(70_000)), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(500), Post(), Trade("xenia", "maker", (("wbtc", 1),), "7")),
        "a trade at the mark gains",
        513,
    ),
    "impaired money before the next round": Story(
        "The same at the newest round, from before the debt was written off. Found by this model: no trade is "
        "proven at it.",
        "shortfall_ends_round",
        scene(("long", money(200_000)), ("xenia", money(70_000)), opening=(Trade("long", "maker", _PERP, 0),)),
        (Post((("perp", -250_000),)), Post(), Wait(500), Trade("xenia", "maker", (("wbtc", 1),), "7")),
        "a trade at the mark gains",
        513,
    ),
    "self-flag": Story(
        "A healthy account deposits a unit with claim 3 and is flagged, which starts the clocks early. The claim "
        "proves that the account is unhealthy.",
        "top_up_needs_unhealthy",
        scene(("bob", money(20_000)), opening=(Trade("bob", "maker", _PERP, 0),)),
        (Deposit("bob", "money", 1, Claim.TOPS_UP),),
        FLAGGED,
        10_000,
    ),
    "notices made void": Story(
        "An unhealthy account deposits a unit before each takeover, so that the takeover names an old commitment. "
        "Top-ups end with the cure window.",
        "top_up_ends",
        scene(("victor", money(20_000)), opening=(Trade("victor", "maker", _PERP, 0),)),
        (Dodge("victor"), *[Post((("perp", -40_000),))] * 8),
        DEBT,
        2_817,
    ),
    "overdraft notices made void": Story(
        "Dora is healthy, and owes more than a tenth of her 12 bitcoin. She deposits a unit before each takeover, with "
        "the claim that her risk falls, and Emil withdraws what she owes. Once the cure window is over, a flagged "
        "account deposits only to cure itself.",
        "top_up_ends",
        scene(("dora", coins(12)), ("emil", money(60_000)), opening=(Trade("dora", "emil", _PERP, 0),)),
        (Dodge("dora", Claim.REDUCES_RISK), *[Post((("perp", -40_000),))] * 6, Withdraw("emil", "money")),
        LOAN,
        53_172,
    ),
    "whale": Story(
        "An account is larger than every liquidator. A part of 10,000 USD of margin is enough.",
        "enough_is_an_amount",
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
        "taker_may_grow",
        scene(("victor", money(20_000)), opening=(Trade("victor", "maker", _PERP, 0),)),
        (Announce("perp"), *[Post((("perp", -40_000),))] * 8),
        DEBT,
        2_817,
    ),
    "queue overtaken": Story(
        "The maker waits for a large withdrawal. A thief that asks later is paid first. Requests of an asset are "
        "paid in order.",
        "withdrawals_in_order",
        scene(("thief", money(500_000))),
        (Withdraw("maker", "money"), Wait(12), Withdraw("thief", "money"), Wait(288), PayOut("thief"), Wait(12)),
        "paid before earlier requests",
        500_000,
        Rules(outflow_ppm=100_000, withdrawal_delay=300),
    ),
    "takeover of one's own account": Story(
        "A thief takes its own unhealthy account over at a rate that its equity does not pay. A covered reward is "
        "covered.",
        "covered_reward",
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
