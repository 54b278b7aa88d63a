"""Listings, openings and alphabets that the tests share."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Final

from market_model.actions import Action, Scene, Trade
from market_model.listings import Listing, call, perpetual, spot
from market_model.rules import DOLLAR, ONE

USD: Final = 10**9
"""[1e-9 USD]"""

BTC: Final = 10_000 * USD
"""The price of bitcoin at the start [1e-9 USD]."""

WBTC: Final = spot("wbtc", 150_000, 100_000, 30_000)
PERP: Final = perpetual("perp", 200_000, 100_000, 40_000)
"""An account at maintenance margin bears two rounds at the limit of 4 %."""

CALL: Final = call("call", 1, 150_000, 75_000, 300 * USD)

SAFE: Final = (WBTC, PERP, CALL)
"""Limits at which no debt arises but by a confirmed jump."""

EXPIRY: Final = 121
"""The time of the second round after the first one, if each comes a minute after the one before."""

EXPIRING: Final = (WBTC, PERP, replace(CALL, expires_at=EXPIRY))
"""The call expires."""

DATED: Final = (WBTC, replace(PERP, expires_at=EXPIRY + 60), EXPIRING[2])
"""Its underlying does, too, a minute later."""

FUTURE: Final = (WBTC, replace(PERP, expires_at=EXPIRY))
"""Spot and a future."""

HONEST: Final = (
    ("maker", "honest", {"money": 5_000_000 * DOLLAR, "wbtc": 50 * ONE}),
    ("liquidator", "honest", {"money": 2_000_000 * DOLLAR}),
)


def scene(
    *accounts: tuple[str, dict[str, int]],
    opening: tuple[Action, ...] = (),
    fund: int = 0,
    listings: tuple[Listing, ...] = SAFE,
) -> Scene:
    """Spot, a perpetual and a call, a rich maker and a liquidator, and the accounts of a coalition."""
    owned = tuple((name, "thief", tokens) for name, tokens in accounts)
    return Scene(listings, (BTC, BTC, 100 * USD)[: len(listings)], (*HONEST, *owned), opening, fund)


def money(dollars: int) -> dict[str, int]:
    return {"money": dollars * DOLLAR}


def coins(number: int) -> dict[str, int]:
    return {"wbtc": number * ONE}


def trades(
    pairs: Iterable[tuple[str, str]],
    *,
    legs: Iterable[tuple[tuple[str, int], ...]] = ((("perp", 1),),),
    sizes: Iterable[int | str] = (0, -1, "close"),
    prices: Iterable[str] = ("mark", "low", "high"),
    backs: Iterable[int] = (0,),
) -> tuple[Action, ...]:
    """All trades of some pairs, sizes and prices; the maker trades at the mark alone."""
    choices = product(pairs, legs, sizes, prices, backs)
    return tuple(
        Trade(*pair, leg, size, price, back)
        for pair, leg, size, price, back in choices
        if price == "mark" or "maker" not in pair
    )


def both_ways(*names: str) -> tuple[tuple[str, str], ...]:
    """All ordered pairs of different accounts."""
    return tuple((buyer, seller) for buyer in names for seller in names if buyer != seller)
