"""Whether a set of reports is worth a transaction, and whose turn it is to send it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prover.market import PPM, PostingOutcome, PostingStatus, PriceReport, PriceRules
from prover.onchain import PriceSource


class PostingReason(StrEnum):
    """Why a set is posted now.

    FIRST: the book has no round.
    CANDIDATE: it confirms or discards the candidate.
    STATUS: an asset has a fresh price again, or none any more.
    DEVIATION: a price has moved.
    AGE: the newest prices are old.
    """

    FIRST = "first"
    CANDIDATE = "candidate"
    STATUS = "status"
    DEVIATION = "deviation"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class PostingRules:
    """When a reporter posts.

    Attributes:
        max_set_age: age of the newest set from which on a new one is posted in any case [s].
        deviation_ppm: a price that has moved by more than this part of its limit is posted before [ppm].
        stagger: how long each reporter waits for the one before it in turn [s].
    """

    max_set_age: float = 60
    deviation_ppm: int = PPM // 2
    stagger: float = 5

    def reason(self, rules: PriceRules, outcome: PostingOutcome, now: int) -> PostingReason | None:
        """Why a set is worth a transaction; None when it is not.

        Args:
            rules: the price source before it.
            outcome: what the set would do.
            now: time of the next block, Unix seconds.
        """
        latest = rules.latest
        if latest is None:
            return PostingReason.FIRST
        is_due = now - rules.newest_timestamp >= self.max_set_age
        if rules.candidate is not None and not rules.candidate.has_expired(now):
            if outcome.status is not PostingStatus.HELD:
                return PostingReason.CANDIDATE
            return PostingReason.AGE if is_due else None  # it would only replace the candidate
        if outcome.prices.stale != latest.stale:
            return PostingReason.STATUS
        if outcome.status is PostingStatus.HELD or self._has_moved(rules, outcome):
            return PostingReason.DEVIATION
        return PostingReason.AGE if is_due else None

    def _has_moved(self, rules: PriceRules, outcome: PostingOutcome) -> bool:
        for slot, quote in outcome.prices.quotes.items():
            before = rules.latest.quotes.get(slot) if rules.latest is not None else None
            slot_rules = rules.slots[slot]
            if before is None or slot_rules is None:
                continue
            if abs(quote.price - before.price) * PPM > slot_rules.limit(before.price) * self.deviation_ppm:
                return True
        return False


def turn(reporter: str, reporters: Sequence[str], round_id: int) -> int:
    """How many reporters come before one, for a round: each round has another first one.

    Args:
        reporter: one of them.
        reporters: in the order of the contract.
        round_id: of the round that is due.
    """
    order = [address.lower() for address in reporters]
    return (order.index(reporter.lower()) - round_id) % len(order)


def strange_slots(source: PriceSource, outcome: PostingOutcome, own: PriceReport) -> list[int]:
    """Slots whose agreed price is further than its limit from what a reporter reports itself.

    Args:
        source: the price source.
        outcome: of the set.
        own: its report.
    """
    found = []
    for slot, price in enumerate(own.prices):
        rules = source.rules.slots[slot]
        if not own.priced_slots >> slot & 1 or rules is None or outcome.prices.is_stale(slot):
            continue
        if rules.is_too_far(price, outcome.prices.quotes[slot].price):
            found.append(slot)
    return found
