"""The calendar of a margin book: when each asset expires, what has settled, and which slots can be listed again."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from prover.market import AssetKind, AssetList
from prover.onchain._book import MarginBook
from verifier import ChainError, InputError, ListedAsset

_KINDS: Final = tuple(AssetKind)


class SlotStatus(StrEnum):
    """Where a slot is in its life.

    LIVE: its asset trades.
    REDUCE_ONLY: its asset will be delisted: no account grows in it.
    DUE: its asset has reached its expiry, and reports for that time settle it.
    SETTLED: its asset has settled. Rounds or reports with its price still count.
    FREE: its asset has settled, and governance may list another one.
    EMPTY: it never had an asset.
    """

    LIVE = "live"
    REDUCE_ONLY = "reduce-only"
    DUE = "due"
    SETTLED = "settled"
    FREE = "free"
    EMPTY = "empty"


class CalendarEntry(NamedTuple):
    """A slot of a book.

    Attributes:
        slot: from 0.
        symbol: of its asset, even when that has settled; None in an empty slot.
        kind: of its asset.
        expires_at: Unix seconds; 0 for never.
        status: where it is in its life.
        epoch: with which its asset has settled; None while it has not.
        price: effective price that its asset has settled at [1e-9 USD]; None while it has not.
        announced: symbol of the entry that governance has announced; None for none.
        executable_at: when that can be listed, Unix seconds; 0 for none.
    """

    slot: int
    symbol: str | None
    kind: AssetKind | None
    expires_at: int
    status: SlotStatus
    epoch: int | None
    price: int | None
    announced: str | None
    executable_at: int

    @property
    def is_replaced(self) -> bool:
        """Whether the announced entry is another asset."""
        return self.announced is not None and self.announced != self.symbol


class Calendar(NamedTuple):
    """The slots of a book at a time.

    Attributes:
        now: time of the next block, Unix seconds.
        epoch: how many epochs are open.
        is_winding_down: whether the book has begun to end.
        entries: one for each slot.
    """

    now: int
    epoch: int
    is_winding_down: bool
    entries: Sequence[CalendarEntry]


def read_calendar(book: MarginBook, now: int | None = None) -> Calendar:
    """Read when assets expire, and what has settled. All of it comes from the contracts.

    Args:
        book: deployed.
        now: time to judge by, Unix seconds; None for an estimate of the next block's.

    Raises:
        ChainError: the node is not reached.
    """
    contracts = book.contracts
    risk, rounds = contracts.risk_parameters, contracts.rounds
    epoch, settled, is_winding_down = contracts.expiries.status()
    latest, time = rounds.latest_id(), contracts.chain.next_block_time() if now is None else now
    # the price of the asset before must be out of the rounds that the next one's first price is judged by
    is_forgotten = latest > 0 and rounds.epoch_of(latest) == rounds.epoch_of(rounds.reference_id()) == epoch
    can_list = is_forgotten and time >= contracts.expiries.listable_from() and not is_winding_down
    delisted, epochs = risk.delisted_slots(), _settled_with(book, epoch, settled)

    def entry(slot: int) -> CalendarEntry:
        listed, (announced, executable_at) = risk.asset(slot), risk.announced(slot)
        with_epoch, price = epochs.get(slot, (None, None))
        symbol = symbol_of(listed)
        if symbol is None:
            status = SlotStatus.EMPTY
        elif with_epoch is not None:
            status = SlotStatus.FREE if can_list else SlotStatus.SETTLED
        elif 0 < listed.expires_at <= time:
            status = SlotStatus.DUE
        else:
            status = SlotStatus.REDUCE_ONLY if delisted >> slot & 1 else SlotStatus.LIVE
        return CalendarEntry(
            slot,
            symbol,
            None if symbol is None else _KINDS[listed.kind],
            listed.expires_at,
            status,
            with_epoch,
            price,
            symbol_of(announced),
            executable_at,
        )

    return Calendar(time, epoch, is_winding_down, [entry(slot) for slot in range(book.n)])


def symbol_of(entry: ListedAsset) -> str | None:
    """The symbol of an entry; None of an empty one.

    Raises:
        ChainError: the node tells a symbol that no entry has.
    """
    try:
        return bytes(entry.symbol).rstrip(b"\0").decode("ascii") or None
    except UnicodeDecodeError:
        raise ChainError("the node tells an asset whose symbol is no ASCII text") from None


def present_assets(book: MarginBook) -> AssetList:
    """The assets of the book's file with those that the chain lists in their place.

    An asset of the file keeps its entry while it is listed, so that margins on the chain are still compared with the
    file's. Assets behind a slot that is empty are left out.

    Raises:
        ChainError: the node is not reached.
        InputError: the entries on the chain make no book.
    """
    risk = book.contracts.risk_parameters
    if risk.version() == 1:
        return book.assets
    entries: list[ListedAsset] = []
    for slot in range(book.n):
        listed = risk.asset(slot)
        if symbol_of(listed) is None:
            break
        entries.append(listed)
    return book.assets.with_listings(entries)


def listed_slot(book: MarginBook, symbol: str, where: str) -> int:
    """The slot that holds an asset on the chain now.

    Raises:
        InputError: no slot does.
        ChainError: the node is not reached.
    """
    for slot in range(book.n):
        if symbol_of(book.contracts.risk_parameters.asset(slot)) == symbol:
            return slot
    raise InputError(f"{where}: the chain lists no asset {symbol[:40]!r} in this book; see `book expiries`")


def _settled_with(book: MarginBook, newest: int, settled: int) -> Mapping[int, tuple[int, int]]:
    """Epoch and price of each slot that is settled now, from the newest epoch backwards."""
    found: dict[int, tuple[int, int]] = {}
    for epoch in range(newest, 0, -1):
        missing = settled & ~sum(1 << slot for slot in found)
        if not missing:
            break
        slots, prices = book.contracts.expiries.epoch_at(epoch)
        found |= {slot: (epoch, prices.effective[slot]) for slot in range(book.n) if slots & missing & 1 << slot}
    return found
