"""When a set of reports is worth a transaction, and whose turn it is."""

from dataclasses import replace

import pytest

from prover.chain import Report
from prover.market import (
    Candidate,
    PostingOutcome,
    PostingStatus,
    PriceRules,
    Quorum,
    Quote,
    RecordedRound,
    SlotRules,
)
from prover.onchain import PriceSource
from prover.oracle import PostingReason, PostingRules
from prover.oracle._posting import strange_slots, turn

NOW = 1_763_800_000
SLOTS = (SlotRules(10_000, 5, 0, 10**6), SlotRules(10_000, 50, 0, 10**6))
LATEST = RecordedRound(4, NOW - 10, {0: Quote(1000, 0), 1: Quote(1000, 0)}, 0)
POSTING = PostingRules(max_set_age=60, deviation_ppm=500_000, stagger=5)


def rules(candidate: Candidate | None = None, latest: RecordedRound | None = LATEST) -> PriceRules:
    newest = latest.timestamp if latest is not None else 0
    return PriceRules(SLOTS, latest=latest, reference=latest, candidate=candidate, newest_timestamp=newest)


def outcome(
    *prices: int, status: PostingStatus = PostingStatus.RECORDED, stale: int = 0, discarded: bool = False
) -> PostingOutcome:
    quotes = {slot: Quote(price, 0) for slot, price in enumerate(prices or (1000, 1000))}
    return PostingOutcome(status, 0, RecordedRound(5, NOW, quotes, stale), discarded)


def test_calm_prices_wait_until_the_newest_set_is_old() -> None:
    assert POSTING.reason(rules(), outcome(), NOW) is None
    assert POSTING.reason(rules(), outcome(), NOW + 49) is None
    assert POSTING.reason(rules(), outcome(), NOW + 50) is PostingReason.AGE


def test_the_first_round_is_due_at_once() -> None:
    assert POSTING.reason(rules(latest=None), outcome(), NOW) is PostingReason.FIRST


@pytest.mark.parametrize(
    ("prices", "is_due"),
    [((1005, 1000), False), ((1006, 1000), True), ((994, 1000), True), ((1000, 1025), False), ((1000, 1026), True)],
)
def test_a_price_that_has_moved_by_half_its_limit_is_due(prices: tuple[int, int], is_due: bool) -> None:
    """The limit of the first is 10, of the second 50."""
    assert POSTING.reason(rules(), outcome(*prices), NOW) is (PostingReason.DEVIATION if is_due else None)


def test_prices_that_would_be_held_are_due() -> None:
    held = outcome(1000, 1000, status=PostingStatus.HELD)
    assert POSTING.reason(rules(), held, NOW) is PostingReason.DEVIATION


def test_an_asset_that_became_stale_or_fresh_is_due() -> None:
    assert POSTING.reason(rules(), outcome(stale=2), NOW) is PostingReason.STATUS
    was_stale = rules(latest=replace(LATEST, stale=2))
    assert POSTING.reason(was_stale, outcome(), NOW) is PostingReason.STATUS
    assert POSTING.reason(was_stale, outcome(stale=2), NOW) is None


def test_what_decides_a_candidate_is_due_and_what_replaces_it_is_not() -> None:
    candidate = Candidate(replace(LATEST, id=0, timestamp=NOW - 70), NOW - 70)
    confirms = outcome(status=PostingStatus.CONFIRMED)
    assert POSTING.reason(rules(candidate), confirms, NOW) is PostingReason.CANDIDATE
    assert POSTING.reason(rules(candidate), outcome(discarded=True), NOW) is PostingReason.CANDIDATE
    held = outcome(1200, 1000, status=PostingStatus.HELD)
    assert POSTING.reason(rules(candidate), held, NOW) is None
    assert POSTING.reason(rules(candidate), held, NOW + 50) is PostingReason.AGE
    expired = rules(replace(candidate, held_at=NOW - 901))
    assert POSTING.reason(expired, held, NOW) is PostingReason.DEVIATION


def test_each_round_has_another_first_reporter() -> None:
    reporters = ["0xAa", "0xBb", "0xCc"]
    for round_id in range(1, 8):
        assert sorted(turn(one, reporters, round_id) for one in reporters) == [0, 1, 2]
    assert [next(one for one in reporters if turn(one, reporters, k) == 0) for k in range(3)] == reporters
    assert turn("0xaA", reporters, 0) == 0


def test_an_agreed_price_far_from_ones_own_is_strange() -> None:
    source = PriceSource(rules(), Quorum((), 2, 30))
    both, second = (Report("0xAa", NOW, priced, (1000, 1000), (0, 0), b"") for priced in (0b11, 0b10))
    assert strange_slots(source, outcome(1000, 1000), both) == []
    assert strange_slots(source, outcome(1010, 1000), both) == []
    assert strange_slots(source, outcome(1011, 949), both) == [0, 1]
    assert strange_slots(source, outcome(1011, 949), second) == [1]
    assert strange_slots(source, outcome(1011, 949, stale=2), second) == []
