"""Client of `ChainlinkRounds`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from web3.logs import DISCARD

from prover.chain._chain import Contract
from prover.chain._price_rounds import Posting, RoundsClient, read_posting
from prover.market import FeedFault


class Feed(NamedTuple):
    """Price feed of a slot.

    Attributes:
        source: address of the feed; None for none.
        max_age: maximum age of an answer [s].
        decimals: of an answer.
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
        """Client of its rounds, which every price source has."""
        return RoundsClient(self.contract)

    def post(self) -> Posting:
        """Post the present answers of the feeds, from any account. A slot without a usable answer is stale.

        Raises:
            ChainError: too soon after the last set, or the sequencer is down or has just come up.
        """
        return read_posting(self.contract, self.contract.send("postRound"))

    def faults(self, posted: Posting) -> dict[int, FeedFault]:
        """Why feeds had no usable answer when prices were posted, by slot."""
        logs = self.contract.raw.events.FeedUnusable().process_receipt(posted.receipt, errors=DISCARD)
        return {int(log["args"]["slot"]): FeedFault(log["args"]["fault"]) for log in logs}

    def feed(self, slot: int) -> Feed:
        """The feed of a slot."""
        source, max_age, decimals = self.contract.read("feed", slot)
        return Feed(str(source) if int(source, 16) else None, int(max_age), int(decimals))

    def set_feed(self, slot: int, source: str | None, max_age: int) -> Mapping[str, Any]:
        """Set the feed of a slot. Only governance.

        Args:
            slot: of the asset.
            source: address of its USD feed; None removes the feed.
            max_age: maximum age of an answer [s]: the heartbeat of the feed and a margin.
        """
        return self.contract.send("setFeed", slot, source or self.contract.chain.checksum(0), max_age)
