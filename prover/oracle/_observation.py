"""From what feeds say to what a reporter reports: checked, and left out where there is a doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from prover.formats import format_duration
from prover.market import (
    Quote,
    RoundRefusedError,
    SlotRules,
    bitmap,
    format_price,
    lower_median,
    require_in_range,
)
from prover.onchain import MarginBook, PriceMove, PriceSource, price_moves
from prover.oracle._feed_file import FeedPrices, SeenPrice
from prover.oracle._feeds import PriceFeed
from verifier import ChainError, InputError

MAX_LEAD: Final = 5
"""How far the clock of a feed may be ahead [s]."""

_MILLISECONDS: Final = 10**12


class Omission(NamedTuple):
    """An asset that a report does not price.

    Attributes:
        symbol: of the asset.
        reason: why.
    """

    symbol: str
    reason: str


@dataclass(frozen=True)
class Observation:
    """What a reporter sees.

    Attributes:
        timestamp: time of the oldest price in it, Unix seconds; 0 where there is no price.
        prices: mark price of each slot [1e-9 USD]; None where there is none to report.
        funding: cumulative funding per unit of each slot [1e-9 USD].
        omitted: assets without a price, but for those that have settled.
        leaps: prices beyond the limit of a minute. They are reported all the same.
        faults: what is wrong with feeds, in words.
    """

    timestamp: int
    prices: tuple[int | None, ...]
    funding: tuple[int, ...]
    omitted: tuple[Omission, ...]
    leaps: tuple[PriceMove, ...]
    faults: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report."""
        return not any(price is not None for price in self.prices)


class _Combined(NamedTuple):
    quote: Quote
    timestamp: int


def observe(
    book: MarginBook, source: PriceSource, feeds: Sequence[PriceFeed], now: int, *, max_age: int, min_feeds: int = 1
) -> Observation:
    """Read the feeds, check what they say, and take the lower median of each price.

    Args:
        book: whose assets are priced.
        source: its price source.
        feeds: that are started.
        now: time of the next block, Unix seconds.
        max_age: maximum age of a price by the feed's own time [s].
        min_feeds: how many feeds must price an asset.
    """
    said, faults = _read(book, feeds)
    quotes: dict[int, Quote] = {}
    omitted, times = [], []
    for slot, asset in enumerate(book.assets.assets):
        if source.rules.settled >> slot & 1:  # the next asset of the slot must not begin at the price of this one
            continue
        try:
            combined = _combined(asset.symbol, said, now, max_age, min_feeds)
            _require_reportable(source.rules.slots[slot], slot, combined.quote)
        except InputError as error:
            omitted.append(Omission(asset.symbol, str(error)))
        else:
            quotes[slot] = combined.quote
            times.append(combined.timestamp)
    prices = tuple(quotes[slot].price if slot in quotes else None for slot in range(book.n))
    return Observation(
        timestamp=min(times, default=0),
        prices=prices,
        funding=tuple(quotes[slot].funding if slot in quotes else 0 for slot in range(book.n)),
        omitted=tuple(omitted),
        leaps=tuple(_leaps(book, source, quotes)),
        faults=tuple(faults),
    )


def _read(book: MarginBook, feeds: Sequence[PriceFeed]) -> tuple[list[FeedPrices], list[str]]:
    said, faults = [], []
    for feed in feeds:
        try:
            found = feed.read(book.assets)
        except (InputError, ChainError) as error:
            faults.append(str(error))
            continue
        said.append(found)
        if found.unknown:
            faults.append(f"{feed.name}: the book has no {_some(found.unknown)}")
    return said, faults


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(name[:20] for name in names[:3])
    return listed + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _combined(symbol: str, said: Sequence[FeedPrices], now: int, max_age: int, min_feeds: int) -> _Combined:
    """The lower medians of what feeds say of an asset. Raises InputError when too few say anything that counts."""
    good, reasons = [], []
    for prices in said:
        if symbol in prices.prices:
            reason = _age_fault(prices.prices[symbol], now, max_age)
            if reason is None:
                good.append(prices.prices[symbol])
                continue
        else:
            reason = prices.faults.get(symbol)
        if reason is not None:
            reasons.append(reason)
    if not good:
        raise InputError("; ".join(dict.fromkeys(reasons)) or "no feed prices it")
    if len(good) < min_feeds:
        raise InputError(f"{len(good)} of {min_feeds} feeds price it")
    quote = Quote(lower_median([one.price for one in good]), lower_median([one.funding for one in good]))
    return _Combined(quote, min(*(one.timestamp for one in good), now))


def _age_fault(seen: SeenPrice, now: int, max_age: int) -> str | None:
    age = now - seen.timestamp
    if age > max_age:
        return f"its price is older than {format_duration(max_age)}"
    if age < -MAX_LEAD:
        advice = "is it in milliseconds?" if seen.timestamp > _MILLISECONDS else "is a clock wrong?"
        return f"its time is in the future; {advice}"
    return None


def _require_reportable(rules: SlotRules | None, slot: int, quote: Quote) -> None:
    """Refuse a price that would cost the whole report, or that the book would not take.

    Raises:
        InputError: with the reason.
    """
    if rules is None:
        raise InputError("the book does not list it on chain")
    try:
        require_in_range(slot, quote)
    except RoundRefusedError:
        raise InputError("its price, or its price less funding, is out of the range of the book") from None
    if not rules.least_price <= quote.price <= rules.greatest_price:
        bounds = f"{format_price(rules.least_price)} to {format_price(rules.greatest_price)} USD"
        raise InputError(f"its price of {format_price(quote.price)} USD is outside {bounds}")
    if rules.is_spot and quote.funding:
        raise InputError("it is spot, and has funding")


def _leaps(book: MarginBook, source: PriceSource, quotes: Mapping[int, Quote]) -> Sequence[PriceMove]:
    reference, slots = source.rules.reference, source.rules.slots
    if reference is None:
        return []
    far = bitmap(
        slot
        for slot, quote in quotes.items()
        if slot in reference.quotes
        and (rules := slots[slot]) is not None
        and rules.is_too_far(reference.quotes[slot].price, quote.price)
    )
    return price_moves(book, source, far, [quotes[slot].price if slot in quotes else 0 for slot in range(book.n)])
