"""Where assets settle, as in `Expiries` of the contracts: each settlement opens an epoch, a wind-down the last one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from market_model.listings import Listing
from market_model.rules import Rules, require


class Epoch(NamedTuple):
    """What settled.

    Attributes:
        slots: bitmap.
        prices: settlement prices of these slots [1e-9 USD]; 0 of others.
    """

    slots: int
    prices: tuple[int, ...]


class Quoted(NamedTuple):
    """What a settlement is compared with: the newest round.

    Attributes:
        time: of its prices.
        prices: mark prices [1e-9 USD].
        stale: bitmap of the slots whose price is an older one.
    """

    time: int
    prices: tuple[int, ...]
    stale: int


@dataclass
class Expiries:
    """The settlements of a book.

    Attributes:
        rules: of the market.
        epochs: by number, from 1 on.
        settled: bitmap of the slots that settled and have no new asset.
        is_winding_down: whether the last epoch is open.
        opened_at: when the newest epoch was opened.
    """

    rules: Rules
    epochs: list[Epoch] = field(default_factory=list)
    settled: int = 0
    is_winding_down: bool = False
    opened_at: int = 0

    @property
    def epoch(self) -> int:
        """How many epochs are open: that of the next round."""
        return len(self.epochs)

    def settle(
        self, expiry: int, prices: dict[int, int], newest: Quoted, listings: Sequence[Listing | None], now: int
    ) -> None:
        """Settle slots that expire at one time.

        Args:
            expiry: their time.
            prices: of each, by the reports of exactly that time [1e-9 USD].
            newest: round.
            listings: by slot.
            now: time of the block; there are no reports of a time to come.
        """
        require(not self.is_winding_down, "the book winds down")
        require(prices, "nothing settles")
        self._require_expiring(expiry, prices, listings)
        require(now >= expiry, "no reports of that time")
        require(newest.time >= expiry or not self.rules.settlement_after_expiry, "round before the expiry")
        for slot, price in sorted(prices.items()):
            listing = listings[slot]
            assert listing is not None
            is_live = not newest.stale >> slot & 1
            require(is_live or not self.rules.settlement_needs_live, "no price to settle near")
            is_far = listing.prices.is_too_far(newest.prices[slot], price)
            require(not is_far or not self.rules.settlement_near_round, "settlement too far")
        self._open(prices, len(listings), now)

    def wind_down(self, prices: Sequence[int], listings: Sequence[Listing | None], now: int) -> None:
        """Settle every derivative, for ever."""
        require(not self.is_winding_down, "the book winds down")
        derivatives = (slot for slot, each in enumerate(listings) if each is not None and not each.is_spot)
        open_slots = {slot: prices[slot] for slot in derivatives if not self.settled >> slot & 1}
        self._open(open_slots, len(listings), now)
        self.is_winding_down = True

    def free(self, slot: int, newest: int, reference: int, now: int) -> None:
        """Let a slot have another asset.

        Args:
            slot: that settled.
            newest: epoch of the newest round.
            reference: epoch of the round that price limits are counted from.
            now: time of the block.
        """
        require(not self.is_winding_down, "the book winds down")
        require(self.settled >> slot & 1, "slot has not settled")
        require(newest == self.epoch or not self.rules.free_needs_round, "newest round from before a settlement")
        is_forgotten = reference == self.epoch or not self.rules.free_needs_reference
        require(is_forgotten, "reference round from before a settlement")
        is_over = now >= self.opened_at + self.rules.listing_pause
        require(is_over, "reports from before a settlement")
        self.settled &= ~(1 << slot)

    def step(self, from_epoch: int, to_epoch: int) -> Epoch:
        """What settled after one epoch and not after another: what `expire` takes."""
        require(to_epoch > from_epoch, "epoch is not newer")
        require(to_epoch <= self.epoch, "no such epoch")
        merged = self.epochs[from_epoch]
        for slots, prices in self.epochs[from_epoch + 1 : to_epoch]:
            require(not merged.slots & slots or not self.rules.no_slot_twice, "a slot settles twice")
            sums = (one + other for one, other in zip(merged.prices, prices, strict=True))
            merged = Epoch(merged.slots | slots, tuple(sums))
        return merged if self.rules.every_epoch else self.epochs[to_epoch - 1]

    def _open(self, prices: dict[int, int], slots: int, now: int) -> None:
        settled = sum(1 << slot for slot in prices)
        self.epochs.append(Epoch(settled, tuple(prices.get(slot, 0) for slot in range(slots))))
        self.settled |= settled
        self.opened_at = now

    def _require_expiring(self, expiry: int, prices: dict[int, int], listings: Sequence[Listing | None]) -> None:
        for slot, listing in enumerate(listings):
            is_settled = bool(self.settled >> slot & 1)
            if slot in prices:
                is_due = listing is not None and expiry and listing.expires_at == expiry
                require(is_due and not (is_settled and self.rules.settles_once), "does not expire then")
            elif listing is not None and listing.underlying in prices and not is_settled:
                require(not self.rules.options_before_underlying, "an option on it is open")
