"""Which parcel of a notice is taken: the one that earns most above a reservation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prover.account import State
from prover.chain import OnchainRound
from prover.liquidation import PricedParcel
from prover.market import PPM
from prover.onchain import TakeoverOffer


@dataclass(frozen=True)
class PricedOffer:
    """A notice that can be acted on, and what the own account has. Secret.

    Attributes:
        offer: the notice, with its parcels.
        round: the newest one.
        state: of the own account.
        least_profit: of any takeover [1e-18 USD].
    """

    offer: TakeoverOffer = field(repr=False)
    round: OnchainRound
    state: State = field(repr=False)
    least_profit: int

    @property
    def eligible(self) -> Mapping[int, PricedParcel]:
        """The parcels that can be taken now and leave the least profit, by their place in the notice."""
        return {
            place: priced
            for place, priced in enumerate(self.offer.parcels)
            if self.offer.elapsed in priced.times and not priced.reasons and priced.estimate.profit >= self.least_profit
        }


class Bids(Protocol):
    """Decides on offers."""

    def choose(self, offer: PricedOffer) -> int | None:
        """The place of the parcel to take, one of the eligible ones; None to wait."""


@dataclass(frozen=True)
class ReservationBids:
    """Takes the parcel that leaves most above a reservation: the least profit, and a part of the notional.

    The part grows with the exposure that the parcel adds to the own account: where that is the account's whole equity,
    it is twice as much. What lowers exposure needs no more than the part itself.

    Attributes:
        reservation_ppm: part of the notional [ppm].
    """

    reservation_ppm: int

    def choose(self, offer: PricedOffer) -> int | None:
        """The place of the parcel to take; None to wait until one leaves enough."""
        eligible = offer.eligible
        surplus = {
            place: priced.estimate.profit - self.reservation(offer, priced.parcel.ticket.amounts)
            for place, priced in eligible.items()
        }
        best = max(surplus, key=lambda place: surplus[place], default=None)
        return best if best is not None and surplus[best] >= 0 else None

    def reservation(self, offer: PricedOffer, amounts: Sequence[int]) -> int:
        """What a parcel has to leave [1e-18 USD], rounded up.

        Args:
            offer: the notice, and the own account.
            amounts: that the parcel adds to it [1e-9 token], signed.
        """
        prices = offer.round.prices
        notional = _exposure(amounts, prices)
        after = [own + added for own, added in zip(offer.state.balances, amounts, strict=True)]
        equity = offer.state.quote + sum(
            own * price for own, price in zip(offer.state.balances, offer.round.vectors.effective_prices, strict=True)
        )
        growth = max(_exposure(after, prices) - _exposure(offer.state.balances, prices), 0)
        load = growth * PPM // equity if equity > 0 else PPM
        return -(-notional * self.reservation_ppm * (PPM + load) // PPM**2) + offer.least_profit


def _exposure(amounts: Sequence[int], prices: Sequence[int]) -> int:
    """Notional of positions, long and short alike [1e-18 USD]."""
    return sum(abs(amount) * price for amount, price in zip(amounts, prices, strict=True))
