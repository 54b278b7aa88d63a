"""What a reporter reports: nothing that is missing, old, or out of bounds, and never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from prover import AssetList
from prover.market import PriceRules, Quorum, Quote, RecordedRound, SlotRules
from prover.onchain import MarginBook, PriceMove, PriceSource
from prover.oracle import FeedPrices, Observation, Omission, SeenPrice, observe
from verifier import ChainError

NOW = 1_763_800_000
MAX_AGE = 15
RULES = SlotRules(deviation_ppm=10_000, deviation_amount=5, least_price=10, greatest_price=10_000)
PRICE = 1000
WBTC, PERP = 0, 3


@dataclass
class Said:
    """A feed that says what a test wants."""

    prices: FeedPrices | Exception
    name: str = "feed"

    def start(self) -> None:
        pass

    def read(self, _: AssetList) -> FeedPrices:
        if isinstance(self.prices, Exception):
            raise self.prices
        return self.prices


@pytest.fixture
def onchain(book: AssetList) -> MarginBook:
    return MarginBook(cast("Any", None), book)


@pytest.fixture
def source(book: AssetList) -> PriceSource:
    slots = [replace(RULES, is_spot=bool(book.spot >> slot & 1)) for slot in range(book.n)]
    recorded = RecordedRound(4, NOW - 60, {slot: Quote(PRICE, 0) for slot in range(book.n)}, 0)
    return PriceSource(PriceRules(slots, latest=recorded, reference=recorded), Quorum((), 2, 30))


def feed(book: AssetList, **changes: SeenPrice | None) -> FeedPrices:
    """Every asset at the price of the last round, 3 s ago; some changed, None for no price."""
    prices: dict[str, SeenPrice | None] = {asset.symbol: SeenPrice(PRICE, 0, NOW - 3) for asset in book.assets}
    prices |= {symbol.replace("_", "-"): price for symbol, price in changes.items()}
    return FeedPrices({symbol: price for symbol, price in prices.items() if price is not None})


def look(onchain: MarginBook, source: PriceSource, *said: FeedPrices | Exception, **options: Any) -> Observation:
    return observe(onchain, source, [Said(one) for one in said], NOW, **{"max_age": MAX_AGE, **options})


def test_what_is_seen_is_reported_at_the_time_of_its_oldest_price(onchain: MarginBook, source: PriceSource) -> None:
    seen = look(onchain, source, feed(onchain.assets, BTC_PERP=SeenPrice(1005, -7, NOW - 9)))
    assert seen.timestamp == NOW - 9
    assert (seen.prices[PERP], seen.funding[PERP]) == (1005, -7)
    assert set(seen.prices) == {PRICE, 1005}
    assert (seen.omitted, seen.leaps, seen.faults) == ((), (), ())


OMITTED: Mapping[str, tuple[str, SeenPrice | None, str]] = {
    "missing": ("WBTC", None, "no feed prices it"),
    "old": ("WBTC", SeenPrice(PRICE, 0, NOW - MAX_AGE - 1), "its price is older than 15 s"),
    "future": ("WBTC", SeenPrice(PRICE, 0, NOW + 6), "its time is in the future; is a clock wrong?"),
    "milliseconds": ("WBTC", SeenPrice(PRICE, 0, NOW * 1000), "its time is in the future; is it in milliseconds?"),
    "too low": ("WBTC", SeenPrice(9, 0, NOW), "its price of 0.000000009 USD is outside 0.00000001 to 0.00001 USD"),
    "too high": ("WBTC", SeenPrice(10_001, 0, NOW), "its price of 0.000010001 USD is outside"),
    "negative": ("WBTC", SeenPrice(-5, 0, NOW), "out of the range of the book"),
    "funding of spot": ("WBTC", SeenPrice(PRICE, 1, NOW), "it is spot, and has funding"),
    "far funding": ("BTC-PERP", SeenPrice(PRICE, 1 << 65, NOW), "out of the range of the book"),
}


@pytest.mark.parametrize(("symbol", "price", "reason"), OMITTED.values(), ids=OMITTED)
def test_a_doubtful_price_is_left_out_and_told(
    onchain: MarginBook, source: PriceSource, symbol: str, price: SeenPrice | None, reason: str
) -> None:
    seen = look(onchain, source, feed(onchain.assets, **{symbol: price}))
    slot = onchain.assets.slots[symbol]
    assert [priced is None for priced in seen.prices] == [at == slot for at in range(onchain.n)]
    assert seen.funding[slot] == 0
    ((omitted, why),) = seen.omitted
    assert (omitted, reason in why) == (symbol, True), why
    assert seen.timestamp == NOW - 3


def test_the_edges_of_what_is_taken(onchain: MarginBook, source: PriceSource) -> None:
    edges = {
        "WBTC": SeenPrice(10, 0, NOW - MAX_AGE),
        "WETH": SeenPrice(10_000, 0, NOW + 5),
    }
    seen = look(onchain, source, feed(onchain.assets, **edges))
    assert (seen.omitted, seen.timestamp) == ((), NOW - MAX_AGE)
    ahead = {asset.symbol: SeenPrice(PRICE, 0, NOW + 5) for asset in onchain.assets.assets}
    assert look(onchain, source, FeedPrices(ahead)).timestamp == NOW  # the contract takes no report from the future


def test_a_slot_that_the_book_does_not_list_is_not_priced(onchain: MarginBook, source: PriceSource) -> None:
    """A report that priced it would cost the whole set."""
    slots = list(source.rules.slots)
    slots[WBTC] = None
    source.rules.slots = slots
    seen = look(onchain, source, feed(onchain.assets))
    assert seen.omitted == (Omission("WBTC", "the book does not list it on chain"),)


def test_an_asset_that_has_settled_is_not_priced(onchain: MarginBook, source: PriceSource) -> None:
    """Its feed may go on. The next asset of the slot has no price before, so no limit would stop this one's."""
    source.rules.settled = 1 << PERP
    seen = look(onchain, source, feed(onchain.assets))
    assert [slot for slot, price in enumerate(seen.prices) if price is None] == [PERP]
    assert (seen.omitted, seen.faults) == ((), ())


