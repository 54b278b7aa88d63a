"""A quiet market for each rule: few accounts and few actions, in which a theft is found once that rule is out."""

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
    FlagOn,
    Recover,
    TakeOver,
)
from market_model.insurance_actions import Join, Redeem, RequestRedeem
from market_model.listings import perpetual
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
    both_ways,
    coins,
    money,
    scene,
    trades,
)
from market_model.search import Hunt

from prover.trade import Claim


@dataclass(frozen=True)
class Quiet:
    """A quiet market.

    Attributes:
        theft: what is found.
        hunt: where.
        rules: with all of them.
    """

    theft: str
    hunt: Hunt
    rules: Rules = field(default_factory=Rules)


_AHEAD: Final = Rules(expire_needs_round=False)
"""An account may be ahead of the rounds, so that the other rules are seen to stop what it could do there."""

DEBT: Final = "a debt that no price explains"
LOAN: Final = "a loan against spot"
FLAGGED: Final = "a healthy account is flagged"
SOLD: Final = "a healthy account is sold"
FREED: Final = "an unhealthy account is freed"
LEDGER: Final = "the ledger does not add up"
KNOWN: Final = "a position grows at a known settlement"
AWAY: Final = "a settlement away from the price"
LEFT: Final = "a debt is left in the wind-down"
GAINED: Final = "a trade at the mark gains"
AGAIN: Final = "an exit is paid again"

_PERP: Final = (("perp", 1),)
_CALL: Final = (("call", 1),)

_FALLS: Final[tuple[Action, ...]] = (Post((("perp", -40_000),)), Post((("perp", -39_000),), 72))
_JUMPS: Final[tuple[Action, ...]] = (Post((("perp", -150_000),)), Post((("perp", -250_000),)), Post())
_OUT: Final[tuple[Action, ...]] = (Withdraw("a", "money"), Withdraw("b", "money"))

_PAIR: Final = scene(("a", money(20_000)), ("b", money(20_000)))
_LONG: Final = scene(("a", money(20_000)), ("b", money(20_000)), ("c", {}), opening=(Trade("a", "maker", _PERP, 0),))
_UNCALLED: Final = replace(_LONG, listings=SAFE[:2], prices=_LONG.prices[:2])
"""No option keeps the perpetual from being delisted."""

_HALF: Final = scene(("a", money(20_000)), ("b", money(5_000)), opening=(Trade("a", "b", _PERP, 0),))
_SPOT: Final = scene(("a", coins(12)), ("b", money(100_000)))
_SPOT_LONG: Final = scene(("a", coins(12)), ("b", money(110_000)), opening=(Trade("a", "b", _PERP, 0),))

_OTHER: Final = perpetual("other", 200_000, 100_000, 40_000)
_SETTLE: Final = Settle(("call",))
_WRONG: Final = Settle(("call",), 500_000)
"""By reports that are off by half of the price, which is within the limit."""

_EXPIRING: Final = scene(("a", money(20_000)), ("b", money(20_000)), listings=EXPIRING)
_EXPIRED: Final = replace(_EXPIRING, opening=(Post(), Post()))
"""The call expired, and has not settled."""

_CALLS: Final = replace(_EXPIRING, opening=(Trade("a", "b", _CALL, 0), Post((("call", 2_000_000),)), Post(), _SETTLE))
"""One account is long and one short of calls, which settled. No round is of that epoch yet."""

_WITH_MAKER: Final = trades([("a", "maker"), ("maker", "a")], legs=(_CALL,), sizes=[0], prices=["mark"])
_WITH_MAKER_BEFORE: Final = trades(
    [("a", "maker"), ("maker", "a")], legs=(_CALL,), sizes=[0], prices=["mark"], backs=[1]
)
_BOTH_EXPIRE: Final = (Expire("a"), Expire("b"))
_LISTED: Final[tuple[Action, ...]] = (*(List(slot, _OTHER, BTC) for slot in (1, 2)), Post())

