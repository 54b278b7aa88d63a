"""Listing the next assets of a calendar in slots whose assets expire: what governance can do now, and what waits."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from prover.market import Asset
from prover.onchain._book import MarginBook
from prover.onchain._calendar import Calendar, CalendarEntry, SlotStatus, read_calendar
from prover.onchain._sending import Receipt
from verifier import InputError

EXECUTION_WINDOW: Final = 14 * 86_400
"""How long an announced entry can be executed [s]: `RiskParameters.EXECUTION_WINDOW`."""


class ListingStep(StrEnum):
    """What becomes of the next asset of a calendar now.

    ANNOUNCE: it is announced for a slot, and can be listed after the delay of the book.
    EXECUTE: it is listed.
    WAIT: nothing can be done now.
    DONE: it is listed, or was: a symbol is used once.
    """

    ANNOUNCE = "announce"
    EXECUTE = "list"
    WAIT = "wait"
    DONE = "done"


class PlannedListing(NamedTuple):
    """An asset of a calendar.

    Attributes:
        asset: to be listed.
        slot: where; None while it has none.
        replaces: symbol of the asset that has the slot; None for an empty one.
        step: what can be done now.
        reason: why.
    """

    asset: Asset
    slot: int | None
    replaces: str | None
    step: ListingStep
    reason: str


def plan_listings(book: MarginBook, listings: Sequence[Asset], now: int | None = None) -> list[PlannedListing]:
    """What governance can announce and list now, in the order of the calendar.

    An asset goes into an empty slot, else into the one whose asset expires first. It is announced no earlier than that
    the slot can be empty within half of the time in which an announcement can be executed.

    Args:
        book: with the assets that the chain lists now.
        listings: of `load_listings`.
        now: time to judge by, Unix seconds; None for an estimate of the next block's.

    Raises:
        InputError: the book winds down.
        ChainError: not reached.
    """
    calendar = read_calendar(book, now)
    if calendar.is_winding_down:
        raise InputError("the book winds down: no asset is listed any more")
    return list(_Plan(book, calendar).of(listings))


def carry_out_listing(book: MarginBook, planned: PlannedListing) -> Receipt | None:
    """Announce or list an asset as planned; None where nothing can be done. Only governance.

    Raises:
        ChainError: refused, or not reached.
    """
    risk = book.contracts.risk_parameters
    if planned.slot is not None and planned.step is ListingStep.ANNOUNCE:
        return risk.announce(planned.slot, book.assets.entry(planned.asset))
    if planned.slot is not None and planned.step is ListingStep.EXECUTE:
        return risk.execute(planned.slot)
    return None


class _Plan:
    """Gives each asset of a calendar its slot."""

    def __init__(self, book: MarginBook, calendar: Calendar) -> None:
        self._book, self._calendar = book, calendar
        contracts = book.contracts
        self._delay = contracts.risk_parameters.delay()
        logs = contracts.risk_parameters.contract.logs("AssetChanged", first_block=contracts.book.first_block)
        self._used = {str(bytes(event.arguments["asset"]["symbol"]).rstrip(b"\0"), "ascii") for event in logs}
        horizon = calendar.now + self._delay + EXECUTION_WINDOW // 2
        self._vacant = sorted(
            (entry for entry in calendar.entries if _can_be_given(entry, horizon)),
            key=lambda entry: (entry.symbol is not None, entry.expires_at),
        )

    def of(self, listings: Sequence[Asset]) -> Iterator[PlannedListing]:
        announced = {entry.announced: entry for entry in self._calendar.entries if entry.is_replaced}
        for asset in listings:
            if asset.symbol in self._used or any(asset.symbol == entry.symbol for entry in self._calendar.entries):
                yield PlannedListing(asset, None, None, ListingStep.DONE, "it is listed, or was")
            elif 0 < asset.expires_at <= self._calendar.now + self._delay:
                yield PlannedListing(asset, None, None, ListingStep.DONE, "it would expire before it could be listed")
            elif asset.symbol in announced:
                yield self._announced(asset, announced[asset.symbol])
            elif self._vacant:
                entry = self._vacant.pop(0)
                yield PlannedListing(asset, entry.slot, entry.symbol, ListingStep.ANNOUNCE, _when(entry))
            else:
                yield PlannedListing(asset, None, None, ListingStep.WAIT, "no further slot is empty soon")

    def _announced(self, asset: Asset, entry: CalendarEntry) -> PlannedListing:
        def planned(step: ListingStep, reason: str) -> PlannedListing:
            return PlannedListing(asset, entry.slot, entry.symbol, step, reason)

        present, _ = self._book.contracts.risk_parameters.announced(entry.slot)
        if present != self._book.assets.entry(asset):
            return planned(ListingStep.ANNOUNCE, "it was announced with other terms")
        if self._calendar.now > entry.executable_at + EXECUTION_WINDOW:
            return planned(ListingStep.ANNOUNCE, "its announcement was not executed in time")
        if self._calendar.now < entry.executable_at:
            return planned(ListingStep.WAIT, "the delay of its announcement runs")
        if entry.status in {SlotStatus.FREE, SlotStatus.EMPTY}:
            return planned(ListingStep.EXECUTE, "its announcement is due, and the slot is free")
        return planned(ListingStep.WAIT, _when(entry))


def _can_be_given(entry: CalendarEntry, horizon: int) -> bool:
    return not entry.is_replaced and (entry.symbol is None or 0 < entry.expires_at <= horizon)


def _when(entry: CalendarEntry) -> str:
    match entry.status:
        case SlotStatus.EMPTY | SlotStatus.FREE:
            return "the slot is free"
        case SlotStatus.SETTLED:
            return "the slot is free two minutes after the settlement, once rounds a minute apart have come"
        case SlotStatus.DUE:
            return f"{entry.symbol} has to settle first"
        case _:
            return f"the slot is free when {entry.symbol} has settled"
