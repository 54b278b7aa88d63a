"""Offers of trades: reading them, what they mean to a taker, and whether they can still be taken."""

import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from prover import Claim, Side, instance_name
from prover._checked_text import text_of
from prover._files import read_private
from prover._keystream import cipher_elements
from prover._offer import PREFIX, Offer
from prover._units import BALANCE_DECIMALS, PPM, PRICE_DECIMALS, QUOTE_DECIMALS
from prover.cli._account_permission import may_trade, permission_name
from prover.cli._amounts import exact, percent, price, usd_up, utc
from prover.cli._book_chain import asset_symbol, round_age
from prover.cli._book_words import age_words
from prover.cli._built import built_key
from prover.cli._files import STDIN
from prover.onchain import MarginBook, UpdateVerifier
from prover.toolchain import open_backend
from verifier import InputError, StateUpdate, VerificationError, VerifyingKey
from verifier._json import parse_json
from verifier.chain import OnchainRound

MAX_OFFER_BYTES: Final = 1 << 16


@dataclass(frozen=True)
class Valued:
    """A trade beside the mark price of a round. The terms are secret.

    Attributes:
        round_id: the round.
        price: what the trade means in terms of a mark price [1e-9 USD], rounded against the taker.
        mark: the mark price [1e-9 USD].
        value: size times price [1e-18 USD], exact.
        loss: how far the price is from the mark price against the taker [1e-9 USD]; negative in its favour.
    """

    round_id: int
    price: int = field(repr=False)
    mark: int
    value: int = field(repr=False)
    loss: int = field(repr=False)

    @classmethod
    def of(cls, book: MarginBook, offer: Offer, round_: OnchainRound) -> Self:
        """An offered trade at a round. Raises ChainError as `MarginBook.funding`."""
        price, mark = book.price_of(offer.ticket, round_), round_.prices[offer.ticket.asset]
        if offer.taker_side is Side.BUY:
            against_taker = math.ceil(price)
            loss = against_taker - mark
        else:
            against_taker = math.floor(price)
            loss = mark - against_taker
        return cls(round_.id, against_taker, mark, int(price * offer.ticket.size), loss)

    def is_further(self, limit_ppm: int) -> bool:
        """Whether the price is further from the mark price than a limit, against the taker."""
        return self.loss * PPM > self.mark * limit_ppm

    def distance(self) -> str:
        """For people."""
        if not self.loss:
            return "at the mark price"
        distance = f"{percent(self.price - self.mark, self.mark)} " if self.mark else ""
        return f"{distance}from the mark price, {'against you' if self.loss > 0 else 'in your favour'}"


@dataclass(frozen=True)
class OfferedTrade:
    """An offer as its taker sees it. The terms are secret.

    Attributes:
        asset: symbol.
        side: what the taker does.
        size: [1e-9 token].
        now: at the newest round: what the trade is worth now. Funding since the offer is in it.
        agreed: at the round that both proofs are for: the price that the maker has put down.
        good_until: Unix seconds.
    """

    asset: str = field(repr=False)
    side: Side = field(repr=False)
    size: int = field(repr=False)
    now: Valued
    agreed: Valued
    good_until: int

    def facts(self) -> list[tuple[str, str]]:
        """For people."""
        aged = self.agreed.round_id != self.now.round_id
        since = f", with the funding since round {self.agreed.round_id}" if aged else ""
        facts = [
            ("you", "buy" if self.side is Side.BUY else "sell"),
            ("asset", self.asset),
            ("size", exact(self.size, BALANCE_DECIMALS)),
            ("price", f"{price(self.now.price)} USD{since}"),
            ("mark price", f"{price(self.now.mark)} USD at round {self.now.round_id}"),
            ("distance", self.now.distance()),
            ("notional", f"{usd_up(self.now.value)} USD"),
        ]
        if aged:
            agreed = f"{price(self.agreed.price)} USD at round {self.agreed.round_id}, {self.agreed.distance()}"
            facts.append(("agreed", agreed))
        end = f"{utc(self.good_until)}, at round {self.agreed.round_id}; newer prices end it a minute later"
        return [*facts, ("good until", end)]

    def to_json(self) -> dict[str, Any]:
        """For machines: amounts as exact decimal strings."""
        return {
            "asset": self.asset,
            "side": self.side.name.lower(),
            "size": exact(self.size, BALANCE_DECIMALS),
            "price": exact(self.now.price, PRICE_DECIMALS),
            "mark_price": exact(self.now.mark, PRICE_DECIMALS),
            "notional": exact(self.now.value, QUOTE_DECIMALS),
            "mark_round": self.now.round_id,
            "agreed_price": exact(self.agreed.price, PRICE_DECIMALS),
            "agreed_mark_price": exact(self.agreed.mark, PRICE_DECIMALS),
            "round": self.agreed.round_id,
            "good_until": self.good_until,
        }

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
    if ticket.asset >= len(book.assets.assets) or len(offer.maker_update.ciphertext) != cipher_elements(book.n):
        raise InputError("the offer is for assets that the book does not have: do not take it")
    if ticket.size == 0:
        raise InputError("the offer moves money, and nothing for it: do not take it")
    if offer.round_id > newest.id:
        raise InputError("the offer is for a price round that the chain does not have: ask for a new one")
    round_ = newest if offer.round_id == newest.id else book.contracts.rounds.round(offer.round_id)
    agreed = Valued.of(book, offer, round_)
    return OfferedTrade(
        asset=asset_symbol(book.assets, ticket.asset),
        side=offer.taker_side,
        size=ticket.size,
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
        limit = age_words(contract.max_proof_age())
        return f"the offer's prices are {age_words(age)} old, the book takes {limit} at most: ask for a new offer"
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