_FUTURES: Final = scene(("a", money(20_000)), listings=FUTURE, opening=(Trade("a", "maker", _PERP, 0),))
_SETTLE_FUTURE: Final = tuple(Settle(("perp",), error) for error in (0, 333_334, -250_000))

_FLAT: Final = scene(("a", money(20_000)), ("b", money(20_000)), listings=FUTURE)
_SETTLED_FLAT: Final = replace(_FLAT, opening=(Post(), Post(), _SETTLE_FUTURE[0]))
_SETTLED_FUTURE: Final = replace(_FLAT, opening=(Trade("a", "b", _PERP, 0), *_SETTLED_FLAT.opening))
"""One account is long and one short of futures, which settled. No round is of that epoch yet."""

_SILENCE: Final = Wait(8 * 86_400)
_ENDED: Final = replace(
    _SPOT,
    opening=(
        Trade("b", "a", _PERP, "0", "low"),
        Deposit("a", "money", 3_000 * DOLLAR),
        _SILENCE,
        WindDown(),
        *_BOTH_EXPIRE,
    ),
)
"""One account owes 3,000 USD against 12 bitcoin of spot, and the book winds down."""

_VICTIM: Final = Scene(
    EXPIRING,
    (BTC, BTC, 100 * USD),
    (*HONEST, ("victor", "honest", money(20_000))),
    (
        Leave("victor", 5_000 * DOLLAR, "thief"),
        Deposit("victor", "money", 5_000 * DOLLAR),
        Post(),
        Post(),
        _SETTLE,
        Post(),
    ),
)
"""An owner paid a thief by an exit, and later has as much again as before."""

_NEXT_CALL: Final = replace(CALL, symbol="next", expires_at=120)
_REPEATED: Final = replace(
    _EXPIRING,
    opening=(
        Trade("a", "b", _CALL, 0),
        Sleep("a"),
        Post(),
        Post(),
        _SETTLE,
        Post(),
        Wait(60),
        List(2, _NEXT_CALL, 100 * USD),
        Post(),
        Post(),
        Settle(("next",)),
    ),
)
"""A slot settled twice, and one account slept through both."""


_FALLEN: Final = replace(_LONG, opening=(*_LONG.opening, *[Post((("perp", -40_000),))] * 3))
"""The long account is unhealthy, and not flagged yet."""

_UNSOLD: Final = Scene(
    _LONG.listings,
    _LONG.prices,
    (
        ("maker", "honest", {"money": 5_000_000 * DOLLAR}),
        ("liquidator", "honest", {}),
        ("a", "thief", money(20_000)),
        ("b", "thief", money(20_000)),
    ),
    (Trade("a", "maker", _PERP, 0), Post((("perp", -190_000),)), Post()),
)
"""The long account is unhealthy after a jump, and the honest liquidator has no money."""

_LOST: Final = scene(
    ("a", money(200_000)),
    ("b", money(20_000)),
    opening=(Trade("a", "maker", _PERP, 0), Post((("perp", -250_000),)), Post()),
)
"""The long account owes money after a jump, and is about to be sold."""

_SHORT_OF_TOKENS: Final = replace(_LOST, opening=(*_LOST.opening, Wait(1_800), Post()))
"""Its debt is written off, which is several steps of the scale of spot."""

_SPOT_FROM_MAKER: Final = trades([("b", "maker")], legs=((("wbtc", 1),),), sizes=["1"], prices=["mark"])

_RISE: Final[tuple[Action, ...]] = (Post((("perp", 10_000),), 72), Wait(13))
_TAKES: Final = (TakeOver("a", "b", 200_000, 1_000), TakeOver("a", "b", 10_000, 1_000))
_LATE_TAKES: Final = tuple(
    TakeOver("a", "b", 1_000_000, rate, is_covered=is_covered)
    for rate, is_covered in ((1_000, True), (4_900, True), (2_400, False))
)


