"""Replays real prices with a crowd of accounts, and says what forecasts of the engine would have been good for.

    python -m tools.prediction_replay

prints the tables of docs/risk-methods.md. Accounts are simulated, prices are those of examples/prices. The forecasts,
the rule of margin calls and the order of work are those of the engine; there is no chain. It takes some minutes.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np

from liquidator.risk import (
    HORIZONS,
    CallRule,
    Candles,
    Holdings,
    MarketModel,
    Nearest,
    Sampling,
    expected_loss,
    nearest,
)
from liquidator.store import CallLevel, CallRecord
from prover.market import PRICE_DECIMALS, Asset, AssetKind, AssetList, PriceRound
from tools.risk_calibration import committed

HOUR: Final = 3_600.0
WEEK: Final = 168
MAINTENANCE_PPM: Final = 10_000
SYMBOL: Final = "BTC-PERP"
BOOK: Final = AssetList("replay", 13, (Asset(SYMBOL, AssetKind.PERPETUAL, 2 * MAINTENANCE_PPM, MAINTENANCE_PPM),))
KNOWN: Final = 1_000
"""Hours that are known at the first forecast."""

MEMORY: Final = 3_000
"""Hours that a model is fitted to."""

LIFE: Final = 336.0
"""Mean hours until an owner closes an account."""

CRASH: Final = ("2018-11-12", "2018-12-01")
RULES: Final = tuple(CallRule(early, urgent) for early, urgent in ((0.3, 0.1), (0.5, 0.2), (0.7, 0.3), (0.5, 0.5)))

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Crowd:
    """Accounts that open at random times, with leverages from 2 to 50, and are replaced when they end.

    Attributes:
        rng: of the draws.
        count: of accounts that are open at a time.
    """

    rng: np.random.Generator
    count: int
    tokens: Floats = field(init=False)
    quote: Floats = field(init=False)
    closes: Floats = field(init=False)
    identity: np.ndarray[Any, np.dtype[np.int64]] = field(init=False)
    leverages: list[float] = field(default_factory=list, init=False)
    """Of every account that there was, by its identity."""
    _next: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.tokens, self.quote, self.closes = (np.zeros(self.count) for _ in range(3))
        self.identity = np.zeros(self.count, np.int64)

    def replace(self, rows: Any, hour: int, price: float) -> None:
        """Open new accounts in the place of some."""
        count = len(rows)
        size = np.exp(self.rng.normal(0.0, 1.5, count)) * 1e4
        leverage = np.exp(self.rng.uniform(np.log(2.0), np.log(50.0), count))
        self.tokens[rows] = self.rng.choice([1.0, -1.0], count) * size / price
        self.quote[rows] = size / leverage - self.tokens[rows] * price
        self.closes[rows] = hour + self.rng.exponential(LIFE, count)
        self.identity[rows] = self._next + np.arange(count)
        self._next += count
        self.leverages += leverage.tolist()

    @property
    def holdings(self) -> Holdings:
        """As forecasts take them."""
        balances = np.zeros((self.count, BOOK.n))
        balances[:, 0] = self.tokens
        return Holdings(balances, self.quote.copy())

    def equity(self, price: Any) -> Floats:
        """Of each account at a price, or at one price each [USD]."""
        return np.asarray(self.tokens * price + self.quote)

    def health(self, price: Any) -> Floats:
        """The same at maintenance margin."""
        return np.asarray(self.equity(price) - MAINTENANCE_PPM * 1e-6 * np.abs(self.tokens) * price)


class Breach(NamedTuple):
    """An account crossed its line.

    Attributes:
        hour: in which it did.
        is_known: whether the forecast before was about it.
        likely: the probability that it gave to one hour.
    """

    hour: int
    is_known: bool
    likely: float


class Called(NamedTuple):
    """An owner was called.

    Attributes:
        hour: when.
        account: which.
        level: of the call.
    """

    hour: int
    account: int
    level: CallLevel


@dataclass
class Story:
    """What happened to the crowd, and what each rule told it.

    Attributes:
        breaches: by account.
        calls: of each rule, oldest first.
        ended: hour at which each account breached or closed.
        leverages: of each account when it was opened.
    """

    breaches: dict[int, Breach] = field(default_factory=dict)
    calls: list[list[Called]] = field(default_factory=lambda: [[] for _ in RULES])
    ended: dict[int, int] = field(default_factory=dict)
    leverages: list[float] = field(default_factory=list)

    def part(self, first: int, end: int, most: float) -> "Story":
        """What there was in some hours, of accounts that were opened with a leverage below one."""
        kept = [leverage < most for leverage in self.leverages]
        breaches = {a: breach for a, breach in self.breaches.items() if kept[a] and first <= breach.hour < end}
        calls = [[call for call in of_rule if kept[call.account]] for of_rule in self.calls]
        return Story(breaches, calls, self.ended, self.leverages)


def price_round(price: float) -> PriceRound:
    """One price as a round."""
    return PriceRound(BOOK, 1, 0, (round(price * 10**PRICE_DECIMALS), *[0] * 12), (0,) * 13)


def fitted(candles: Candles, hour: int) -> MarketModel:
    """The model that an engine would have had."""
    return MarketModel.fit(candles.slice(max(hour + 1 - MEMORY, 0), hour + 1).history, HORIZONS)


def replay(candles: Candles, hours: range, count: int, paths: int) -> Story:
    """Let a crowd live through hours. A breach is a low or high of a candle beyond the line; a forecast is its open."""
    prices, rng = candles.history.prices[:, 0], np.random.default_rng(7)
    crowd, story = Crowd(rng, count), Story()
    crowd.replace(np.arange(count), hours[0], float(prices[hours[0]]))
    told: list[dict[int, CallRecord]] = [{} for _ in RULES]
    for hour in hours:
        price = float(prices[hour])
        model = fitted(candles, hour)
        sampling = Sampling(paths=paths, seed=hour)
        found = nearest(crowd.holdings, price_round(price), [(SYMBOL,)], model, count, sampling=sampling)
        likely = np.zeros((count, len(HORIZONS)))
        likely[found.places] = found.crossing
        for rule, known, calls in zip(RULES, told, story.calls, strict=True):
            for row, account in enumerate(crowd.identity.tolist()):
                after = rule.after(known.get(account), likely[row, 2], likely[row, 3], hour * HOUR)
                if after is None:
                    known.pop(account, None)
                    continue
                known[account] = after
                if after.told == hour * HOUR:
                    calls.append(Called(hour, account, after.level))
        worst = np.where(crowd.tokens > 0, candles.lows[hour], candles.highs[hour])
        is_over = crowd.health(worst) < 0
        for row in np.flatnonzero(is_over).tolist():
            breach = Breach(hour, row in set(found.places.tolist()), float(likely[row, 2]))
            story.breaches[int(crowd.identity[row])] = breach
        ends = np.flatnonzero(is_over | (crowd.closes < hour + 1))
        story.ended |= dict.fromkeys(crowd.identity[ends].tolist(), hour)
        if hour + 1 < len(prices):
            crowd.replace(ends, hour + 1, float(prices[hour + 1]))
    story.leverages = crowd.leverages
    return story


class Warnings(NamedTuple):
    """What a rule was good for.

    Attributes:
        minutes: from the call to the beginning of the hour of each breach that was called within 24 hours before it.
        breaches: that there were.
        calls: that owners got.
        false: calls of accounts that did not breach within 24 hours, and were not closed before.
    """

    minutes: list[float]
    breaches: int
    calls: int
    false: int


def warnings(story: Story, part: Story, calls: Sequence[Called], hours: range) -> Warnings:
    """Judge the calls of one rule in some hours. A part of the story says which breaches count."""
    first_call: dict[int, int] = {}
    false, count = 0, 0
    for call in calls:
        breach, ended = story.breaches.get(call.account), story.ended.get(call.account)
        is_true = breach is not None and breach.hour - call.hour < 24
        is_judged = is_true or ended is None or ended - call.hour >= 24
        count += int(call.hour in hours)
        false += int(call.hour in hours and is_judged and not is_true)
        if is_true:
            first_call.setdefault(call.account, call.hour)
    minutes = [60.0 * (breach.hour - first_call[a]) for a, breach in part.breaches.items() if a in first_call]
    return Warnings(minutes, len(part.breaches), count, false)


def call_rows(story: Story, parts: Sequence[tuple[str, range, float]], count: int) -> Iterator[str]:
    """A row for each rule and part of the story."""
    for place, rule in enumerate(RULES):
        for name, hours, most in parts:
            part = story.part(hours[0], hours[-1] + 1, most)
            found = warnings(story, part, part.calls[place], hours)
            marks = np.quantile(found.minutes, [0.1, 0.25, 0.5, 0.75]) if found.minutes else [0.0] * 4
            rate = 1_000 * WEEK / (count * len(hours))
            cells = [
                f"{rule.early:g}, {rule.urgent:g}",
                name,
                f"{found.breaches:,}",
                f"{len(found.minutes) / max(found.breaches, 1):.0%}",
                f"{sum(m >= HOUR / 60 for m in found.minutes) / max(found.breaches, 1):.0%}",
                *(f"{mark:,.0f}" for mark in marks),
                f"{found.calls * rate:,.0f}",
                f"{found.false * rate:,.0f}",
                f"{found.false / max(found.calls, 1):.0%}",
            ]
            yield f"| {' | '.join(cells)} |"


def known_rows(story: Story, parts: Sequence[tuple[str, range, float]]) -> Iterator[str]:
    """How many breaches the forecast an hour before was about, and where it ranked them."""
    for name, hours, most in parts:
        inside = list(story.part(hours[0], hours[-1] + 1, most).breaches.values())
        cells = [name, f"{len(inside):,}", f"{np.mean([breach.is_known for breach in inside]):.1%}"]
        cells += [f"{np.mean([breach.likely >= least for breach in inside]):.0%}" for least in (0.01, 0.1, 0.5)]
        yield f"| {' | '.join(cells)} |"


class Share(NamedTuple):
    """Part of the later losses that the first quarter of the work would have met, by each order."""

    shortfall: float
    loss: float
    below: int


def order_shares(candles: Candles, hours: range, count: int) -> list[Share]:
    """Compare orders of work where a crowd is below its line at the next hour: losses are those three hours later."""
    prices, rng = candles.history.prices[:, 0], np.random.default_rng(11)
    made = []
    for hour in hours[:-5]:
        crowd = Crowd(rng, count)
        crowd.replace(np.arange(count), hour, float(prices[hour - int(rng.integers(0, 48))]))
        model, price = fitted(candles, hour), float(prices[hour])
        found = nearest(
            crowd.holdings, price_round(price), [(SYMBOL,)], model, count, sampling=Sampling(paths=2, steps=4)
        )
        later = float(prices[hour + 1])
        shares = _shares(crowd, found, crowd.health(price) >= 0, later, float(prices[hour + 4]))
        made += [] if shares is None else [shares]
    return made


def _shares(crowd: Crowd, found: Nearest, was_healthy: Any, price: float, later: float) -> Share | None:
    health = crowd.health(price)
    risk = dict(
        zip(found.places.tolist(), zip(found.margin.tolist(), found.deviation.tolist(), strict=True), strict=True)
    )
    below = np.flatnonzero(was_healthy & (health < 0)).tolist()
    losses = np.maximum(-crowd.equity(later), 0.0)
    total = float(losses[below].sum())
    if len(below) < 8 or not total:
        return None
    quarter = max(len(below) // 4, 1)

    def expected(row: int) -> float:
        margin, deviation = risk.get(row, (0.0, 0.0))
        return expected_loss(float(health[row]) + margin, deviation)

    by_shortfall = sorted(below, key=lambda row: float(health[row]))
    by_loss = sorted(below, key=lambda row: (-expected(row), float(health[row])))
    first, second = (float(losses[rows[:quarter]].sum()) / total for rows in (by_shortfall, by_loss))
    return Share(first, second, len(below))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=500, help="open at a time")
    parser.add_argument("--paths", type=int, default=1_000, help="of each simulation")
    parser.add_argument("--hours", type=int, default=0, help="so many hours until the end of the crash alone")
    arguments = parser.parse_args()
    candles = committed("btc-hourly")
    times = candles.history.times
    first, end = (
        int(np.searchsorted(times, datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())) for day in CRASH
    )
    hours = range(end - arguments.hours, end) if arguments.hours else range(KNOWN, len(times) - 1)
    crash = range(max(first, hours[0]), end)
    story = replay(candles, hours, arguments.accounts, arguments.paths)
    parts = [
        ("all", hours, np.inf),
        ("crash", crash, np.inf),
        ("all, leverage below 10", hours, 10.0),
        ("crash, leverage below 10", crash, 10.0),
    ]
    print(
        "| when | breaches | forecast an hour before | at 1 % or more | at 10 % | at 50 % |\n|---|---|---|---|---|---|"
    )
    print(*known_rows(story, parts), sep="\n")
    print(
        "\n| early, urgent | when | breaches | called before | an hour or more | minutes: 10 % | 25 % | median | 75 % |"
        " calls a week | false | part |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
    )
    print(*call_rows(story, parts, arguments.accounts), sep="\n")
    shares = order_shares(candles, crash, 10 * arguments.accounts)
    print(f"\n{len(shares)} hours with {np.mean([each.below for each in shares]):.0f} accounts below on average:")
    print(f"by shortfall {np.mean([e.shortfall for e in shares]):.1%}, by loss {np.mean([e.loss for e in shares]):.1%}")


if __name__ == "__main__":
    main()
