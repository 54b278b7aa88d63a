"""The whole market for random searches: every kind of action, by a coalition of four accounts."""

from dataclasses import replace
from typing import Final

from market_model.actions import (
    Action,
    Close,
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
    Repeat,
    Replay,
    Settle,
    Sleep,
    Trade,
    Wait,
    WindDown,
    Withdraw,
)
from market_model.engine_actions import (
    Answer,
    Ask,
    EndChallenge,
    Flag,
    FlagOn,
    FlagSilent,
    Recover,
    TakeOver,
    WriteOff,
)
from market_model.insurance_actions import (
    Accept,
    Join,
    MoveShares,
    Recapitalise,
    Redeem,
    RequestRedeem,
    TakeClaim,
)
from market_model.listings import perpetual
from market_model.rules import DOLLAR, ONE, Rules
from market_model.scenes import BTC, CALL, EXPIRING, USD, both_ways, coins, money, scene, trades
from market_model.search import Hunt

from prover.trade import Claim

_NAMES: Final = ("a", "b", "c", "d")

_LEGS: Final = (
    (("perp", 1),),
    (("call", 1),),
    (("wbtc", 1),),
    (("perp", 1), ("wbtc", -1)),
    (("perp", 1), ("call", 10)),
    (("wbtc", 1), ("call", -1)),
)

_TRADES: Final[tuple[Action, ...]] = trades(
    (*both_ways(*_NAMES), *((name, "maker") for name in _NAMES), *(("maker", name) for name in _NAMES), ("a", "a")),
    legs=_LEGS,
    sizes=(0, 1, -1, "0", "1", "half", "close"),
    backs=(0, 0, 0, 1, 2),
)

_MOVES: Final[tuple[Action, ...]] = (
    Post(),
    *(
        Post(((symbol, move),), after)
        for symbol in ("wbtc", "perp")
        for move in (-40_000, 30_000)
        for after in (60, 72)
    ),
    Post((("wbtc", -30_000), ("perp", -40_000), ("call", -500_000))),
    Post((("wbtc", 30_000), ("perp", 40_000), ("call", 1_000_000))),
)

_JUMPS: Final[tuple[Action, ...]] = (
    Post((("perp", -150_000),)),
    Post((("perp", 300_000), ("call", 10_000_000))),
    Post((("wbtc", -250_000),)),
    Post(stale=("perp",)),
    Post((("wbtc", -500_000),), stale=("wbtc",)),
    Post((("call", 3_000_000),), stale=("call",)),
)

_TIME: Final[tuple[Action, ...]] = (Wait(6), Wait(13), Wait(90), Wait(1_800), PayOut("thief"))

_MONEY: Final[tuple[Action, ...]] = (
    *(Withdraw(name, asset, back) for name in _NAMES for asset in ("money", "wbtc") for back in (0, 0, 1)),
    Withdraw("maker", "money"),
)

_DEPOSITS: Final[tuple[Action, ...]] = tuple(
    Deposit(name, asset, amount, claim, back)
    for name in _NAMES
    for asset, amount in (("money", 1), ("money", 10_000 * DOLLAR), ("wbtc", ONE))
    for claim in Claim
    for back in (0, 1)
)

_ENGINE: Final[tuple[Action, ...]] = (
    *(Flag(name, back) for name in (*_NAMES, "maker") for back in (0, 1)),
    *(FlagOn(name, back, over) for name in (*_NAMES, "maker") for back in (0, 1) for over in (False, True)),
    *(Recover(name, back, over) for name in _NAMES for back in (0, 1) for over in (False, True)),
    *(WriteOff(name, more) for name in _NAMES for more in (0, 1)),
    *(
        TakeOver(victim, taker, share, rate, is_covered=is_covered, is_overdraft=is_overdraft, back=back)
        for victim, taker in both_ways("a", "b", "c")
        for share in (20_000, 300_000, 1_000_000)
        for rate, is_covered, is_overdraft in (
            (0, True, False),
            (1_000, True, False),
            (500, False, False),
            (100, False, False),
            (0, True, True),
            (50, True, True),
        )
        for back in (0, 1)
    ),
)

_SALES: Final[tuple[Action, ...]] = (
    *(FlagOn(name, back, over) for name in ("a", "b") for back in (0, 1) for over in (False, True)),
    *(Recover("b", back) for back in (0, 1)),
    *(
        TakeOver("b", taker, share, rate, is_covered=is_covered)
        for taker in ("a", "d")
        for share in (100_000, 300_000, 1_000_000)
        for rate, is_covered in ((0, True), (1_000, True), (250, False), (500, False), (1_000, False))
    ),
    *(TakeOver("a", "d", share, 50, is_overdraft=True) for share in (50_000, 200_000)),
    *(WriteOff("b", more) for more in (0, 0, 1)),
)