def _whale() -> Scene:
    accounts = (
        ("maker", "honest", {"money": 50_000_000 * DOLLAR}),
        ("liquidator", "honest", {"money": 600_000 * DOLLAR}),
        ("a", "thief", money(3_000_000)),
    )
    falls = [Post((("perp", -40_000),))] * 3
    return Scene(_PAIR.listings, _PAIR.prices, accounts, (Trade("a", "maker", _PERP, 0), *falls))


_OVERDRAWN: Final = scene(("a", coins(12)), ("b", money(60_000)), opening=(Trade("a", "b", _PERP, 0),))

QUIET: Final[dict[str, Quiet]] = {
    "maintenance_margin": Quiet(
        DEBT, Hunt(_LONG, (_FALLS, trades([("b", "a")], sizes=("half", 0), prices=["low"])), length=6)
    ),
    "initial_margin": Quiet(DEBT, Hunt(_PAIR, (_JUMPS, trades([("a", "maker"), ("a", "b")])))),
    "shrinking_keeps_health": Quiet(DEBT, Hunt(_HALF, (_JUMPS, trades(both_ways("a", "b"), sizes=(0, -1, "0"))))),
    "shrinking_in_each_slot": Quiet(
        DEBT, Hunt(_LONG, (_JUMPS, (Trade("c", "a", _PERP, "close", "low", claim=Claim.REDUCES_RISK),)))
    ),
    "stop_ends_growth": Quiet(DEBT, Hunt(_LONG, (_JUMPS, trades([("c", "a")], sizes=["close"], prices=["low"])))),
    "cash_for_growth": Quiet(LOAN, Hunt(_SPOT, (_OUT, trades(both_ways("a", "b"), sizes=("0", 0))))),
    "cash_for_shrinking": Quiet(LOAN, Hunt(_SPOT, (_OUT, trades(both_ways("a", "b"), sizes=(0, "close"))))),
    "top_up_needs_unhealthy": Quiet(
        FLAGGED, Hunt(_LONG, ((Deposit("a", "money", 1, Claim.TOPS_UP), Deposit("b", "money", 1)), _FALLS))
    ),
    "withdrawal_meets_initial": Quiet(
        DEBT,
        Hunt(
            scene(("a", coins(12)), ("b", {}), opening=(Trade("b", "a", _PERP, "0", "low"),)),
            ((Post((("wbtc", -500_000),), stale=("wbtc",)), Post()), (Withdraw("a", "wbtc"), Withdraw("b", "money"))),
            rest=3,
        ),
    ),
    "spot_is_long_only": Quiet(
        "spot that is not there",
        Hunt(
            _PAIR,
            (
                trades(both_ways("a", "b"), legs=((("wbtc", 1),),), sizes=["1"]),
                (Withdraw("a", "wbtc"), Withdraw("b", "wbtc"), Post()),
            ),
        ),
    ),
    "stale_is_reduce_only": Quiet(
        DEBT, Hunt(_PAIR, ((Post((("perp", 1_500_000),), stale=("perp",)), Post()), trades(both_ways("a", "b"))))
    ),
    "stale_spot_backs_nothing": Quiet(
        DEBT,
        Hunt(
            scene(("a", coins(10)), ("b", money(200_000))),
            (
                (Post((("wbtc", -900_000),), stale=("wbtc",)), Post((("perp", -150_000),))),
                trades([("a", "b")], sizes=[0], prices=["mark"]),
            ),
        ),
    ),
    "stale_spot_stays_out": Quiet(
        DEBT,
        Hunt(
            scene(
                ("a", coins(10)),
                ("b", money(200_000)),
                opening=(Trade("a", "b", _PERP, 0), Post((("perp", -150_000),)), Post(stale=("wbtc",))),
            ),
            ((Deposit("a", "wbtc", 10 * ONE),), (Post(stale=("wbtc",)), Post((("wbtc", -900_000),)), *_FALLS)),
            rest=3,
        ),
    ),
    "stale_spot_lends_nothing": Quiet(
        LOAN,
        Hunt(
            _SPOT_LONG,
            (
                (Post((("wbtc", -900_000),), stale=("wbtc",)), Post()),
                trades([("b", "a")], sizes=(0, -1, "close"), prices=("low", "mark")),
            ),
        ),
    ),
    "newest_for_trades": Quiet(
        DEBT,
        Hunt(
            _LONG,
            (_JUMPS, trades([("b", "a"), ("c", "a")], sizes=["close"], prices=["low"], backs=(0, 1, 2)), (Wait(24),)),
        ),
    ),
    "grace_needs_calm": Quiet(
        DEBT, Hunt(_LONG, (_JUMPS, trades([("c", "a"), ("b", "a")], sizes=["close"], prices=["low"], backs=(0, 1))))
    ),
    "newest_for_withdrawals": Quiet(
        DEBT,
        Hunt(
            scene(("a", money(20_000)), ("b", money(3_000)), opening=(Trade("a", "b", _PERP, 0),)),
            (_JUMPS, (Withdraw("a", "money"), Withdraw("a", "money", 1), Withdraw("b", "money", 1))),
        ),
    ),
    "newest_for_flags": Quiet(FLAGGED, Hunt(_FALLEN, (_RISE, (FlagOn("a"), FlagOn("a", 1), FlagOn("a", 2))))),
    "newest_for_cures": Quiet(
        FREED,
        Hunt(
            _FALLEN,
            (
                (Wait(13), *_FALLS),
                (Recover("a"), Recover("a", 1), Deposit("a", "money", 1, Claim.MEETS_INITIAL_MARGIN, 3)),
            ),
        ),
    ),
    "newest_for_takeovers": Quiet(SOLD, Hunt(_FALLEN, (_RISE, (*_TAKES, *(replace(take, back=1) for take in _TAKES))))),
    "grace_needs_fresh": Quiet(
        DEBT,
        Hunt(
            _PAIR,
            (
                (Post((("perp", 1_500_000),), stale=("perp",)), Post()),
                trades([("a", "b")], sizes=(0, -1), prices=["mark"], backs=(0, 1)),
            ),
        ),
    ),
    "rounds_are_young": Quiet(
        DEBT, Hunt(_LONG, (_JUMPS, (Wait(60), Wait(900)), trades([("c", "a")], sizes=["close"], prices=["low"])))
    ),
    "grace_needs_open": Quiet(
        KNOWN, Hunt(replace(_EXPIRING, opening=(Post(),)), ((Post(), _WRONG), _WITH_MAKER_BEFORE))
    ),
    "closing_is_reduce_only": Quiet(KNOWN, Hunt(_EXPIRED, ((Post(), _WRONG), _WITH_MAKER))),
    "settlement_after_expiry": Quiet(
        KNOWN, Hunt(replace(_EXPIRING, opening=(Post(),)), ((Post(), Wait(60), _WRONG), _WITH_MAKER))
    ),
    "settlement_needs_live": Quiet(
        AWAY, Hunt(_FUTURES, ((Post((("perp", -250_000),), stale=("perp",)), Post(stale=("perp",))), _SETTLE_FUTURE))
    ),
    "settlement_near_round": Quiet(AWAY, Hunt(_FUTURES, ((Post(), Post((("perp", -250_000),))), _SETTLE_FUTURE))),
    "epoch_of_round": Quiet(
        FLAGGED, Hunt(_SETTLED_FUTURE, ((Post(), *_BOTH_EXPIRE), (Flag("a"), Flag("b"), Flag("a", 1), Flag("b", 1))))
    ),
    "every_epoch": Quiet(
        LEDGER,
        Hunt(
            replace(_CALLS, listings=DATED),
            ((Post(), Settle(("perp",))), (*_BOTH_EXPIRE, Expire("a", 1), Expire("b", 1))),
        ),
        _AHEAD,
    ),
    "no_slot_twice": Quiet(LEDGER, Hunt(_REPEATED, ((Post(),), (*_BOTH_EXPIRE, Expire("a", 1), Expire("b", 1))))),
    "fresh_rho": Quiet(AGAIN, Hunt(_VICTIM, ((Expire("victor"), Expire("victor", exit=0)), (Replay(),)))),
    "exit_is_flat": Quiet(DEBT, Hunt(_HALF, (_JUMPS, (Leave("a"), Leave("b"))))),
    "wind_down_needs_silence": Quiet(AWAY, Hunt(_LONG, (_JUMPS, (WindDown(), _SILENCE)))),
    "wind_down_at_recorded": Quiet(AWAY, Hunt(_LONG, ((Post((("perp", 250_000),)), *_JUMPS), (WindDown(), _SILENCE)))),
    "wind_down_spot_is_stale": Quiet(
        LEFT,
        Hunt(_ENDED, (trades(both_ways("a", "b"), sizes=("0",), prices=("low",)), (Withdraw("a", "wbtc"), *_OUT))),
    ),
    "two_accounts": Quiet(LEDGER, Hunt(_PAIR, (trades([("a", "a"), ("b", "b"), ("a", "b")]), _FALLS))),
    "new_identity": Quiet(LEDGER, Hunt(_LONG, ((Rekey("c", "a"), Rekey("c", "d"), Rekey("b", "c")), _FALLS))),
    "release_needs_unhealthy": Quiet(SOLD, Hunt(_FALLEN, (_RISE, _TAKES))),
    "covered_reward": Quiet(DEBT, Hunt(_UNSOLD, ((Wait(100), Wait(400)), _LATE_TAKES), rest=0)),
    "uncovered_below_floor": Quiet(DEBT, Hunt(_UNSOLD, ((Wait(100), Wait(400)), _LATE_TAKES), rest=0)),
    "enough_is_an_amount": Quiet(
        DEBT, Hunt(_whale(), ((Post((("perp", -20_000),)), Post((("perp", -20_000),), 72)),), length=10, rest=0)
    ),
    "top_up_ends": Quiet(DEBT, Hunt(_LONG, (_FALLS, (Dodge("a"), Dodge("b"))), length=10, rest=0)),
    "unshown_changes_end": Quiet(
        LOAN, Hunt(_OVERDRAWN, (_FALLS, _OUT, (Dodge("a", Claim.REDUCES_RISK), Dodge("b", Claim.REDUCES_RISK))), rest=6)
    ),
    "taker_may_grow": Quiet(DEBT, Hunt(_UNCALLED, (_FALLS, (Delist("perp"), Post())), length=10, rest=0)),
    "overdrafts_are_called": Quiet(LOAN, Hunt(_OVERDRAWN, (_FALLS, _OUT), rest=6)),
    "withdrawals_wait": Quiet(
        "paid before a debt is seen",
        Hunt(_LONG, (_JUMPS, (*_OUT, PayOut("thief")), trades([("b", "maker"), ("maker", "b")]))),
    ),
    "withdrawals_in_order": Quiet(
        "paid before earlier requests",
        Hunt(_PAIR, ((Withdraw("maker", "money"),), (Withdraw("b", "money"),), (Wait(12), Wait(300)))),
        Rules(outflow_ppm=100_000, withdrawal_delay=300),
    ),
    "redemptions_wait": Quiet(
        "shares leave before a debt is seen",
        Hunt(
            replace(_LOST, opening=(Join("thief", 50_000 * DOLLAR), *_LOST.opening)),
            ((RequestRedeem("thief"), Wait(1)), (Redeem("thief"), Post())),
        ),
    ),
    "paid_at_backing": Quiet(
        "paid more than is backed",
        Hunt(_SHORT_OF_TOKENS, (_OUT, (Wait(300), PayOut("thief")))),
        Rules(resume_grace=0, withdrawal_delay=300),
    ),
    "spot_at_backing": Quiet(
        "a trade at the mark gains", Hunt(_SHORT_OF_TOKENS, ((Wait(12), Post()), _SPOT_FROM_MAKER))
    ),
    "spot_at_present_backing": Quiet(GAINED, Hunt(_LOST, ((Wait(12), Wait(73), Post()), _SPOT_FROM_MAKER))),
}
"""By the rule that is taken out."""

