"""From the answer of a feed to a price, in exact integers: the reference of `ChainlinkRounds`."""

from enum import IntEnum
from typing import Final, NamedTuple

from prover.market._units import PRICE_DECIMALS
from verifier import PRICE_BITS

FEWEST_DIGITS: Final = 5
"""Minimum digits of the least price of a slot in the unit of its feed; an option may have fewer."""


class FeedFault(IntEnum):
    """Why a feed has no usable answer: the enum of the contract."""

    NONE = 0
    MISSING = 1
    NO_ANSWER = 2
    NEGATIVE = 3
    INCOMPLETE = 4
    TOO_OLD = 5
    OUT_OF_RANGE = 6


class FeedAnswer(NamedTuple):
    """What `latestRoundData` returns.

    Attributes:
        round_id: of the feed.
        answer: price in the unit of the feed, signed.
        updated_at: Unix seconds; 0 while the round is not complete.
        answered_in_round: the round that the answer is from.
    """

    round_id: int
    answer: int
    updated_at: int
    answered_in_round: int


def feed_price(answer: FeedAnswer, decimals: int, max_age: int, now: int) -> int | FeedFault:
    """The price of an answer [1e-9 USD], rounded down, or why it has none.

    Args:
        answer: of the feed.
        decimals: of an answer.
        max_age: maximum age of an answer [s].
        now: time of the block.
    """
    if answer.answer < 0:
        return FeedFault.NEGATIVE
    if not 0 < answer.updated_at <= now or answer.answered_in_round < answer.round_id:
        return FeedFault.INCOMPLETE
    if now - answer.updated_at > max_age:
        return FeedFault.TOO_OLD
    price = answer.answer * 10**PRICE_DECIMALS // 10**decimals
    return price if price < 1 << PRICE_BITS else FeedFault.OUT_OF_RANGE


def has_enough_digits(decimals: int, least_price: int) -> bool:
    """Whether a feed has enough digits at the least price of a slot [1e-9 USD] that is no option."""
    digits = FEWEST_DIGITS - 1 + PRICE_DECIMALS
    return bool(least_price * 10**decimals >= 10**digits)
