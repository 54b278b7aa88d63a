"""What the public can compute about an account of a margin book: the worked example of docs/privacy.md.

    python tools/disclosure_bounds.py

It prints the tables of that page. A test compares them.

The observer sees which steps the chain accepted, at which rounds: deposits, withdrawals, sides of trades, proofs of
solvency and flags. It supposes an asset, a price, and how the size is split over the trades. Then it tries every size.
A size is ruled out when a step would have been refused. The rules are those of `prover.trade`, which the circuits
prove.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from prover import AssetKind, AssetList, Claim, PriceRound, Side, State, Transfer, empty_state
from prover.market import BALANCE_BITS, BALANCE_DECIMALS, PPM, format_decimal
from prover.trade import NO_TRANSFER, Transition, health, provable_rule
from verifier import VectorKind

ROOT: Final = Path(__file__).parent.parent
BOOK: Final = AssetList.load(ROOT / "books" / "majors-13.json")
PRICES: Final = ROOT / "examples" / "round-1.json"
"""Of the assets that the example does not price itself."""

TOKEN: Final = 10**BALANCE_DECIMALS
"""One token or contract [1e-9 token]."""

DOLLAR: Final = 10**18
"""[1e-18 USD]"""

LARGEST: Final = (1 << BALANCE_BITS) - 1
"""No balance is larger [1e-9 token]."""


@dataclass(frozen=True)
class Transferred:
    """A deposit or a withdrawal: amount, round and claim are public."""

    round_: PriceRound
    transfer: Transfer
    claim: Claim = Claim.UNSAID


@dataclass(frozen=True)
class Traded:
    """A trade: round and side are public."""

    round_: PriceRound
    side: Side


@dataclass(frozen=True)
class MarginProven:
    """A proof of solvency, or a flag: the round and the side of maintenance margin are public."""

    round_: PriceRound
    healthy: bool


Event = Transferred | Traded | MarginProven


class Guess(NamedTuple):
    """What the observer supposes of an account.

    Attributes:
        asset: symbol of the one asset that is traded.
        parts: how the size is split over the trades, in order: 0 for a padding trade.
        above_mark_ppm: how far agreed prices are above the mark prices of their rounds [ppm].
        sides_are_true: whether a buyer is long; otherwise it is written down as the buyer of a negative amount.
    """

    asset: str = "BTC-PERP"
    parts: tuple[int, ...] = (1,)
    above_mark_ppm: int = 0
    sides_are_true: bool = True


class Bounds(NamedTuple):
    """Between which sizes a position lies [1e-9 token], both included."""

    least: int
    most: int


def bounds(history: Sequence[Event], guess: Guess) -> Bounds | None:
    """The sizes with which the chain would have accepted every event; None when there is none.

    An account without a position takes every step but a flag, and health is linear in the size. So each event allows
    all sizes up to a largest one, and a flag all above it. Before the first trade there is no position.

    Args:
        history: of an account, from its first deposit on.
        guess: what to suppose.
    """
    least, most = 0, LARGEST if any(isinstance(event, Traded) for event in history) else 0
    for end, event in enumerate(history, start=1):
        largest = _largest(partial(_is_accepted, history[:end], guess))
        if isinstance(event, MarginProven) and not event.healthy:
            least = max(least, largest + 1)
        else:
            most = min(most, largest)
    return Bounds(least, most) if least <= most else None


def any_of(history: Sequence[Event], guesses: Iterable[Guess]) -> Bounds | None:
    """The least and the greatest size of several guesses, when the observer does not know which one is right."""
    found = [one for one in (bounds(history, guess) for guess in guesses) if one is not None]
    return Bounds(min(one.least for one in found), max(one.most for one in found)) if found else None


def round_trip(profit: int, entry: int, leave: int, off_mark_ppm: int) -> Bounds:
    """The size of a position that was opened in one trade, closed in one, and whose owner withdrew everything.

    Args:
        profit: withdrawals less deposits [1e-18 USD], above 0.
        entry: mark price of the first trade [1e-9 USD].
        leave: mark price of the second one [1e-9 USD], higher.
        off_mark_ppm: how far both agreed prices may be from the mark prices [ppm].
    """
    slack = Fraction((entry + leave) * off_mark_ppm, PPM)
    return Bounds(-int(-profit // (leave - entry + slack)), int(profit // (leave - entry - slack)))


def _is_accepted(history: Sequence[Event], guess: Guess, size: int) -> bool:
    """Whether the chain would accept the last event of an account that goes through a history with a size.

    A flag counts as the proof of solvency that could not be made.
    """
    *_, (event, state, step) = _replay(history, guess, size)
    if isinstance(event, MarginProven):
        return health(state, event.round_.risk(), VectorKind.MAINTENANCE) >= 0
    claim = event.claim if isinstance(event, Transferred) else Claim.UNSAID
    return provable_rule(step, event.round_.risk(), claim) is not None


def _replay(history: Sequence[Event], guess: Guess, size: int) -> Iterator[tuple[Event, State, Transition]]:
    """Each event with the state before it and the step that it is: none at all for a proof."""
    state, parts = empty_state(BOOK.n), iter(guess.parts)
    for event in history:
        gained, price = 0, 0
        if isinstance(event, Traded):
            part = size * next(parts) // sum(guess.parts)
            gained = event.side.sign * (part if guess.sides_are_true else -part)
            price = event.round_.vectors.effective_prices[BOOK.slots[guess.asset]]
        traded = tuple(gained if asset == guess.asset else 0 for asset in BOOK.slots)
        step = Transition(
            state,
            traded,
            gained * (price * (PPM + guess.above_mark_ppm) // PPM),
            trades=isinstance(event, Traded),
            transfer=event.transfer if isinstance(event, Transferred) else NO_TRANSFER,
        )
        yield event, state, step
        state = step.new


def _largest(holds: Callable[[int], bool]) -> int:
    """The largest size that passes, where every smaller one passes too; 0 always does."""
    low, high = 0, LARGEST + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


# -------------------------------------------------------------------------------------------------------- the example


def round_at(number: int, prices: Mapping[str, str]) -> PriceRound:
    """A round at which some assets have prices of their own [USD], without funding."""
    content = json.loads(PRICES.read_text())
    content |= {"book": BOOK.name, "id": number, "prices": content["prices"] | prices, "funding": {}}
    return PriceRound.from_json(content, BOOK)


def dollars(amount: int, *, is_withdrawal: bool = False) -> Transfer:
    """A transfer of the settlement currency [USD]."""
    return Transfer(BOOK.n, amount * DOLLAR, is_withdrawal)


EARLIER: Final = round_at(1, {"BTC-PERP": "101000"})
TRADE: Final = round_at(2, {"BTC-PERP": "100000", "ETH-PERP": "3500", "SOL-PERP": "200"})
LATER: Final = round_at(3, {"BTC-PERP": "99500"})
FALLING: Final = round_at(4, {"BTC-PERP": "98500"})
FALLEN: Final = round_at(5, {"BTC-PERP": "97500", "ETH-PERP": "3360", "SOL-PERP": "190"})
RISEN: Final = round_at(6, {"BTC-PERP": "102000"})

TRUE_SIZE: Final = 10 * TOKEN
"""What Ann holds [1e-9 token], bought at 100,000 USD."""

PAID_IN: Final = Transferred(TRADE, dollars(30_000))
BOUGHT: Final = Traded(TRADE, Side.BUY)
FLAGGED: Final = MarginProven(FALLEN, healthy=False)
CURED: Final = Transferred(FALLEN, dollars(14_500), Claim.MEETS_INITIAL_MARGIN)

STORY: Final[Sequence[tuple[str, Event]]] = (
    ("Ann deposits 30,000 USD", PAID_IN),
    ("she is the buyer of a trade at 100,000 USD", BOUGHT),
    ("her account is flagged at 97,500 USD", FLAGGED),
    ("a deposit of 14,500 USD cures it", CURED),
)
YOUNG: Final[Sequence[Event]] = (PAID_IN, BOUGHT, FLAGGED)
NEAR: Final = 5_000
"""How far the observer allows agreed prices to be from mark prices [ppm]."""

PROFIT: Final = (50_000 - 30_000) * DOLLAR
"""What she makes instead when the price rises to 102,000 USD and she sells [1e-18 USD]."""


def story_rows() -> list[list[str]]:
    """The bounds after each event."""
    events = [event for _, event in STORY]
    return [[words, *_cells(bounds(events[:end], Guess()))] for end, (words, _) in enumerate(STORY, start=1)]


def more_rows() -> list[list[str]]:
    """What narrows the bounds of the flagged account further."""
    seller = bounds([Transferred(TRADE, dollars(24_000)), Traded(TRADE, Side.SELL)], Guess())
    solvent: list[Event] = [PAID_IN, BOUGHT, MarginProven(FALLING, healthy=True), FLAGGED]
    return [
        ["the seller is as young, and has deposited 24,000 USD", *_cells(_both(bounds(YOUNG, Guess()), seller))],
        ["the account was proven solvent at 98,500 USD", *_cells(bounds(solvent, Guess()))],
    ]


def help_rows() -> list[list[str]]:
    """What widens the bounds, each alone."""
    near = [Guess(above_mark_ppm=offset) for offset in (-NEAR, NEAR)]
    padded: list[Event] = [
        Transferred(EARLIER, dollars(30_000)),
        Traded(EARLIER, Side.BUY),
        BOUGHT,
        Traded(LATER, Side.BUY),
        FLAGGED,
    ]
    rich: list[Event] = [Transferred(TRADE, dollars(100_000)), BOUGHT]
    return [
        ["she agreed on a price within 0.5 % of the mark price", *_cells(any_of(YOUNG, near))],
        ["she made padding trades at 101,000 and 99,500 USD", *_cells(any_of(padded, splits(3)))],
        ["she deposited 100,000 USD, and was not flagged", *_cells(bounds(rich, Guess()))],
    ]


def splits(trades: int) -> list[Guess]:
    """Ways to split a size over trades, in fifths."""
    return [Guess(parts=parts) for parts in product(range(6), repeat=trades) if sum(parts) == 5]


def asset_rows() -> list[list[str]]:
    """The flagged account, for an observer who knows neither the asset nor the true side."""
    rows = []
    for asset in BOOK.assets:
        if asset.kind is not AssetKind.PERPETUAL:
            continue
        before, after = (round_.prices[BOOK.slots[asset.symbol]] for round_ in (TRADE, FALLEN))
        found = [bounds(YOUNG, Guess(asset.symbol, sides_are_true=true)) for true in (True, False)]
        change = f"{format_decimal(1_000 * (after - before) // before, 1)} %"
        rows.append([asset.symbol, change, *(_in_dollars(one, before) for one in found)])
    return rows


def round_trip_rows() -> list[list[str]]:
    """The size of an account that was closed."""
    entry, leave = (round_.prices[BOOK.slots["BTC-PERP"]] for round_ in (TRADE, RISEN))
    opened = bounds([PAID_IN, BOUGHT], Guess())
    left = round_trip(PROFIT - 5_000 * DOLLAR, entry, leave, 0)
    return [
        ["she withdraws 50,000 USD, all that she has", *_cells(round_trip(PROFIT, entry, leave, 0))],
        ["the same, and prices within 0.1 % of mark prices", *_cells(round_trip(PROFIT, entry, leave, 1_000))],
        ["she withdraws 45,000 USD, and leaves the rest", *_cells(_both(opened, Bounds(left.least, LARGEST)))],
    ]


def _both(first: Bounds | None, second: Bounds | None) -> Bounds | None:
    """What is in both; the example has no empty ones."""
    assert first is not None
    assert second is not None
    return Bounds(max(first.least, second.least), min(first.most, second.most))


def _cells(found: Bounds | None) -> list[str]:
    """In tokens, rounded outward."""
    assert found is not None
    return [_hundredths(found.least // 10**7), _hundredths(-(-found.most // 10**7))]


def _in_dollars(found: Bounds | None, price: int) -> str:
    """Sizes as thousands of USD at a price, rounded outward."""
    if found is None:
        return "ruled out"
    thousand = 1_000 * DOLLAR
    return f"{found.least * price // thousand:,} to {-(-found.most * price // thousand):,}"


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first column is text."""
    lines = [f"| {' | '.join(line)} |" for line in (head, *rows)]
    return "\n".join([lines[0], "|---|" + "---:|" * (len(head) - 1), *lines[1:], ""])


def tables() -> list[str]:
    """All tables of the page, in its order."""
    return [
        table(["event", "at least [BTC]", "at most [BTC]"], story_rows()),
        table(["perpetual", "change of price", "long [thousand USD]", "short [thousand USD]"], asset_rows()),
        table(["also public", "at least [BTC]", "at most [BTC]"], more_rows()),
        table(["closed at 102,000 USD", "at least [BTC]", "at most [BTC]"], round_trip_rows()),
        table(["what Ann did instead", "at least [BTC]", "at most [BTC]"], help_rows()),
    ]


if __name__ == "__main__":
    print(*tables(), sep="\n")