def test_a_leap_is_reported_and_told(onchain: MarginBook, source: PriceSource) -> None:
    at_limit = look(onchain, source, feed(onchain.assets, BTC_PERP=SeenPrice(1010, 0, NOW)))
    assert at_limit.leaps == ()
    beyond = look(onchain, source, feed(onchain.assets, BTC_PERP=SeenPrice(1011, 0, NOW)))
    assert beyond.leaps == (PriceMove("BTC-PERP", PRICE, 1011, 10, 10_000),)
    assert (beyond.prices[PERP], beyond.omitted) == (1011, ())
    source.rules.reference = None
    assert look(onchain, source, feed(onchain.assets, BTC_PERP=SeenPrice(9000, 0, NOW))).leaps == ()


def test_the_median_of_the_feeds_counts(onchain: MarginBook, source: PriceSource) -> None:
    said = [
        feed(onchain.assets, BTC_PERP=SeenPrice(1003, 5, NOW - 1)),
        feed(onchain.assets, BTC_PERP=SeenPrice(9999, -9, NOW - 2)),
        feed(onchain.assets, BTC_PERP=SeenPrice(1001, 7, NOW)),
    ]
    seen = look(onchain, source, *said)
    assert (seen.prices[PERP], seen.funding[PERP]) == (1003, 5)
    seen = look(onchain, source, *said[:2])
    assert (seen.prices[PERP], seen.funding[PERP]) == (1003, -9)  # the lower one of two


def test_a_feed_that_is_stale_or_fails_counts_for_nothing(onchain: MarginBook, source: PriceSource) -> None:
    old = {asset.symbol: SeenPrice(1, 0, NOW - 3600) for asset in onchain.assets.assets}
    seen = look(onchain, source, FeedPrices(old), ChainError("the price feed is silent"), feed(onchain.assets))
    assert set(seen.prices) == {PRICE}
    assert seen.faults == ("the price feed is silent",)
    alone = look(onchain, source, FeedPrices(old))
    assert alone.is_empty
    assert {why for _, why in alone.omitted} == {"its price is older than 15 s"}


def test_too_few_feeds_are_no_price(onchain: MarginBook, source: PriceSource) -> None:
    said = [feed(onchain.assets), feed(onchain.assets, WBTC=None)]
    seen = look(onchain, source, *said, min_feeds=2)
    assert seen.omitted == (Omission("WBTC", "1 of 2 feeds price it"),)


def test_unknown_names_are_told(onchain: MarginBook, source: PriceSource) -> None:
    found = replace(feed(onchain.assets), unknown=("BTC-PREP", "XAU", "XAG", "XPT"), faults={"WBTC": "nonsense"})
    found = replace(found, prices={name: price for name, price in found.prices.items() if name != "WBTC"})
    seen = look(onchain, source, found)
    assert seen.faults == ("feed: the book has no BTC-PREP, XAU, XAG and 1 more",)
    assert seen.omitted == (Omission("WBTC", "nonsense"),)
