"""A book with every kind of asset at one round, and accounts of it, for tests of risk."""

from pathlib import Path

import numpy as np

from prover.account import State
from prover.market import AssetList, PriceRound

ROOT = Path(__file__).parents[3]
BOOK = AssetList.load(ROOT / "books" / "perps-13.json")
ROUND = PriceRound.load(ROOT / "examples" / "round-1.json", BOOK)
BITCOIN = ("WBTC", "BTC-PERP")
OTHERS = ("WETH", "ETH-PERP", "SOL", "SOL-PERP", "XRP-PERP", "DOGE-PERP", "AVAX-PERP", "LINK-PERP")
SYMBOLS = (BITCOIN, OTHERS)
HOURLY = ROOT / "examples" / "btc-usd" / "coinbase-btcusd-hourly.csv"


def random_states(count: int, seed: int = 1, equity: tuple[float, float] = (0.03, 0.4)) -> list[State]:
    """Accounts of all assets, long and short, whose equity is a random part of their gross value."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        sizes = rng.normal(size=len(BOOK.assets)) * 1e22
        balances = [round(size / price) for size, price in zip(sizes.tolist(), ROUND.prices, strict=True)]
        balances = [abs(each) if BOOK.spot >> slot & 1 else each for slot, each in enumerate(balances)]
        worth = [each * price for each, price in zip(balances, ROUND.prices, strict=True)]
        made.append(State(tuple(balances), round(sum(map(abs, worth)) * rng.uniform(*equity)) - sum(worth)))
    return made