BACKED_UP: Final[dict[tuple[str, ...], Quiet]] = {
    ("epoch_of_round", "vacant_is_long_only"): Quiet(DEBT, Hunt(_SETTLED_FUTURE, ((Post(),), (*_OUT, *_BOTH_EXPIRE)))),
    ("closing_is_reduce_only", "vacant_is_long_only"): Quiet(
        DEBT,
        Hunt(
            replace(_SETTLED_FLAT, opening=(*_SETTLED_FLAT.opening, Post(), *_BOTH_EXPIRE)),
            (trades([("a", "b")], sizes=["100"], prices=["mark"]), _LISTED),
            rest=3,
        ),
    ),
    ("epoch_of_round", "closing_is_reduce_only"): Quiet(
        DEBT,
        Hunt(
            replace(_EXPIRED, opening=(*_EXPIRED.opening, _SETTLE, *_BOTH_EXPIRE)),
            (trades([("a", "b")], legs=(_CALL,), sizes=(0,), prices=["mark"]), _LISTED),
            rest=3,
        ),
        _AHEAD,
    ),
    ("epoch_of_round", "round_since_change", "grace_needs_open"): Quiet(
        DEBT,
        Hunt(
            replace(_EXPIRED, opening=(*_EXPIRED.opening, _SETTLE, *_BOTH_EXPIRE)),
            (trades([("a", "b")], legs=(_CALL,), sizes=(0,), prices=["mark"], backs=[1]), _LISTED),
            rest=3,
        ),
        _AHEAD,
    ),
    ("grace_ends_with_epoch", "grace_needs_calm", "grace_needs_fresh", "closing_is_reduce_only"): Quiet(
        KNOWN, Hunt(replace(_EXPIRED, opening=(*_EXPIRED.opening, _WRONG)), ((Post(),), _WITH_MAKER_BEFORE))
    ),
    ("settles_once", "no_slot_twice"): Quiet(LEDGER, Hunt(_CALLS, ((_SETTLE, _WRONG), _BOTH_EXPIRE)), _AHEAD),
    ("rekey_needs_proof", "unshown_changes_end"): Quiet(
        DEBT, Hunt(_LONG, (_FALLS, (Flee("a"), Flee("b"))), length=10, rest=0)
    ),
    ("stale_spot_backs_nothing", "stale_spot_lends_nothing"): Quiet(
        LEFT, Hunt(_ENDED, ((Withdraw("a", "wbtc", amount=6 * ONE), *_OUT), (Wait(60),)))
    ),
}
"""Rules of which each stops by itself what all of them stop."""

ELSEWHERE: Final[dict[str, str]] = {
    "candidate_delay": "about reports and not about accounts: test_stories and the tests of the price rules",
    "nearer_price_confirms": "likewise",
    "candidate_needs_no_grace": "likewise",
    "free_needs_round": "about the prices of a new asset: test_expiries",
    "free_needs_reference": "likewise",
    "expire_needs_round": "takes ten options: test_expiries",
    "haircut_is_accepted": "about what a depositor loses, and no theft: test_insurance",
    "taker_shows_margin": "takes a takeover before each flag: test_stories",
    "recovery_after_change": "about what a cure costs, and no theft: test_insurance",
    "options_before_underlying": "about a margin that is too small for a price limit: test_expiries",
    "option_needs_underlying": "likewise",
}
"""Rules without a market of their own, and why."""
