"""Settling an expiry: reports that were signed for it are checked before they are sent, and refusals are explained."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from prover.chain import ReportPurpose
from prover.formats import format_utc
from prover.market import SlotRules, asset_symbol, format_price, lower_median, slot_symbols
from prover.onchain._book import MarginBook
from prover.onchain._expiry import expiring_slots
from prover.onchain._price_source import PriceSource
from prover.onchain._report_checks import require_own_report
from prover.onchain._report_file import Reports, require_one_set
from prover.onchain._sending import Receipt, advised
from verifier import InputError

_ADVICE: Final[Mapping[str, str]] = {
    "OptionIsOpen": "an option on one of these assets has not settled: settle that first, with the reports of its own "
    "expiry",
    "WindDownStarted": "the book winds down: everything has settled at the last prices",
    "EffectivePriceOutOfRange": "a report has a price that no settlement can hold",
    "PriceOutOfRange": "a report has a price that no settlement can hold",
}


class SettledAsset(NamedTuple):
    """What an asset has settled at.

    Attributes:
        symbol: of the asset.
        price: effective price: the settlement price less the cumulative funding [1e-9 USD].
    """

    symbol: str
    price: int


class SettledExpiry(NamedTuple):
    """An expiry that was settled.

    Attributes:
        epoch: that this has opened: the next round is of it.
        expiry: Unix seconds.
        assets: that have settled.
        left: symbols of assets of the same expiry that too few reports price.
        receipt: of the transaction.
    """

    epoch: int
    expiry: int
    assets: tuple[SettledAsset, ...]
    left: tuple[str, ...]
    receipt: Receipt


def settle_expiry(book: MarginBook, reports: Reports) -> SettledExpiry:
    """Settle every asset that expires at the time of the reports and that a quorum of them prices.

    Args:
        book: whose assets they are.
        reports: signed for that settlement, by the names that errors call them.

    Raises:
        InputError: the contract would refuse them; nothing was sent.
        ChainError: refused, or not reached.
    """
    require_one_set(reports)
    expiry, source = _expiry(reports), PriceSource.read(book.contracts)
    for name, file in reports.items():
        require_own_report(book, source, name, file)
    count, quorum = len(reports), source.quorum
    if not quorum.threshold <= count <= len(quorum.reporters):
        raise InputError(f"{count} reports are given, {quorum.threshold} of {len(quorum.reporters)} reporters settle")
    slots, left = _slots(book, source, reports, expiry)
    _require_round(book, source, reports, expiry, slots)
    given = [file.report for file in reports.values()]
    with advised(_ADVICE):
        receipt = book.contracts.expiries.settle(expiry, slots, given)
    epoch = book.contracts.expiries.opened_by(receipt)
    _, prices = book.contracts.expiries.epoch_at(epoch)
    assets = tuple(
        SettledAsset(asset_symbol(book.assets, slot), prices.effective[slot])
        for slot in range(book.n)
        if slots >> slot & 1
    )
    return SettledExpiry(epoch, expiry, assets, tuple(slot_symbols(book.assets, left)), receipt)


def _expiry(reports: Reports) -> int:
    """The time that all reports are of."""
    times = {file.report.timestamp for file in reports.values()}
    for name, file in reports.items():
        if file.report.purpose is not ReportPurpose.SETTLEMENT:
            raise InputError(f"{name}: it was signed for a round; `oracle sign --settlement` signs for an expiry")
    if len(times) != 1:
        raise InputError("the reports are of different times: a settlement takes those of the exact expiry alone")
    return times.pop()


def _slots(book: MarginBook, source: PriceSource, reports: Reports, expiry: int) -> tuple[int, int]:
    """Bitmaps of the slots that settle, and of those that too few reports price."""
    if source.rules.is_last:
        raise InputError("the book winds down: everything has settled at the last prices")
    due = expiring_slots(book.contracts.risk_parameters.expiry_times(), source.rules.settled, expiry)
    if not due:
        raise InputError(f"no asset of the book expires at {format_utc(expiry)} and is still to be settled")
    counts = {
        slot: sum(file.report.does_price(slot) for file in reports.values())
        for slot in range(book.n)
        if due >> slot & 1
    }
    slots = sum(1 << slot for slot, count in counts.items() if count >= source.quorum.threshold)
    if not slots:
        raise InputError(
            f"too few reports price {', '.join(slot_symbols(book.assets, due))}: {source.quorum.threshold} settle each"
        )
    return slots, due & ~slots


def _require_round(book: MarginBook, source: PriceSource, reports: Reports, expiry: int, slots: int) -> None:
    """Refuse to settle before the newest round has been at the expiry, or away from its prices."""
    latest = source.rules.latest
    if latest is None or latest.timestamp < expiry:
        raise InputError(
            f"the newest round is from before {format_utc(expiry)}: post one of that time or later first, with the "
            "prices of these assets"
        )
    for slot, rules in enumerate(source.rules.slots):
        if not slots >> slot & 1 or rules is None:
            continue
        symbol = asset_symbol(book.assets, slot)
        if latest.is_stale(slot):
            raise InputError(f"the newest round has no fresh price of {symbol}: post one that has, then settle")
        _require_near(symbol, rules, latest.quotes[slot].price, latest.quotes[slot].funding, reports, slot)


def _require_near(symbol: str, rules: SlotRules, price: int, funding: int, reports: Reports, slot: int) -> None:
    pricing = [file.report for file in reports.values() if file.report.does_price(slot)]
    limit = rules.limit(price)
    for what, median, before in (
        ("price", lower_median([report.prices[slot] for report in pricing]), price),
        ("funding", lower_median([report.funding[slot] for report in pricing]), funding),
    ):
        if abs(median - before) > limit:
            raise InputError(
                f"{symbol}: its settlement {what} is {format_price(median)} USD, more than {format_price(limit)} USD "
                f"from {format_price(before)} USD in the newest round: post a round that is nearer, then settle"
            )
