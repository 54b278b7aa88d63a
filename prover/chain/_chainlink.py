"""A client of `ChainlinkRounds`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from web3.logs import DISCARD

from prover.chain._chain import Contract
from prover.chain._oracle import Posting, RoundsClient, posting


class FeedFault(IntEnum):
    """Why a feed has no price that counts: the enum of the contract."""

    NONE = 0
    MISSING = 1
    NO_ANSWER = 2
    NEGATIVE = 3
    INCOMPLETE = 4
    TOO_OLD = 5
    OUT_OF_RANGE = 6


class Feed(NamedTuple):
    """Where the price of a slot comes from.

    Attributes:
        source: address of the feed; None for none.
        max_age: how old an answer may be [s].
        decimals: digits after the point of an answer.
    """

    source: str | None
    max_age: int
    decimals: int


@dataclass(frozen=True)
class ChainlinkClient:
    """A deployed `ChainlinkRounds`.

    Attributes:
        contract: the price source.
    """

    contract: Contract

    @property
    def rounds(self) -> RoundsClient:
        """Its rounds, to be read and governed as those of any source."""
        return RoundsClient(self.contract)

    def post(self) -> Posting:
        """Post what the feeds answer now. Anybody may. A slot whose feed gives no usable answer is stale.

        Raises:
            ChainError: too soon after the last set, or the sequencer is down or has just come up.
        """
        return posting(self.contract, self.contract.send("postRound"))

    def faults(self, posted: Posting) -> dict[int, FeedFault]:
        """Why feeds had no price that counts when prices were posted, by slot."""
        told = self.contract.raw.events.FeedUnusable().process_receipt(posted.receipt, errors=DISCARD)
        return {int(log["args"]["slot"]): FeedFault(log["args"]["fault"]) for log in told}

    def feed(self, slot: int) -> Feed:
        """The feed of a slot."""
        source, max_age, decimals = self.contract.read("feed", slot)
        return Feed(str(source) if int(source, 16) else None, int(max_age), int(decimals))

    def set_feed(self, slot: int, source: str | None, max_age: int) -> Mapping[str, Any]:
        """Set the feed of a slot. Only governance.

        Args:
            slot: of the asset.
            source: address of its USD feed; None takes the feed away.
            max_age: how old an answer may be [s]: the feed's heartbeat and a little more.
        """
        return self.contract.send("setFeed", slot, source or self.contract.chain.checksum(0), max_age)
