"""The reference of the posting rules: cases by hand, properties, and what colluding reporters can reach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    PostingOutcome,
    PostingStatus,
    PriceRules,
    Quorum,
    Quote,
    RecordedRound,
    RoundRefusedError,
    SlotRules,
    agreed_prices,
    bitmap,
    lower_median,
)
from prover.market._price_rules import LIMIT_PERIOD, PriceSet, require_in_range
from tools import price_round_vectors

START = 1_800_000_000
USD = 10**9
PERP = SlotRules(50_000, 0, USD, 10**6 * USD)
SPOT = replace(PERP, is_spot=True)
OPTION = SlotRules(100_000, 10 * USD, 0, 10**6 * USD)
SLOTS = (SPOT, PERP, OPTION, None)
"""Prices of the tests: 100 USD each, so limits are 5, 5 and 10 USD."""

LIMIT = 5 * USD


def rules(*, prices: Sequence[int] = (100 * USD,) * 3, min_interval: int = 1) -> PriceRules:
    """A source with one round, at START."""
    made = PriceRules(SLOTS, min_interval)
    post(made, 0, *prices)
    return made


def post(
    source: PriceRules, seconds: int, *prices: int | None, funding: Mapping[int, int] | None = None, late: int = 0
) -> PostingOutcome:
    """Post prices of the first slots as seen some seconds after the start; None for a slot without a price."""
    paid = funding or {}
    quotes = {slot: Quote(price, paid.get(slot, 0)) for slot, price in enumerate(prices) if price is not None}
    return source.post(PriceSet(START + seconds, quotes), START + seconds + late)


def prices_of(round_: RecordedRound | None) -> list[int]:
    assert round_ is not None
    return [round_.quotes[slot].price if slot in round_.quotes else 0 for slot in range(4)]


def crash(source: PriceRules, seconds: int, price: int, *, late: int = 0) -> PostingOutcome:
    """Post a price of the perpetual alone that differs from 100 USD."""
    return post(source, seconds, 100 * USD, price, 100 * USD, late=late)


# ---------------------------------------------------------------------------------------------- limits


def test_a_limit_is_the_larger_of_fraction_and_amount_and_holds_exactly() -> None:
    assert [OPTION.limit(price * USD) for price in (0, 50, 100, 200)] == [10 * USD, 10 * USD, 10 * USD, 20 * USD]
    assert PERP.limit(19) == 0  # 0.95 units
    for price, far in ((95 * USD, False), (95 * USD - 1, True), (105 * USD, False), (105 * USD + 1, True)):
        assert PERP.is_too_far(100 * USD, price) == far
        assert crash(rules(), 1, price).status is (PostingStatus.HELD if far else PostingStatus.RECORDED)


def test_the_price_after_zero_is_bound_by_the_amount() -> None:
    source = rules(prices=(100 * USD, 100 * USD, 0))
    assert post(source.copy(), 1, 100 * USD, 100 * USD, 10 * USD).status is PostingStatus.RECORDED
    assert post(source.copy(), 1, 100 * USD, 100 * USD, 10 * USD + 1).far == 0b100


def test_the_first_price_of_a_slot_is_bound_by_its_least_and_greatest_price_only() -> None:
    source = PriceRules(SLOTS)
    assert post(source, 0, 100 * USD, 100 * USD).status is PostingStatus.RECORDED  # no price of the option yet
    assert (source.latest, source.long_only()) == (source.reference, 0b1101)
    assert source.latest is not None
    assert source.latest.stale == 0b100
    assert post(source, 1, 100 * USD, 100 * USD, 999_999 * USD).status is PostingStatus.RECORDED
    assert source.long_only() == 0b1001
    assert prices_of(source.latest)[2] == 999_999 * USD


@pytest.mark.parametrize(("price", "stale"), [(USD, 0), (USD - 1, 0b10), (10**6 * USD, 0), (10**6 * USD + 1, 0b10)])
def test_a_price_outside_its_bounds_makes_its_slot_stale(price: int, stale: int) -> None:
    made = crash(PriceRules(SLOTS), 0, price)
    assert (made.status, made.prices.stale) == (PostingStatus.RECORDED, stale)
    assert (1 in made.prices.quotes) == (stale == 0)


def test_a_set_without_a_price_that_counts_is_refused() -> None:
    """Such a round would hide that the source is silent: clocks would run while no price is fresh."""
    source = rules()
    for prices in ((None, None, None), (None, USD - 1, None)):
        with pytest.raises(RoundRefusedError, match="NothingPriced"):
            post(source, 1, *prices)
    assert post(source, 1, None, 100 * USD, None).prices.stale == 0b101


def test_funding_of_spot_makes_it_stale() -> None:
    made = post(rules(), 1, 101 * USD, 100 * USD, 100 * USD, funding={0: 1})
    assert (made.status, made.prices.stale, made.prices.quotes[0]) == (PostingStatus.RECORDED, 1, Quote(100 * USD, 0))


@pytest.mark.parametrize(("funding", "stale"), [(LIMIT, 0), (LIMIT + 1, 0b10), (-LIMIT, 0), (-LIMIT - 1, 0b10)])
def test_funding_that_leaps_makes_its_slot_stale_and_stops_nothing_else(funding: int, stale: int) -> None:
    made = post(rules(), 1, 101 * USD, 101 * USD, 101 * USD, funding={1: funding})
    assert (made.status, made.prices.stale) == (PostingStatus.RECORDED, stale)
    assert made.prices.quotes[1] == (Quote(100 * USD, 0) if stale else Quote(101 * USD, funding))
    assert made.prices.quotes[2] == Quote(101 * USD, 0)


def test_a_funding_index_can_be_walked_back() -> None:
    source = rules()
    for minute in range(1, 4):
        made = post(source, 60 * minute, 100 * USD, 100 * USD, 100 * USD, funding={1: minute * LIMIT})
        assert made.prices.stale == 0
    assert made.prices.quotes[1].funding == 3 * LIMIT


def test_the_reference_moves_once_a_minute() -> None:
    source = rules()
    post(source, LIMIT_PERIOD - 1, 100 * USD, 104 * USD, 100 * USD)
    assert source.reference is not None
    assert source.reference.id == 1
    assert crash(source.copy(), LIMIT_PERIOD, 106 * USD).status is PostingStatus.HELD
    post(source, LIMIT_PERIOD, 100 * USD, 105 * USD, 100 * USD)
    assert source.reference.id == 3
    assert crash(source, LIMIT_PERIOD + 1, 110 * USD).status is PostingStatus.RECORDED


# ---------------------------------------------------------------------------------------------- candidates


def test_a_crash_is_confirmed_by_the_first_set_a_minute_later() -> None:
    source = rules()
    held = crash(source, 1, 70 * USD)
    assert (held.status, held.far, held.prices.id) == (PostingStatus.HELD, 0b10, 0)
    assert source.latest is not None
    assert (source.latest.id, source.newest_timestamp) == (1, START + 1)
    confirmed = crash(source, 1 + CANDIDATE_DELAY, 69 * USD)
    assert (confirmed.status, confirmed.far, confirmed.prices.id) == (PostingStatus.CONFIRMED, 0b10, 2)
    assert prices_of(source.latest) == [100 * USD, 69 * USD, 100 * USD, 0]
    assert (source.candidate, source.reference) == (None, source.latest)


@pytest.mark.parametrize(("seconds", "late"), [(60, 5), (61, -1), (0, 90)])
def test_a_candidate_that_is_too_young_refuses_every_set_beyond_the_limit(seconds: int, late: int) -> None:
    """Both in report time and in block time."""
    source = rules()
    crash(source, 1, 70 * USD, late=1)
    assert source.candidate is not None
    assert source.candidate.confirmable_at == START + 62
    before = source.copy()
    with pytest.raises(RoundRefusedError) as refused:
        crash(source, seconds + (seconds == 0) * 2, 70 * USD, late=late)
    assert (refused.value.error, refused.value.arguments) == ("CandidateTooYoung", (START + 62,))
    assert source == before
    assert crash(source, 61, 70 * USD, late=1).status is PostingStatus.CONFIRMED


def test_a_set_within_the_limits_discards_a_candidate_of_any_age() -> None:
    source = rules()
    crash(source, 1, 70 * USD)
    made = crash(source, 2, 96 * USD)
    assert (made.status, made.discarded, source.candidate) == (PostingStatus.RECORDED, True, None)
    assert crash(source, 70, 70 * USD).status is PostingStatus.HELD


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (70, 73.5, 73.5),  # within 5 % of the candidate
        (70, 66.5, 66.5),
        (70, 60, 70),  # both beyond on one side: the nearer
        (60, 70, 70),
        (94, 60, 94),
        (130, 140, 130),
        (140, 130, 130),
        (70, 106, None),  # the other side
        (130, 94, None),
    ],
)
def test_two_sets_confirm_what_they_agree_on(first: float, second: float, counts: float | None) -> None:
    source = rules()
    crash(source, 1, int(first * USD))
    made = crash(source, 61, int(second * USD))
    if counts is None:
        assert (made.status, made.far) == (PostingStatus.HELD, 0b10)
        assert source.candidate is not None
        assert prices_of(source.candidate.prices)[1] == second * USD
    else:
        assert (made.status, prices_of(source.latest)[1]) == (PostingStatus.CONFIRMED, counts * USD)


def test_the_nearer_price_goes_with_the_funding_of_the_newer_set() -> None:
    source = rules()
    post(source, 1, 100 * USD, 80 * USD, 100 * USD, funding={1: 1})
    made = post(source, 61, 100 * USD, 60 * USD, 100 * USD, funding={1: 2})
    assert made.prices.quotes[1] == Quote(80 * USD, 2)


def test_a_slot_that_the_candidate_did_not_price_is_not_confirmed() -> None:
    source = rules()
    crash(source, 1, 104 * USD)
    post(source, 2, 100 * USD, None, 50 * USD)  # the candidate keeps 104 of the round before
    made = post(source, 62, 100 * USD, 106 * USD, 50 * USD)
    assert (made.status, made.far) == (PostingStatus.HELD, 0b110)


def test_all_slots_are_confirmed_or_none() -> None:
    source = rules()
    post(source, 1, 100 * USD, 70 * USD, 100 * USD)
    made = post(source, 61, 100 * USD, 70 * USD, 70 * USD)
    assert (made.status, made.far) == (PostingStatus.HELD, 0b110)
    assert post(source, 121, 100 * USD, 70 * USD, 70 * USD).status is PostingStatus.CONFIRMED


def test_a_slot_may_follow_a_candidate_that_it_was_within_the_limit_in() -> None:
    source = rules()
    post(source, 1, 100 * USD, 70 * USD, 91 * USD)
    made = post(source, 61, 100 * USD, 70 * USD, 83 * USD)
    assert (made.status, prices_of(made.prices)[2]) == (PostingStatus.CONFIRMED, 83 * USD)


@pytest.mark.parametrize(
    ("late", "status"), [(CANDIDATE_LIFETIME, PostingStatus.CONFIRMED), (CANDIDATE_LIFETIME + 1, PostingStatus.HELD)]
)
def test_a_candidate_ends_after_its_lifetime(late: int, status: PostingStatus) -> None:
    source = rules()
    crash(source, 1, 70 * USD)
    assert crash(source, 1 + late, 70 * USD).status is status


def test_a_stale_slot_comes_back_by_a_candidate_when_its_price_has_moved() -> None:
    source = rules()
    assert post(source, 600, 100 * USD, None, 100 * USD).prices.stale == 0b10
    assert post(source, 1200, 100 * USD, None, 100 * USD).prices.quotes[1] == Quote(100 * USD, 0)
    assert crash(source, 1800, 80 * USD).status is PostingStatus.HELD
    assert crash(source, 1860, 80 * USD).prices.stale == 0


def test_an_option_expires_worthless_and_its_neighbour_trades_on() -> None:
    source = rules(prices=(100 * USD, 100 * USD, 8 * USD))
    made = post(source, 60, 100 * USD, 101 * USD, 0)
    assert (made.status, made.prices.stale, made.prices.quotes[2].price) == (PostingStatus.RECORDED, 0, 0)
    assert source.long_only() == 0b1001
    assert post(source, 61, 100 * USD, 102 * USD, 0).status is PostingStatus.RECORDED


# ---------------------------------------------------------------------------------------------- reports


@dataclass(frozen=True)
class Seen:
    """A report without its signature."""

    reporter: str
    timestamp: int
    priced_slots: int
    prices: tuple[int, ...]
    funding: tuple[int, ...]


QUORUM = Quorum(("a", "b", "c", "d", "e"), 3, 30)


def seen(reporter: str, *prices: int | None, seconds: int = 60, **changes: object) -> Seen:
    priced = bitmap(slot for slot, price in enumerate(prices) if price is not None)
    values = tuple(price or 0 for price in prices)
    vacant = (0,) * (4 - len(values))
    made = Seen(reporter, START + seconds, priced, (*values, *vacant), (0,) * 4)
    return replace(made, **changes)  # type: ignore[arg-type]


def agreed(reports: Iterable[Seen], now: int = 60, source: PriceRules | None = None) -> PriceSet:
    return agreed_prices(rules() if source is None else source, QUORUM, list(reports), START + now)


def test_medians_are_taken_over_the_reports_that_price_a_slot() -> None:
    reports = [seen("a", 1, 5, 9), seen("b", 2, 6, None), seen("c", 3, 7, 7), seen("d", 4, None, 8)]
    assert {slot: quote.price for slot, quote in agreed(reports).quotes.items()} == {0: 2, 1: 6, 2: 8}
    assert [lower_median(values) for values in ([3], [9, 3], [5, 1, 9], [4, 3, 2, 1])] == [3, 3, 5, 2]


@pytest.mark.parametrize(
    ("reports", "priced", "expected"),
    [
        (3, 3, True),
        (3, 2, None),
        (3, 0, False),
        (4, 2, None),
        (5, 2, False),
        (5, 3, True),
        (5, 0, False),
        (4, 1, False),
    ],
)
def test_a_slot_is_stale_only_by_a_quorum_of_omissions(reports: int, priced: int, expected: bool | None) -> None:
    made = [seen(name, 1, 1, 1 if place < priced else None) for place, name in enumerate("abcde"[:reports])]
    if expected is None:
        with pytest.raises(RoundRefusedError) as refused:
            agreed(made)
        assert (refused.value.error, refused.value.arguments) == ("SlotUndecided", (2,))
    else:
        assert (2 in agreed(made).quotes) == expected


def test_what_a_report_says_of_a_slot_that_it_does_not_price_is_ignored() -> None:
    loud = seen("c", 3, 3, None)
    loud = replace(loud, prices=(3, 3, 1 << 200, 5), funding=(0, 0, -(1 << 200), 7))
    reports = [seen("a", 1, 1, 1), seen("b", 2, 2, 2), loud, seen("d", 4, 4, 4)]
    assert agreed(reports).quotes[2] == Quote(2, 0)


GOOD = [seen("a", 1, 1, 1), seen("b", 1, 1, 1), seen("c", 1, 1, 1)]


@pytest.mark.parametrize(
    ("reports", "error"),
    [
        (GOOD[:2], "WrongReportCount"),
        ([*GOOD, *GOOD], "WrongReportCount"),
        ([*GOOD[:2], seen("f", 1, 1, 1)], "NotReporter"),
        ([*GOOD[:2], GOOD[0]], "DuplicateReporter"),
        ([*GOOD[:2], seen("c", 1, 1, 1, seconds=0)], "RoundOutOfOrder"),
        ([*GOOD[:2], seen("c", 1, 1, 1, seconds=61)], "ReportFromFuture"),
        ([*GOOD[:2], seen("c", 1, 1, 1, seconds=29)], "ReportTooOld"),
        ([*GOOD[:2], seen("c", 1, 1, 1, prices=(1, 1, 1))], "WrongLength"),
        ([*GOOD[:2], seen("c", 1, 1, 1, funding=(0,) * 5)], "WrongLength"),
        ([*GOOD[:2], seen("c", 1, 1, 1, priced_slots=0b1111)], "SlotIsEmpty"),
        ([*GOOD[:2], seen("c", 1, 1, 1, priced_slots=1 << 63)], "SlotIsEmpty"),
        ([*GOOD[:2], seen("c", 1, 1, 1 << 64)], "PriceOutOfRange"),
        ([*GOOD[:2], seen("c", 1, 1, 1, funding=(0, 0, (1 << 64) + 1, 0))], "EffectivePriceOutOfRange"),
        ([*GOOD[:2], seen("c", 1, 1, None)], "SlotUndecided"),
    ],
)
def test_a_set_is_refused_with_the_error_of_the_contract(reports: list[Seen], error: str) -> None:
    with pytest.raises(RoundRefusedError) as refused:
        agreed(reports)
    assert refused.value.error == error


def test_a_report_is_good_to_the_last_second_and_unit() -> None:
    top = (1 << 64) - 1
    oldest = seen("c", 1, 1, top, seconds=30, funding=(0, 0, 2 * top, 0))
    assert agreed([*GOOD[:2], oldest]).quotes[2] == Quote(1, 0)
    require_in_range(0, Quote(0, -top))


def test_sets_keep_their_distance_in_time() -> None:
    """By the median time of their reports."""
    source = rules(min_interval=10)
    for times, is_refused in (((1, 9, 30), True), ((9, 10, 30), False), ((10, 10, 10), False)):
        reports = [seen(name, 1, 1, 1, seconds=seconds) for name, seconds in zip("abc", times, strict=True)]
        prices = agreed(reports, now=31, source=source)
        if is_refused:
            with pytest.raises(RoundRefusedError) as refused:
                source.copy().post(prices, START + 31)
            assert (refused.value.error, refused.value.arguments) == ("TooSoon", (START + 10, START + 9))
        else:
            assert source.copy().post(prices, START + 31).prices.timestamp == START + 10


def test_a_candidate_counts_in_the_distance_in_time() -> None:
    source = rules(min_interval=10)
    crash(source, 20, 70 * USD)
    with pytest.raises(RoundRefusedError, match="TooSoon"):
        crash(source, 29, 100 * USD)
    assert crash(source, 30, 100 * USD).discarded


def test_the_vectors_are_what_the_reference_makes_of_their_stories() -> None:
    assert price_round_vectors.TARGET.read_text() == price_round_vectors.content()


# ---------------------------------------------------------------------------------------------- properties

PRICE = st.one_of(st.none(), st.integers(0, 130 * USD), st.integers(95 * USD - 2, 95 * USD + 2))
STEP = st.tuples(st.sampled_from([1, 10, 59, 60, 61, 1000]), st.integers(0, 30), PRICE, PRICE, PRICE)


@examples(3_000)
def test_no_recorded_slot_is_beyond_its_limit_unless_it_was_confirmed(count: int) -> None:
    """And a stale slot never moves, whatever is posted."""

    @settings(max_examples=count, deadline=None)
    @given(st.lists(STEP, max_size=12))
    def holds(steps: list[tuple[int, int, int | None, int | None, int | None]]) -> None:
        source, seconds = PriceRules(SLOTS), 0
        for wait, late, *prices in steps:
            seconds += wait
            latest, reference, candidate = source.latest, source.reference, source.candidate
            try:
                made = post(source, seconds, *prices, late=late)
            except RoundRefusedError:
                assert (source.latest, source.reference, source.candidate) == (latest, reference, candidate)
                continue
            kept = {} if latest is None else latest.quotes
            for slot, limits in enumerate(SLOTS):
                quote = made.prices.quotes.get(slot)
                if made.prices.is_stale(slot):
                    assert quote == kept.get(slot)
                elif limits is not None and slot in kept:
                    assert quote is not None
                    assert reference is not None
                    before = reference.quotes.get(slot, kept[slot]).price
                    is_far = limits.is_too_far(before, quote.price)
                    assert is_far <= bool(made.far >> slot & 1)
                    if is_far and made.status is PostingStatus.CONFIRMED:
                        assert candidate is not None
                        held = candidate.prices.quotes[slot].price
                        is_nearer = min(before, held) <= quote.price <= max(before, held)
                        assert is_nearer or not limits.is_too_far(held, quote.price)
                        assert START + seconds >= candidate.prices.timestamp + CANDIDATE_DELAY
            if made.status is PostingStatus.RECORDED:
                assert made.far == 0
            assert all(abs(quote.effective) < 1 << 64 for quote in made.prices.quotes.values())
            assert (source.candidate is not None) == (made.status is PostingStatus.HELD)

    holds()


# ---------------------------------------------------------------------------------------------- two of five

TICK = 10
"""Least time between sets in the search [s]."""

TRUE, STRIDE = 1_000, 6

COARSE = SlotRules(1, STRIDE, 0, 10**6)
"""Of the search: its limit is the same at every price."""


def reach(seconds: int) -> int:
    """How far two rounds may lie apart that no candidate confirmed, by the time between them (docs/oracle.md)."""
    return (3 + (seconds - 2 * TICK) // LIMIT_PERIOD) * STRIDE


def widest(ticks: int, *, honest_first: bool = False) -> list[int]:
    """The widest distance of two recorded prices, by the ticks between them, over all that two of five can post.

    With one honest report at hand, two of three set every median, so each round is theirs to choose within the limit.

    Args:
        ticks: how far the search goes.
        honest_first: whether reporters who tell the true price come first when the reference is a minute old.
    """
    found = [0] * (ticks + 1)
    for age in range(TICK, LIMIT_PERIOD + 1, TICK):  # of the reference round, at the first of the two
        source = PriceRules([COARSE], TICK)
        coarse(source, 0, TRUE)
        for first, after in choices(source, age, honest_first=honest_first):
            states = [after]
            for tick in range(1, ticks + 1):
                ways = [way for state in states for way in choices(state, age + tick * TICK, honest_first=honest_first)]
                found[tick] = max(found[tick], *(abs(price - first) for price, _ in ways))
                states = list({repr(state.reference): state for _, state in ways}.values())
    return found


def choices(source: PriceRules, seconds: int, *, honest_first: bool) -> list[tuple[int, PriceRules]]:
    """Prices that can be recorded, with the source after each: those at the limits, and the middle."""
    assert source.reference is not None
    middle, age = source.reference.quotes[0].price, START + seconds - source.reference.timestamp
    prices = [TRUE] if honest_first and age >= LIMIT_PERIOD else [middle - STRIDE, middle, middle + STRIDE]
    made = [(price, source.copy()) for price in prices]
    for price, after in made:
        assert coarse(after, seconds, price).status is PostingStatus.RECORDED
    return made


def coarse(source: PriceRules, seconds: int, price: int) -> PostingOutcome:
    return source.post(PriceSet(START + seconds, {0: Quote(price, 0)}), START + seconds)


def test_two_of_five_reach_three_limits_in_a_minute_and_one_more_each_minute() -> None:
    """Three limits are at most an initial margin, so alternating within a minute leaves no account without equity."""
    found = widest(15)
    assert found[1:] == [reach(TICK * tick) for tick in range(1, 16)]
    assert [reach(seconds) // STRIDE for seconds in (10, 20, 79, 80, 140)] == [2, 3, 3, 4, 5]


def test_two_of_five_stay_within_two_limits_where_honest_reporters_set_the_reference() -> None:
    assert set(widest(15, honest_first=True)[1:]) == {2 * STRIDE}


def test_a_leap_of_two_of_five_ends_with_the_first_honest_set() -> None:
    """They hold a candidate and need a second set a minute later; any honest set in between discards it."""
    source = rules()
    for minute in range(5):
        crash(source, 60 * minute + 1, 50 * USD)
        assert crash(source, 60 * minute + 31, 100 * USD).discarded
    assert prices_of(source.latest)[1] == 100 * USD


def test_two_of_five_delay_a_crash_as_long_as_their_sets_come_in_between() -> None:
    """Each of their sets moves the price one limit a minute at most: the other reporters must be replaced."""
    source = rules()
    for minute in range(1, 6):
        assert crash(source, 60 * minute, 50 * USD).status is PostingStatus.HELD
        assert crash(source, 60 * minute + 30, 100 * USD).discarded
    assert crash(source, 360, 50 * USD).status is PostingStatus.HELD
    assert crash(source, 420, 50 * USD).status is PostingStatus.CONFIRMED
