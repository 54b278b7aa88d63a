"""Offers of trades: reading them, what they mean to a taker, and whether they can still be taken."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from prover import Claim, instance_name
from prover.account import cipher_elements
from prover.chain import OnchainRound
from prover.cli._account_permission import may_trade, permission_name
from prover.cli._amounts import exact, percent, price, usd_down, usd_up, utc
from prover.cli._book_chain import round_age
from prover.cli._built import built_key
from prover.cli._files import STDIN
from prover.formats import format_duration, text_of
from prover.market import BALANCE_DECIMALS, PPM, PRICE_DECIMALS, QUOTE_DECIMALS, asset_symbol
from prover.onchain import MarginBook, UpdateVerifier
from prover.storage import read_private
from prover.toolchain import open_backend
from prover.trade import PREFIX, Offer
from verifier import InputError, StateUpdate, VerificationError, VerifyingKey, parse_json

MAX_OFFER_BYTES: Final = 1 << 16


class OfferedLeg(NamedTuple):
    """One asset of an offered trade, as the taker sees it. Secret.

    Attributes:
        asset: symbol.
        gained: what the taker gains [1e-9 token]; below 0 the taker gives it.
        mark: mark price [1e-9 USD].
    """

    asset: str
    gained: int
    mark: int

    @property
    def side(self) -> str:
        """What the taker does."""
        return "buy" if self.gained > 0 else "sell"

    @property
    def size(self) -> str:
        """Exact, in tokens."""
        return exact(abs(self.gained), BALANCE_DECIMALS)


@dataclass(frozen=True)
class Valued:
    """A trade beside the mark prices of a round. The terms are secret.

    Attributes:
        round_id: the round.
        legs: what the taker gains and gives, with the mark prices of the round.
        pays: what the taker pays in terms of mark prices [1e-18 USD], exact; below 0 it is paid.
    """

    round_id: int
    legs: tuple[OfferedLeg, ...] = field(repr=False)
    pays: int = field(repr=False)

    @classmethod
    def of(cls, book: MarginBook, offer: Offer, round_: OnchainRound) -> Self:
        """An offered trade at a round. Raises ChainError as `MarginBook.funding`."""
        sign = offer.taker_side.sign
        legs = tuple(
            OfferedLeg(asset_symbol(book.assets, slot), sign * amount, round_.prices[slot])
            for slot, amount in offer.ticket.legs.items()
        )
        return cls(round_.id, legs, sign * book.paid_for(offer.ticket, round_))

    @property
    def worth(self) -> int:
        """What the legs are worth to the taker at mark prices [1e-18 USD]."""
        return sum(leg.gained * leg.mark for leg in self.legs)

    @property
    def notional(self) -> int:
        """What all legs are worth at mark prices, whichever way they go [1e-18 USD]."""
        return sum(abs(leg.gained) * leg.mark for leg in self.legs)

    @property
    def loss(self) -> int:
        """How much worse than mark prices the trade is for the taker [1e-18 USD]; below 0 it is better."""
        return self.pays - self.worth

    @property
    def price(self) -> int:
        """Of a trade of one leg [1e-9 USD], rounded against the taker."""
        first = self.legs[0]
        return first.mark + (1 if first.gained > 0 else -1) * -(-self.loss // abs(first.gained))

    def is_further(self, limit_ppm: int) -> bool:
        """Whether the trade is worse than mark prices by more than a limit [ppm of the notional]."""
        return self.loss * PPM > self.notional * limit_ppm

    def distance(self) -> str:
        """For people."""
        if not self.loss:
            return "at the mark price"
        first = self.legs[0]
        part, whole = (self.price - first.mark, first.mark) if len(self.legs) == 1 else (abs(self.loss), self.notional)
        distance = f"{percent(part, whole)} " if whole else ""
        return f"{distance}from the mark price, {'against you' if self.loss > 0 else 'in your favour'}"


@dataclass(frozen=True)
class OfferedTrade:
    """An offer as its taker sees it. The terms are secret.

    Attributes:
        now: at the newest round: what the trade is worth now. Funding since the offer is in it.
        agreed: at the round that both proofs are for: the prices that the maker has put down.
        good_until: Unix seconds.
    """

    now: Valued
    agreed: Valued
    good_until: int

    def facts(self) -> list[tuple[str, str]]:
        """For people."""
        aged = self.agreed.round_id != self.now.round_id
        since = f", with the funding since round {self.agreed.round_id}" if aged else ""
        facts = self._leg_facts(since) if len(self.now.legs) == 1 else self._basket_facts(since)
        if aged:
            first = f"{price(self.agreed.price)} USD" if len(self.now.legs) == 1 else _money(self.agreed.pays)
            facts.append(("agreed", f"{first} at round {self.agreed.round_id}, {self.agreed.distance()}"))
        end = f"{utc(self.good_until)}, at round {self.agreed.round_id}; newer prices end it a minute later"
        return [*facts, ("good until", end)]

    def _leg_facts(self, since: str) -> list[tuple[str, str]]:
        (leg,), now = self.now.legs, self.now
        return [
            ("you", leg.side),
            ("asset", leg.asset),
            ("size", leg.size),
            ("price", f"{price(now.price)} USD{since}"),
            ("mark price", f"{price(leg.mark)} USD at round {now.round_id}"),
            ("distance", now.distance()),
            ("notional", f"{usd_up(_value(now))} USD"),
        ]

    def _basket_facts(self, since: str) -> list[tuple[str, str]]:
        now = self.now
        legs = [(f"you {leg.side}", f"{leg.size} {leg.asset}, mark price {price(leg.mark)} USD") for leg in now.legs]
        return [
            *legs,
            ("for all", f"{_money(now.pays)}{since}"),
            ("at mark prices", f"{_money(now.worth)} at round {now.round_id}"),
            ("distance", now.distance()),
            ("notional", f"{usd_up(now.notional)} USD"),
        ]

    def to_json(self) -> dict[str, Any]:
        """For machines: amounts as exact decimal strings. A trade of one asset has its words beside `legs`."""
        now, agreed = self.now, self.agreed
        legs = [
            {"asset": leg.asset, "side": leg.side, "size": leg.size, "mark_price": exact(leg.mark, PRICE_DECIMALS)}
            for leg in now.legs
        ]
        result: dict[str, Any] = {
            "legs": legs,
            "pays": exact(now.pays, QUOTE_DECIMALS),
            "pays_at_mark_prices": exact(now.worth, QUOTE_DECIMALS),
            "notional": exact(now.notional if len(legs) > 1 else _value(now), QUOTE_DECIMALS),
            "mark_round": now.round_id,
            "agreed_pays": exact(agreed.pays, QUOTE_DECIMALS),
            "round": agreed.round_id,
            "good_until": self.good_until,
        }
        if len(legs) == 1:
            result |= legs[0] | {
                "price": exact(now.price, PRICE_DECIMALS),
                "agreed_price": exact(agreed.price, PRICE_DECIMALS),
                "agreed_mark_price": exact(agreed.legs[0].mark, PRICE_DECIMALS),
            }
        return result

    def require_near(self, limit_ppm: int) -> None:
        """Refuse a price that is too far from the mark price, against the taker.

        It must be near at both rounds. At the offer's own a node cannot lie about prices without the proofs failing; at
        the newest one it can.

        Raises:
            InputError: too far.
        """
        for valued in (self.agreed, self.now):
            if valued.is_further(limit_ppm):
                raise InputError(
                    f"not taken: the price is further against you from the mark price of round {valued.round_id} "
                    "than --max-distance allows; ask for another offer"
                )


def _value(valued: Valued) -> int:
    """What the one leg of a trade costs, whichever way it goes [1e-18 USD]."""
    return valued.pays if valued.legs[0].gained > 0 else -valued.pays


def _money(pays: int) -> str:
    """What the taker pays or is paid, rounded against the taker."""
    return f"you pay {usd_up(pays)} USD" if pays >= 0 else f"you are paid {usd_down(-pays)} USD"


def load_offer(path: Path) -> Offer:
    """Read an offer, as JSON or as text; `-` is standard input.

    Raises:
        InputError: not to be read, open to other users, or malformed.
        VerificationError: a point of its proof is none.
    """
    if str(path) == STDIN:
        where, data = "standard input", sys.stdin.buffer.read(MAX_OFFER_BYTES)
    else:
        where, data = f"offer {path}", read_private(path, "offer", MAX_OFFER_BYTES)
    if data.lstrip().startswith(PREFIX.encode()):
        return Offer.from_text(text_of(data, where))
    return Offer.from_json(parse_json(data, where), where)


def describe(book: MarginBook, offer: Offer) -> OfferedTrade:
    """What an offer means to its taker.

    Raises:
        InputError: it is for another book, or means nothing in this one.
        ChainError: the node is not reached, or invents a price.
    """
    ticket, newest = offer.ticket, book.latest_round()
    if ticket.domain != book.domain:
        raise InputError("the offer is for another book or chain: name the record of that one with --deployment")
    is_known = all(slot < len(book.assets.assets) for slot in ticket.legs)
    if not is_known or len(offer.maker_update.ciphertext) != cipher_elements(book.n):
        raise InputError("the offer is for assets that the book does not have: do not take it")
    if not ticket.legs:
        raise InputError("the offer moves money, and nothing for it: do not take it")
    if offer.round_id > newest.id:
        raise InputError("the offer is for a price round that the chain does not have: ask for a new one")
    round_ = newest if offer.round_id == newest.id else book.contracts.rounds.round(offer.round_id)
    agreed = Valued.of(book, offer, round_)
    return OfferedTrade(
        now=agreed if round_ is newest else Valued.of(book, offer, newest),
        agreed=agreed,
        good_until=round_.timestamp + book.contracts.book.max_proof_age(),
    )


class MakerProof(NamedTuple):
    """What is known of a maker's proof.

    Attributes:
        verified: None where it was not verified.
        words: for people.
        refusal: why the book would refuse it; None when it verifies, or was not verified.
    """

    verified: bool | None
    words: str
    refusal: str | None = None


def maker_proof(book: MarginBook, offer: Offer, keys: Path | None) -> MakerProof:
    """Verify the maker's proof of an offer, if a key of the book is at hand.

    Args:
        book: the book.
        offer: the maker's.
        keys: folder with the keys of ceremonies; None for this machine's development keys.

    Raises:
        InputError: the folder lacks the key.
        ChainError: the node is not reached.
        ToolError: the backend failed.
    """
    name = instance_name("update", book.n)
    key_file = keys / name / "verification_key.json" if keys is not None else built_key(name)
    if key_file is None:
        return MakerProof(None, f"not verified: no key of {name} is built here, `zksolvency setup` builds one")
    key = VerifyingKey.load(key_file)
    with open_backend() as backend:
        try:
            verifier = UpdateVerifier.of(book, key, backend)
        except InputError as error:
            if keys is not None:
                raise
            return MakerProof(None, f"not verified: {error}")
        try:
            verifier.offer(offer, book.contracts.rounds.round(offer.round_id))
        except VerificationError as error:
            return MakerProof(False, f"does not verify ({error.reason})", str(error))
    return MakerProof(True, "verifies")


def obstacle(book: MarginBook, offer: Offer) -> str | None:
    """Why nobody can take an offer now, and what to do; None when it stands.

    Raises:
        ChainError: the node is not reached.
    """
    contract = book.contracts.book
    if contract.ticket_settled(offer.ticket.id):
        return "the offer was taken already: its trade is settled"
    reason = _makers_obstacle(book, offer.maker_update)
    if reason is not None:
        return reason
    if Claim(offer.maker_update.claim) is not Claim.REDUCES_RISK and is_superseded(book, offer.round_id):
        return "newer prices have come than the offer's: ask for a new offer"
    age = round_age(book, book.contracts.rounds.round(offer.round_id))
    if age > contract.max_proof_age():
        limit = format_duration(contract.max_proof_age())
        return f"the offer's prices are {format_duration(age)} old, the book takes {limit} at most: ask for a new offer"
    return None


def is_superseded(book: MarginBook, round_id: int) -> bool:
    """Whether a round serves no more for what may add risk. Raises ChainError when the node is not reached."""
    rounds = book.contracts.rounds
    if round_id >= rounds.latest_id():
        return False
    return round_age(book, rounds.round(round_id + 1)) > book.contracts.book.superseded_grace()


def _makers_obstacle(book: MarginBook, update: StateUpdate) -> str | None:
    contract = book.contracts.book
    maker = contract.account_of(update.old_commitment)
    if maker == 0:
        return "no account of this book has made the offer: ask for a new one"
    if contract.account(maker).commitment != update.old_commitment:
        return "the account that made the offer has changed since: ask for a new one"
    permission = contract.permission_of(maker)
    if may_trade(permission, Claim(update.claim)):
        return None
    if may_trade(permission, Claim.REDUCES_RISK):
        return (
            "the account that made the offer may take on no new risk now, and the offer does not show that it takes on "
            "none: ask for one that is made with --reduce-only"
        )
    return f"the account that made the offer may not trade now ({permission_name(permission)})"
