"""The rules that record or hold prices, in exact integers: the reference of `GuardedPriceRounds` (docs/oracle.md).

A set of prices is recorded as a round, held as a candidate, or refused. Times are Unix seconds, prices and funding
[1e-9 USD], bitmaps have bit i for slot i.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple, Self

from prover.market._margin import effective_price
from prover.market._units import PPM
from verifier import PRICE_BITS, InputError

LIMIT_PERIOD: Final = 60
"""A recorded round replaces the reference round when it is this much younger [s]."""

CANDIDATE_DELAY: Final = 60
"""Reports confirm a candidate when they are this much younger, in report time and in block time [s]."""

CANDIDATE_LIFETIME: Final = 15 * 60
"""A candidate older than this expires, and so does its trip [s of block time]."""


class RoundRefusedError(InputError):
    """A set of prices that the contract refuses: nothing is recorded, held or tripped.

    Attributes:
        error: name of the contract's error.
        arguments: of the error.
    """

    def __init__(self, error: str, *arguments: int | str) -> None:
        super().__init__(f"{error}({', '.join(map(str, arguments))})")
        self.error = error
        self.arguments = arguments


class Quote(NamedTuple):
    """Price and funding of a slot.

    Attributes:
        price: mark price [1e-9 USD].
        funding: cumulative funding per unit [1e-9 USD], signed.
    """

    price: int
    funding: int

    @property
    def effective(self) -> int:
        """e [1e-9 USD]."""
        return effective_price(self.price, self.funding)


@dataclass(frozen=True, slots=True)
class SlotRules:
    """Limits of the prices of a listed slot.

    Attributes:
        deviation_ppm: how far the price may move from the reference round [ppm of the price there].
        deviation_amount: how far any price may move [1e-9 USD]; the larger of the two limits applies.
        least_price: [1e-9 USD]
        greatest_price: [1e-9 USD]
        is_spot: whether it has no funding.
    """

    deviation_ppm: int
    deviation_amount: int
    least_price: int
    greatest_price: int
    is_spot: bool = False

    def limit(self, price: int) -> int:
        """How far a price may move from a price [1e-9 USD]; a move of exactly the limit is allowed."""
        return max(price * self.deviation_ppm // PPM, self.deviation_amount)

    def is_too_far(self, before: int, after: int) -> bool:
        """Whether a price is strictly beyond the limit of the price before it."""
        return abs(after - before) > self.limit(before)


class PriceSet(NamedTuple):
    """Prices of reports or feeds at one time.

    Attributes:
        timestamp: time of the prices.
        quotes: of each slot that enough of them price; the other slots become stale.
    """

    timestamp: int
    quotes: Mapping[int, Quote]


@dataclass(frozen=True, slots=True)
class RecordedRound:
    """Prices of every slot: of a round, or of a candidate.

    Attributes:
        id: from 1; 0 of a candidate.
        timestamp: time of the prices.
        quotes: of every slot whose asset has had a price; a stale slot keeps its earlier quote.
        stale: bitmap of the listed slots without a fresh price.
    """

    id: int
    timestamp: int
    quotes: Mapping[int, Quote]
    stale: int

    def is_stale(self, slot: int) -> bool:
        """Whether a slot has no fresh price."""
        return bool(self.stale >> slot & 1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Prices beyond a limit, held until later reports confirm or discard them.

    Attributes:
        prices: what was posted.
        held_at: time of the block that held them.
    """

    prices: RecordedRound
    held_at: int

    @property
    def confirmable_at(self) -> int:
        """The first block time at which new reports can confirm it."""
        return max(self.prices.timestamp, self.held_at) + CANDIDATE_DELAY

    def has_expired(self, now: int) -> bool:
        """Whether it has expired at a block time."""
        return now > self.held_at + CANDIDATE_LIFETIME

    def is_old_enough(self, timestamp: int, now: int) -> bool:
        """Whether prices of a time can confirm it at a block time."""
        return timestamp >= self.prices.timestamp + CANDIDATE_DELAY and now >= self.held_at + CANDIDATE_DELAY


