"""From reports to the prices of a set, in exact integers: the reference of `PriceRounds.postRound`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from prover.market._price_rules import PriceRules, PriceSet, Quote, RoundRefusedError, require_in_range


class PriceReport(Protocol):
    """Prices of one reporter."""

    @property
    def reporter(self) -> str:
        """Address of the reporter."""

    @property
    def timestamp(self) -> int:
        """Time of the prices, Unix seconds."""

    @property
    def priced_slots(self) -> int:
        """Bitmap of the slots that it prices."""

    @property
    def prices(self) -> Sequence[int]:
        """Mark price of each slot [1e-9 USD]; ignored in a slot that it does not price."""

    @property
    def funding(self) -> Sequence[int]:
        """Cumulative funding per unit of each slot [1e-9 USD]; ignored in a slot that it does not price."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """The reporters of a price source.

    Attributes:
        reporters: their checksummed addresses.
        threshold: how many of them make a round: more than half.
        max_report_age: maximum age of a report when it is posted [s].
    """

    reporters: Sequence[str]
    threshold: int
    max_report_age: int


def lower_median(values: Sequence[int]) -> int:
    """The middle value; of an even number the lower of the two in the middle, which a reporter signed."""
    return sorted(values)[(len(values) - 1) // 2]


def agreed_prices(rules: PriceRules, quorum: Quorum, reports: Sequence[PriceReport], now: int) -> PriceSet:
    """The medians of a set of reports, slot by slot over those that price the slot. Signatures are not checked.

    Args:
        rules: the source before the posting.
        quorum: its reporters.
        reports: of different reporters.
        now: time of the block.

    Raises:
        RoundRefusedError: the contract refuses the set.
    """
    if not quorum.threshold <= len(reports) <= len(quorum.reporters):
        raise RoundRefusedError("WrongReportCount", len(reports))
    seen: set[str] = set()
    for report in reports:
        _require_reporter(report.reporter, quorum, seen)
        require_admissible(report, rules, quorum, now)
    quotes = {}
    for slot, listed in enumerate(rules.slots):
        priced = [report for report in reports if report.priced_slots >> slot & 1]
        if listed is not None and is_priced(slot, len(priced), len(reports), quorum):
            quotes[slot] = _median_quote(slot, priced)
    return PriceSet(lower_median([report.timestamp for report in reports]), quotes)


def is_priced(slot: int, priced: int, reports: int, quorum: Quorum) -> bool:
    """Whether a set has a price of a slot; the slot is stale otherwise.

    Args:
        slot: the slot.
        priced: how many reports of the set price it.
        reports: how many reports the set has.
        quorum: the reporters.

    Raises:
        RoundRefusedError: too few reports price the slot, and so few omit it that a quorum of others could price it.
    """
    if priced >= quorum.threshold:
        return True
    if reports - priced > len(quorum.reporters) - quorum.threshold:
        return False
    raise RoundRefusedError("SlotUndecided", slot)


def _require_reporter(reporter: str, quorum: Quorum, seen: set[str]) -> None:
    if reporter not in quorum.reporters:
        raise RoundRefusedError("NotReporter", reporter)
    if reporter in seen:
        raise RoundRefusedError("DuplicateReporter", reporter)
    seen.add(reporter)


def require_admissible(report: PriceReport, rules: PriceRules, quorum: Quorum, now: int) -> None:
    """Refuse a report that no set may contain. Neither its signature nor its reporter is looked at.

    Args:
        report: one of a set.
        rules: the source before the posting.
        quorum: its reporters.
        now: time of the block.

    Raises:
        RoundRefusedError: the contract refuses every set with it.
    """
    if report.timestamp <= rules.newest_timestamp:
        raise RoundRefusedError("RoundOutOfOrder", rules.newest_timestamp, report.timestamp)
    if report.timestamp > now:
        raise RoundRefusedError("ReportFromFuture", report.reporter, report.timestamp)
    if now - report.timestamp > quorum.max_report_age:
        raise RoundRefusedError("ReportTooOld", report.reporter, report.timestamp)
    n = len(rules.slots)
    for values in (report.prices, report.funding):
        if len(values) != n:
            raise RoundRefusedError("WrongLength", n, len(values))
    unlisted = report.priced_slots & ~rules.listed
    if unlisted:
        raise RoundRefusedError("SlotIsEmpty", (unlisted & -unlisted).bit_length() - 1)
    for slot, values in enumerate(zip(report.prices, report.funding, strict=True)):
        if report.priced_slots >> slot & 1:
            require_in_range(slot, Quote(*values))


def _median_quote(slot: int, priced: Sequence[PriceReport]) -> Quote:
    """Order statistics of prices and funding keep the distance of each pair, so the quote is in range as each is."""
    return Quote(
        lower_median([report.prices[slot] for report in priced]),
        lower_median([report.funding[slot] for report in priced]),
    )
