"""The whole market for a random search: every kind of action, by a coalition of four accounts."""

from typing import Final

from market_model.actions import (
    Action,
    Announce,
    Deposit,
    Dodge,
    Expire,
    Flag,
    List,
    PayOut,
    Post,
    Recover,
    Rekey,
    TakeOver,
    Wait,
    Withdraw,
)
from market_model.listings import perpetual
from market_model.rules import DOLLAR, ONE
from market_model.scenes import BTC, both_ways, coins, money, scene, trades
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
    Post(expire=("call",)),
    List(2, perpetual("other", 200_000, 100_000, 40_000), BTC),
    Announce("perp"),
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
    *(Recover(name, back) for name in _NAMES for back in (0, 1)),
    *(
        TakeOver(victim, taker, share, rate, is_covered=is_covered, is_overdraft=is_overdraft, back=back)
        for victim, taker in both_ways("a", "b", "c")
        for share in (20_000, 300_000, 1_000_000)
        for rate, is_covered, is_overdraft in ((1_000, True, False), (500, False, False), (50, True, True))
        for back in (0, 1)
    ),
)

_OTHER: Final[tuple[Action, ...]] = (
    *(Expire(name) for name in _NAMES),
    *(Dodge(name) for name in _NAMES),
    Rekey("c", "a"),
    Rekey("c", "e"),
)

CAMPAIGN: Final = Hunt(
    scene(("a", coins(12)), ("b", money(100_000)), ("c", {}), ("d", money(20_000))),
    (_TRADES, _TRADES, _TRADES, _MOVES, _MOVES, _JUMPS, _TIME, _MONEY, _DEPOSITS, _ENGINE, _OTHER),
    length=12,
    rest=3,
)
