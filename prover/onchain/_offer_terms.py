"""What an offered trade means to a party of it: what it gains, what it pays, and how far that is from mark prices."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from prover.account import cipher_elements
from prover.chain import OnchainRound
from prover.market import PPM
from prover.onchain._book import MarginBook
from prover.trade import Leg, Offer, Side, Ticket
from verifier import InputError

FAR_FROM_MARK: Final = 10
"""From a tenth of the mark price on, a price may well be a slip."""


class OfferedLeg(NamedTuple):
    """One asset of an offered trade, as one party sees it. Secret.

    Attributes:
        slot: of the asset.
        gained: what the party gains [1e-9 token]; below 0 the party gives it.
        mark: mark price [1e-9 USD].
    """

    slot: int
    gained: int
    mark: int

    @property
    def side(self) -> Side:
        """What the party does."""
        return Side.BUY if self.gained > 0 else Side.SELL


@dataclass(frozen=True)
class PricedOffer:
    """An offered trade beside the mark prices of a round, as one party sees it. The terms are secret.

    Attributes:
        round_id: the round.
        legs: what the party gains and gives, with the mark prices of the round.
        pays: what the party pays in terms of mark prices [1e-18 USD], exact; below 0 it is paid.
    """

    round_id: int
    legs: tuple[OfferedLeg, ...] = field(repr=False)
    pays: int = field(repr=False)

    @classmethod
    def at(cls, book: MarginBook, ticket: Ticket, side: Side, round_: OnchainRound) -> Self:
        """A trade at a round, as the party of one side sees it. Raises ChainError as `MarginBook.funding`."""
        legs = (OfferedLeg(slot, side.sign * amount, round_.prices[slot]) for slot, amount in ticket.legs.items())
        return cls(round_.id, tuple(legs), side.sign * book.paid_for(ticket, round_))

    @property
    def worth(self) -> int:
        """What the legs are worth to the party at mark prices [1e-18 USD]."""
        return sum(leg.gained * leg.mark for leg in self.legs)

    @property
    def notional(self) -> int:
        """What all legs are worth at mark prices, bought or sold [1e-18 USD]."""
        return sum(abs(leg.gained) * leg.mark for leg in self.legs)

    @property
    def loss(self) -> int:
        """How much worse than mark prices the trade is for the party [1e-18 USD]; below 0 it is better."""
        return self.pays - self.worth

    @property
    def price(self) -> int:
        """Of a trade of one leg [1e-9 USD], rounded against the party."""
        first = self.legs[0]
        return first.mark + first.side.sign * -(-self.loss // abs(first.gained))

    def is_further(self, limit_ppm: int) -> bool:
        """Whether the trade is worse than mark prices by more than a limit [ppm of the notional]."""
        return self.loss * PPM > self.notional * limit_ppm


@dataclass(frozen=True)
class OfferedTrade:
    """An offer as its taker sees it. The terms are secret.

    Attributes:
        now: at the newest round: what the trade is worth now. Funding since the offer is in it.
        agreed: at the round that both proofs are for: the prices that the maker has put down.
        good_until: Unix seconds.
    """

    now: PricedOffer
    agreed: PricedOffer
    good_until: int

    @classmethod
    def read(cls, book: MarginBook, offer: Offer) -> Self:
        """Price an offer at its own round and at the newest.

        Raises:
            InputError: it is for another book, or means nothing in this one.
            ChainError: the node is not reached, or invents a price.
        """
        newest = book.latest_round()
        _require_meaningful(book, offer, newest)
        round_ = newest if offer.round_id == newest.id else book.round(offer.round_id)
        agreed = PricedOffer.at(book, offer.ticket, offer.taker_side, round_)
        return cls(
            now=agreed if round_ is newest else PricedOffer.at(book, offer.ticket, offer.taker_side, newest),
            agreed=agreed,
            good_until=round_.timestamp + book.contracts.book.max_proof_age(),
        )

    def first_further(self, limit_ppm: int) -> PricedOffer | None:
        """The trade at the round where its price is too far from the mark price, against the taker.

        Both rounds count. At the offer's own a node cannot lie about prices without the proofs failing; at the newest
        one it can.

        Args:
            limit_ppm: how far it may be [ppm of the notional].

        Returns:
            None where the price is near at both rounds.
        """
        return next((priced for priced in (self.agreed, self.now) if priced.is_further(limit_ppm)), None)


def _require_meaningful(book: MarginBook, offer: Offer, newest: OnchainRound) -> None:
    ticket = offer.ticket
    if ticket.domain != book.domain:
        raise InputError("the offer is for another book or chain: name the record of that one with --deployment")
    is_known = all(slot < len(book.assets.assets) for slot in ticket.legs)
    if not is_known or len(offer.maker_update.ciphertext) != cipher_elements(book.n):
        raise InputError("the offer is for assets that the book does not have: do not take it")
    if not ticket.legs:
        raise InputError("the offer moves money, and nothing for it: do not take it")
    if offer.round_id > newest.id:
        raise InputError("the offer is for a price round that the chain does not have: ask for a new one")


def is_far_from_mark(leg: Leg, round_: OnchainRound) -> bool:
    """Whether an agreed price is further from the mark price than a tenth of it: it may be a slip."""
    mark = round_.prices[leg.slot]
    return abs(leg.price - mark) * FAR_FROM_MARK > mark
