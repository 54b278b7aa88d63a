"""Client of `Expiries`: where assets settle, and how a book ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from web3.logs import DISCARD

from prover.chain._chain import Contract
from prover.chain._reports import Report, median_indices, report_arguments
from verifier import ChainError, InputError, SettlementPrices


class EpochStatus(NamedTuple):
    """What a round that is recorded now has to know.

    Attributes:
        epoch: how many epochs are open: that of the next round.
        settled: bitmap of the slots whose asset has settled and was not replaced.
        is_winding_down: whether the wind-down has started.
    """

    epoch: int
    settled: int
    is_winding_down: bool


class EpochOpened(NamedTuple):
    """An epoch began: slots settled.

    Attributes:
        epoch: from 1.
        slots: bitmap of the slots that settled.
        expiry: when the prices were seen, Unix seconds.
        block: number.
    """

    epoch: int
    slots: int
    expiry: int
    block: int


@dataclass(frozen=True)
class ExpiriesClient:
    """A deployed `Expiries`.

    Attributes:
        contract: the settlements of a book.
    """

    contract: Contract

    def status(self) -> EpochStatus:
        """The newest epoch, and which slots are empty."""
        epoch, settled, is_winding_down = self.contract.read("status")
        return EpochStatus(int(epoch), int(settled), bool(is_winding_down))

    def epoch_at(self, epoch: int) -> tuple[int, SettlementPrices]:
        """What settled with an epoch, from 1: a bitmap of slots, and their prices.

        Raises:
            ChainError: there is no epoch of that number (refusal `UnknownEpoch`), or the node tells no such prices.
        """
        slots, prices = self.contract.read("epochAt", epoch)
        return int(slots), settlement_prices(prices)

    def listable_from(self) -> int:
        """From when on a slot that has settled can be freed, Unix seconds; 0 before the first settlement."""
        return int(self.contract.read("listableFrom"))

    def silence(self) -> int:
        """How long the price source has to be silent before the book can wind down [s]."""
        return int(self.contract.read("silence"))

    def parts(self) -> tuple[str, str]:
        """Addresses of the risk parameters and of the price source that it settles by."""
        return str(self.contract.read("riskParameters")), str(self.contract.read("rounds"))

    def settle(self, expiry: int, slots: int, reports: Sequence[Report]) -> Mapping[str, Any]:
        """Settle slots, from any account. The receipt tells the epoch that this opens (`opened_by`).

        Args:
            expiry: of all of these slots, Unix seconds.
            slots: bitmap, at least one.
            reports: of a quorum of reporters, signed for the settlement at that time.

        Raises:
            ChainError: refused.
        """
        return self.contract.send("settle", expiry, slots, report_arguments(reports), median_indices(reports))

    def start_wind_down(self) -> Mapping[str, Any]:
        """Start the end of the book, from any account, when the latest round is older than `silence`."""
        return self.contract.send("startWindDown")

    def opened_by(self, receipt: Mapping[str, Any]) -> int:
        """The epoch that a transaction opened.

        Raises:
            ChainError: the receipt has no such event: the node leaves it out.
        """
        found = self.contract.raw.events.EpochOpened().process_receipt(receipt, errors=DISCARD)
        if not found:
            raise ChainError("slots were settled, but the node does not tell of the epoch")
        return int(found[0]["args"]["epoch"])

    def settlements(self, first_block: int) -> list[EpochOpened]:
        """All epochs so far, oldest first.

        Args:
            first_block: no epoch is older.
        """
        return [
            EpochOpened(
                int(event.arguments["epoch"]),
                int(event.arguments["slots"]),
                int(event.arguments["expiry"]),
                event.block,
            )
            for event in self.contract.logs("EpochOpened", first_block=first_block)
        ]


def settlement_prices(prices: Sequence[int]) -> SettlementPrices:
    """Prices as a node tells them. Raises ChainError where no contract has such prices."""
    try:
        return SettlementPrices(tuple(map(int, prices)))
    except InputError:
        raise ChainError("the node's settlement prices are not in the range of the contract") from None
