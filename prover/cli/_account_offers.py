"""Offers of trades: reading them, what they mean to a taker, and whether they can still be taken."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from prover import Side
from prover._checked_text import text_of
from prover._files import read_private
from prover._keystream import cipher_elements
from prover._offer import PREFIX, Offer
from prover._units import BALANCE_DECIMALS, PRICE_DECIMALS, QUOTE_DECIMALS
from prover.cli._amounts import exact, percent, price, usd_up, utc
from prover.cli._book_chain import asset_symbol, round_age
from prover.cli._book_words import age_words
from prover.cli._files import STDIN
from prover.onchain import OnchainBook
from verifier import InputError
from verifier._json import parse_json

MAX_OFFER_BYTES: Final = 1 << 16


@dataclass(frozen=True)
class OfferedTrade:
    """An offer as its taker sees it. The terms are secret.

    Attributes:
        asset: symbol.
        side: what the taker does.
        size: [1e-9 token].
        price: mark price that was agreed on [1e-9 USD], rounded against the taker.
        mark: of the newest round [1e-9 USD].
        value: size times price [1e-18 USD], exact.
        round_id: the price round that both proofs are for.
        mark_round_id: the newest round.
        good_until: Unix seconds.
    """

    asset: str = field(repr=False)
    side: Side = field(repr=False)
    size: int = field(repr=False)
    price: int = field(repr=False)
    mark: int
    value: int = field(repr=False)
    round_id: int
    mark_round_id: int
    good_until: int

    def facts(self) -> list[tuple[str, str]]:
        """For people."""
        return [
            ("you", "buy" if self.side is Side.BUY else "sell"),
            ("asset", self.asset),
            ("size", exact(self.size, BALANCE_DECIMALS)),
            ("price", f"{price(self.price)} USD"),
            ("mark price", f"{price(self.mark)} USD at round {self.mark_round_id}"),
            ("distance", self._distance()),
            ("notional", f"{usd_up(self.value)} USD"),
            ("good until", f"{utc(self.good_until)}, at round {self.round_id}"),
        ]

    def to_json(self) -> dict[str, Any]:
        """For machines: amounts as exact decimal strings."""
        return {
            "asset": self.asset,
            "side": self.side.name.lower(),
            "size": exact(self.size, BALANCE_DECIMALS),
            "price": exact(self.price, PRICE_DECIMALS),
            "mark_price": exact(self.mark, PRICE_DECIMALS),
            "notional": exact(self.value, QUOTE_DECIMALS),
            "round": self.round_id,
            "mark_round": self.mark_round_id,
            "good_until": self.good_until,
        }

    def _distance(self) -> str:
        if self.price == self.mark:
            return "none: at the mark price"
        better = (self.price < self.mark) is (self.side is Side.BUY)
        distance = f"{percent(self.price - self.mark, self.mark)} " if self.mark else ""
        return f"{distance}from the mark price, {'in your favour' if better else 'against you'}"


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


def describe(book: OnchainBook, offer: Offer) -> OfferedTrade:
    """What an offer means to its taker.

    Raises:
        InputError: it is for another book, or means nothing in this one.
        ChainError: the node is not reached.
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
    round_ = book.contracts.rounds.round(offer.round_id)
    value = ticket.cost + ticket.size * (round_.prices[ticket.asset] - round_.effective_prices[ticket.asset])
    against_taker = -(-value // ticket.size) if offer.taker_side is Side.BUY else value // ticket.size
    return OfferedTrade(
        asset=asset_symbol(book.assets, ticket.asset),
        side=offer.taker_side,
        size=ticket.size,
        price=against_taker,
        mark=newest.prices[ticket.asset],
        value=value,
        round_id=offer.round_id,
        mark_round_id=newest.id,
        good_until=round_.timestamp + book.contracts.book.max_proof_age(),
    )


def obstacle(book: OnchainBook, offer: Offer) -> str | None:
    """Why nobody can take an offer any more, and what to do; None when it stands.

    Raises:
        ChainError: the node is not reached.
    """
    contract, update = book.contracts.book, offer.maker_update
    if contract.ticket_settled(offer.ticket.id):
        return "the offer was taken already: its trade is settled"
    maker = contract.account_of(update.old_commitment)
    if maker == 0:
        return "no account of this book has made the offer: ask for a new one"
    if contract.account(maker).commitment != update.old_commitment:
        return "the account that made the offer has changed since: ask for a new one"
    age = round_age(book, book.contracts.rounds.round(offer.round_id))
    if age > contract.max_proof_age():
        limit = age_words(contract.max_proof_age())
        return f"the offer's prices are {age_words(age)} old, the book takes {limit} at most: ask for a new offer"
    return None
