"""Client of `OwnerPriceRounds`."""

from collections.abc import Sequence
from dataclasses import dataclass

from prover.chain._chain import Contract
from prover.chain._price_rounds import RoundsClient
from verifier import SlotFractions


@dataclass(frozen=True)
class OwnerRoundsClient:
    """A deployed `OwnerPriceRounds`.

    Attributes:
        contract: the price source.
    """

    contract: Contract

    @property
    def rounds(self) -> RoundsClient:
        """Client of its rounds, which every price source has."""
        return RoundsClient(self.contract)

    def post(self, prices: Sequence[int], funding: Sequence[int]) -> int:
        """Post the next round, and return its id. Only the owner.

        Args:
            prices: mark price of each slot [1e-9 USD].
            funding: cumulative funding per unit of each slot [1e-9 USD].

        Raises:
            ChainError: a value is out of range, or there is not one for each slot.
        """
        receipt = self.contract.send("postRound", list(prices), list(funding))
        posted = self.contract.raw.events.RoundPosted().process_receipt(receipt)
        return int(posted[0]["args"]["roundId"])

    def fractions(self) -> tuple[SlotFractions, ...]:
        """The margin fractions of each slot."""
        return tuple(SlotFractions(*fields) for fields in self.contract.read("marginFractions"))
