"""The reference of feeds: what an answer is worth."""

import pytest

from prover.market import FeedAnswer, FeedFault, feed_price, has_enough_digits

NOW = 1_800_000_000
TOP = (1 << 64) - 1


def price(answer: int, decimals: int = 8, updated_at: int = NOW, round_id: int = 5, answered_in: int = 5) -> int:
    return feed_price(FeedAnswer(round_id, answer, updated_at, answered_in), decimals, 60, NOW)


def test_an_answer_is_scaled_and_rounded_down() -> None:
    assert [price(199, decimals) for decimals in (0, 8, 9, 10, 11, 12)] == [199 * 10**9, 1990, 199, 19, 1, 0]
    assert price(0) == 0


@pytest.mark.parametrize(
    ("answer", "decimals", "result"),
    [
        (-1, 8, FeedFault.NEGATIVE),
        (TOP, 9, TOP),
        (TOP + 1, 9, FeedFault.OUT_OF_RANGE),
        (TOP * 10 + 9, 10, TOP),
        (TOP * 10 + 10, 10, FeedFault.OUT_OF_RANGE),
    ],
)
def test_a_price_is_in_range(answer: int, decimals: int, result: int) -> None:
    assert price(answer, decimals) == result


@pytest.mark.parametrize(
    ("updated_at", "result"),
    [
        (0, FeedFault.INCOMPLETE),
        (NOW - 61, FeedFault.TOO_OLD),
        (NOW - 60, 10),
        (NOW, 10),
        (NOW + 1, FeedFault.INCOMPLETE),
    ],
)
def test_an_answer_is_of_its_time(updated_at: int, result: int) -> None:
    assert price(1, updated_at=updated_at) == result


def test_an_answer_of_an_earlier_round_does_not_count() -> None:
    assert price(1, round_id=6) is FeedFault.INCOMPLETE
    assert price(1, round_id=4) == 10


def test_a_feed_has_five_digits_at_the_least_price() -> None:
    assert [has_enough_digits(8, least) for least in (10**5, 10**5 - 1)] == [True, False]
    assert [has_enough_digits(18, least) for least in (1, 10_000)] == [True, True]
    assert [has_enough_digits(0, least) for least in (10**13, 10**13 - 1)] == [True, False]