_ASKED: Final[tuple[Action, ...]] = (
    *(Ask(name, "thief") for name in ("b", "d", "maker")),
    *(each(name) for name in ("b", "d", "maker") for each in (EndChallenge, FlagSilent)),
    *(Answer(name, "thief") for name in ("b", "d")),
)

_INSURED: Final[tuple[Action, ...]] = (
    *(Join("thief", amount) for amount in (1, 20_000 * DOLLAR)),
    *(RequestRedeem("thief", share) for share in (500_000, 10**6)),
    *(Redeem("thief", share, is_in_tokens=in_tokens) for share in (500_000, 10**6) for in_tokens in (False, True)),
    MoveShares("thief", "friend", 300_000),
    *(Recapitalise("thief", most) for most in (1, 100 * DOLLAR, 100_000 * DOLLAR)),
    TakeClaim("thief"),
    *(Accept("thief", fraction) for fraction in (0, 999 * 10**15)),
)

_CLOCKS: Final[tuple[Action, ...]] = (
    Wait(6),
    Wait(30),
    Wait(60),
    Wait(90),
    PayOut("thief"),
    *[Post((), 600)] * 4,
    Post((("perp", -40_000),)),
    Post((("perp", 30_000),)),
    *[Post((("perp", -250_000),))] * 2,
    Post(),
)

_OTHER: Final[tuple[Action, ...]] = (
    *(Dodge(name) for name in _NAMES),
    Rekey("c", "a"),
    Rekey("c", "e"),
)

_EXPIRIES: Final[tuple[Action, ...]] = (
    *(Settle(("call",), error) for error in (0, 500_000, -900_000, 4_000_000)),
    *(Settle((symbol,)) for symbol in ("other", "next", "perp")),
    List(2, perpetual("other", 200_000, 100_000, 40_000), BTC),
    List(2, replace(CALL, symbol="next", expires_at=120), 100 * USD),
    Delist("perp"),
    Post((("call", 2_000_000),), 72),
    Post(),
)

_EXPIRED: Final[tuple[Action, ...]] = (
    *(Flee(name) for name in _NAMES),
    *(Prove(name) for name in _NAMES),
    *(Close(name) for name in _NAMES),
    *(Expire(name, epochs) for name in _NAMES for epochs in (0, 0, 1)),
    *(Expire(name, exit=0) for name in _NAMES),
    *(Leave(name) for name in _NAMES),
    Leave("b", 1_000 * DOLLAR),
    Replay(),
    Post(),
)

_END: Final[tuple[Action, ...]] = (WindDown(), WindDown(), Repeat(), Wait(86_500), Wait(8 * 86_400), Wait(700))

_MARKET: Final = (_TRADES, _TRADES, _TRADES, _MOVES, _MOVES, _JUMPS, _TIME, _MONEY, _DEPOSITS, _ENGINE, _OTHER)

_OF_ENGINE: Final = (
    _SALES,
    _SALES,
    _SALES,
    _SALES,
    _CLOCKS,
    _CLOCKS,
    _ASKED,
    _INSURED,
    _INSURED,
    tuple(Withdraw(name, "money") for name in ("a", "b", "d")),
    tuple(Deposit("b", "money", amount, claim) for amount in (1, 10_000 * DOLLAR) for claim in Claim),
    trades((("b", "maker"), ("d", "maker"), ("maker", "b")), sizes=(0, "half")),
    trades((("d", "maker"), ("maker", "a")), legs=((("wbtc", 1),),), sizes=("1",)),
)

_COALITION: Final = (("a", coins(12)), ("b", money(100_000)), ("c", {}), ("d", money(20_000)))

CAMPAIGN: Final = Hunt(scene(*_COALITION), _MARKET, length=12, rest=3)
"""Assets stay."""

ENGINE: Final = Hunt(
    scene(
        ("a", coins(12)),
        ("b", money(60_000)),
        ("d", money(60_000)),
        opening=(Sleep("d"), Trade("b", "maker", (("perp", 1),), 0), *[Post((("perp", -40_000),))] * 3),
        fund=30_000 * DOLLAR,
    ),
    _OF_ENGINE,
    length=16,
    rest=4,
)
"""An account is below its margin. It is flagged, sold, challenged and written off, and its debts are shared."""

ENGINE_RULES: Final = Rules(answer_window=1_200, fund_cooldown=1_200, fund_window=1_200, withdrawal_delay=600)
"""Challenges and requests to redeem wait for two rounds that are as far apart as rounds may be, withdrawals for one."""

LIFE: Final = Hunt(
    scene(*_COALITION, listings=EXPIRING),
    (*_MARKET, _EXPIRIES, _EXPIRIES, _EXPIRED, _EXPIRED, _END),
    length=14,
    rest=3,
)
"""Assets settle and are replaced, accounts leave and end, and the book winds down."""