class PostingStatus(StrEnum):
    """Whether a set of prices that is not refused is recorded or held."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    HELD = "held"


class PostingOutcome(NamedTuple):
    """Result of posting a set of prices.

    Attributes:
        status: recorded; recorded as the confirmation of a candidate; or held as a candidate.
        far: bitmap of the slots beyond their limit.
        prices: as they were recorded or held.
        discarded: whether a candidate was discarded by a round within the limits.
    """

    status: PostingStatus
    far: int
    prices: RecordedRound
    discarded: bool = False


@dataclass
class PriceRules:
    """State of a price source, and the rules by which a posting changes it.

    Attributes:
        slots: rules of each slot; None for a slot without an asset. May change between rounds.
        min_interval: minimum time between sets of prices that are recorded or held [s].
        latest: the newest round; None before the first.
        reference: the round from which limits are measured.
        candidate: prices that are held; None for none.
        newest_timestamp: of the set that was last recorded or held; 0 before.
        settled: bitmap of the slots whose asset has settled and was not replaced: they have no price.
        is_last: whether the wind-down has started: no prices count any more.
    """

    slots: Sequence[SlotRules | None]
    min_interval: int = 1
    latest: RecordedRound | None = None
    reference: RecordedRound | None = None
    candidate: Candidate | None = None
    newest_timestamp: int = 0
    settled: int = 0
    is_last: bool = False

    @property
    def listed(self) -> int:
        """Bitmap of the slots that have an asset."""
        return bitmap(slot for slot, rules in enumerate(self.slots) if rules is not None)

    def copy(self) -> Self:
        """A copy, to try a set of prices on."""
        return replace(self)

    def long_only(self) -> int:
        """Bitmap of the slots in which no account may be short: spot, vacant or never priced."""
        priced = self.latest.quotes if self.latest is not None else {}
        return bitmap(
            slot for slot, rules in enumerate(self.slots) if rules is None or rules.is_spot or slot not in priced
        )

    def post(self, prices: PriceSet, now: int) -> PostingOutcome:
        """Record a set of prices, or hold it as a candidate.

        Args:
            prices: of reports or feeds.
            now: time of the block.

        Raises:
            RoundRefusedError: nothing changes.
        """
        if self.is_last:
            raise RoundRefusedError("BookWindsDown")
        earliest = self.newest_timestamp + self.min_interval
        if prices.timestamp < earliest:
            raise RoundRefusedError("TooSoon", earliest, prices.timestamp)
        live = {slot: quote for slot, quote in prices.quotes.items() if self._counts(slot, quote)}
        if not live:
            raise RoundRefusedError("NothingPriced")
        far = [slot for slot, quote in live.items() if self._is_too_far(slot, quote.price)]
        if not far:
            discarded = self.candidate is not None
            return PostingOutcome(PostingStatus.RECORDED, 0, self._record(prices.timestamp, live), discarded)
        candidate = self.candidate
        if candidate is not None and not candidate.has_expired(now):
            if not candidate.is_old_enough(prices.timestamp, now):
                raise RoundRefusedError("CandidateTooYoung", candidate.confirmable_at)
            confirmed = {slot: self._confirmed(slot, live[slot], candidate) for slot in far}
            agreed = {slot: quote for slot, quote in confirmed.items() if quote is not None}
            if len(agreed) == len(far):
                recorded = self._record(prices.timestamp, live | agreed)
                return PostingOutcome(PostingStatus.CONFIRMED, bitmap(far), recorded)
        held = self._made(0, prices.timestamp, live)
        self.candidate, self.newest_timestamp = Candidate(held, now), prices.timestamp
        return PostingOutcome(PostingStatus.HELD, bitmap(far), held)

    def _counts(self, slot: int, quote: Quote) -> bool:
        """Whether a quote is within the bounds of its slot; otherwise the slot is stale."""
        rules = self.slots[slot]
        if rules is None or self.settled >> slot & 1 or not rules.least_price <= quote.price <= rules.greatest_price:
            return False
        if rules.is_spot and quote.funding:
            return False
        before = self._before(slot)
        return before is None or abs(quote.funding - before.funding) <= rules.limit(before.price)

    def _is_too_far(self, slot: int, price: int) -> bool:
        rules, before = self.slots[slot], self._before(slot)
        return rules is not None and before is not None and rules.is_too_far(before.price, price)

    def _before(self, slot: int) -> Quote | None:
        """The quote from which limits of a slot are measured; None when it never had one."""
        for round_ in (self.reference, self.latest):  # a slot that is younger than the reference is in the latest only
            if round_ is not None and slot in round_.quotes:
                return round_.quotes[slot]
        return None

    def _confirmed(self, slot: int, quote: Quote, candidate: Candidate) -> Quote | None:
        """The quote of a slot beyond its limit; None when the candidate does not confirm it."""
        rules, before = self.slots[slot], self._before(slot)
        if rules is None or before is None or candidate.prices.is_stale(slot):
            return None
        held = candidate.prices.quotes[slot].price
        if not rules.is_too_far(held, quote.price):
            return quote
        if not rules.is_too_far(before.price, held) or (held > before.price) != (quote.price > before.price):
            return None
        return quote._replace(price=min(held, quote.price, key=lambda price: abs(price - before.price)))

    def _record(self, timestamp: int, live: Mapping[int, Quote]) -> RecordedRound:
        made = self._made(1 if self.latest is None else self.latest.id + 1, timestamp, live)
        # A round that confirms a candidate is always this much younger: CANDIDATE_DELAY is not shorter.
        if self.reference is None or timestamp >= self.reference.timestamp + LIMIT_PERIOD:
            self.reference = made
        self.latest, self.candidate, self.newest_timestamp = made, None, timestamp
        return made

    def _made(self, id_: int, timestamp: int, live: Mapping[int, Quote]) -> RecordedRound:
        quotes = self.latest.quotes if self.latest is not None else {}
        kept = {slot: quote for slot, quote in quotes.items() if not self.settled >> slot & 1}
        return RecordedRound(id_, timestamp, {**kept, **live}, self.listed & ~bitmap(live))


def require_in_range(slot: int, quote: Quote) -> None:
    """Refuse a quote out of range.

    Raises:
        RoundRefusedError: a price outside 0 to 2^64 - 1, or an effective price outside |e| < 2^64.
    """
    if not 0 <= quote.price < 1 << PRICE_BITS:
        raise RoundRefusedError("PriceOutOfRange", slot)
    if abs(quote.effective) >= 1 << PRICE_BITS:
        raise RoundRefusedError("EffectivePriceOutOfRange", slot)


def bitmap(slots: Iterable[int]) -> int:
    """Bitmap of slots."""
    return sum(1 << slot for slot in slots)
