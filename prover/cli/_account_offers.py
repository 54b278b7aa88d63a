"""Offers of trades: reading them, and printing what they mean to a taker."""

import sys
from pathlib import Path
from typing import Any, Final

from prover import AssetList
from prover.cli._files import STDIN
from prover.cli._questions import typed
from prover.formats import format_utc, text_of
from prover.market import (
    BALANCE_DECIMALS,
    PRICE_DECIMALS,
    QUOTE_DECIMALS,
    asset_symbol,
    format_decimal,
    format_percent,
    format_price,
    format_usd_down,
    format_usd_up,
)
from prover.onchain import MakerProof, OfferedLeg, OfferedTrade, PricedOffer
from prover.trade import MAX_OFFER_BYTES, Offer, Side

_SIDES: Final = {Side.BUY: "buy", Side.SELL: "sell"}


def load_offer(path: Path) -> Offer:
    """Read an offer; `-` is standard input.

    Raises:
        InputError: not to be read, open to other users, or malformed.
        VerificationError: a point of its proof is none.
    """
    if str(path) == STDIN:
        return Offer.from_text(text_of(typed(lambda: sys.stdin.buffer.read(MAX_OFFER_BYTES)), "standard input"))
    return Offer.load(path)


def proof_words(proof: MakerProof) -> str:
    """What is known of a maker's proof, for people."""
    if proof.verified is None:
        return f"not verified: {proof.reason}"
    return "verifies" if proof.verified else f"does not verify ({proof.reason})"


def offer_facts(trade: OfferedTrade, assets: AssetList) -> list[tuple[str, str]]:
    """An offer as its taker sees it, for people."""
    now, agreed = trade.now, trade.agreed
    aged = agreed.round_id != now.round_id
    facts = trade_facts(now, assets, f", with the funding since round {agreed.round_id}" if aged else "")
    if aged:
        first = f"{format_price(agreed.price)} USD" if len(now.legs) == 1 else _money(agreed.pays)
        facts.append(("agreed", f"{first} at round {agreed.round_id}, {_distance(agreed)}"))
    end = f"{format_utc(trade.good_until)}, at round {agreed.round_id}; the next prices end it before"
    return [*facts, ("good until", end)]


def trade_facts(priced: PricedOffer, assets: AssetList, since: str = "") -> list[tuple[str, str]]:
    """Every leg of a trade as one party sees it, and what it pays for all of them.

    Args:
        priced: the trade.
        assets: of the book.
        since: follows the price: which funding it includes.
    """
    return _leg_facts(priced, assets, since) if len(priced.legs) == 1 else _basket_facts(priced, assets, since)


def _leg_facts(now: PricedOffer, assets: AssetList, since: str) -> list[tuple[str, str]]:
    (leg,) = now.legs
    return [
        ("you", _SIDES[leg.side]),
        ("asset", asset_symbol(assets, leg.slot)),
        ("size", _size(leg)),
        ("price", f"{format_price(now.price)} USD{since}"),
        ("mark price", f"{format_price(leg.mark)} USD at round {now.round_id}"),
        ("distance", _distance(now)),
        ("notional", f"{format_usd_up(_value(now))} USD"),
    ]


def _basket_facts(now: PricedOffer, assets: AssetList, since: str) -> list[tuple[str, str]]:
    legs = [
        (
            f"you {_SIDES[leg.side]}",
            f"{_size(leg)} {asset_symbol(assets, leg.slot)}, mark price {format_price(leg.mark)} USD",
        )
        for leg in now.legs
    ]
    return [
        *legs,
        ("for all", f"{_money(now.pays)}{since}"),
        ("at mark prices", f"{_money(now.worth)} at round {now.round_id}"),
        ("distance", _distance(now)),
        ("notional", f"{format_usd_up(now.notional)} USD"),
    ]


def offer_json(trade: OfferedTrade, assets: AssetList) -> dict[str, Any]:
    """An offer for machines: amounts as exact decimal strings. A trade of one asset has its words beside `legs`."""
    now, agreed = trade.now, trade.agreed
    legs = [
        {
            "asset": asset_symbol(assets, leg.slot),
            "side": _SIDES[leg.side],
            "size": _size(leg),
            "mark_price": format_decimal(leg.mark, PRICE_DECIMALS),
        }
        for leg in now.legs
    ]
    result: dict[str, Any] = {
        "legs": legs,
        "pays": format_decimal(now.pays, QUOTE_DECIMALS),
        "pays_at_mark_prices": format_decimal(now.worth, QUOTE_DECIMALS),
        "notional": format_decimal(now.notional if len(legs) > 1 else _value(now), QUOTE_DECIMALS),
        "mark_round": now.round_id,
        "agreed_pays": format_decimal(agreed.pays, QUOTE_DECIMALS),
        "round": agreed.round_id,
        "good_until": trade.good_until,
    }
    if len(legs) == 1:
        result |= legs[0] | {
            "price": format_decimal(now.price, PRICE_DECIMALS),
            "agreed_price": format_decimal(agreed.price, PRICE_DECIMALS),
            "agreed_mark_price": format_decimal(agreed.legs[0].mark, PRICE_DECIMALS),
        }
    return result


def _size(leg: OfferedLeg) -> str:
    return format_decimal(abs(leg.gained), BALANCE_DECIMALS)


def _distance(priced: PricedOffer) -> str:
    if not priced.loss:
        return "at the mark price"
    part, whole = abs(priced.loss), priced.notional
    if len(priced.legs) == 1:
        part, whole = priced.price - priced.legs[0].mark, priced.legs[0].mark
    distance = f"{format_percent(part, whole)} " if whole else ""
    return f"{distance}from the mark price, {'against you' if priced.loss > 0 else 'in your favour'}"


def _value(priced: PricedOffer) -> int:
    """What the one leg of a trade costs, bought or sold [1e-18 USD]."""
    return priced.legs[0].side.sign * priced.pays


def _money(pays: int) -> str:
    """What the party pays or is paid, rounded against it."""
    return f"you pay {format_usd_up(pays)} USD" if pays >= 0 else f"you are paid {format_usd_down(-pays)} USD"
