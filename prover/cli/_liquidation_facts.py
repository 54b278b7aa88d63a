"""What notices offer a liquidator, for people and for machines."""

from collections.abc import Iterator
from typing import Any

from prover import AssetList
from prover.cli._liquidation_options import PPM_OF_RATE
from prover.cli._output import as_hex
from prover.liquidation import PricedParcel
from prover.market import (
    BALANCE_DECIMALS,
    QUOTE_DECIMALS,
    asset_symbol,
    format_decimal,
    format_ppm,
    format_usd_down,
    format_usd_up,
)
from prover.onchain import TakeoverOffer
from verifier import BASIS


def rate_words(priced: PricedParcel) -> str:
    """The rates of a parcel: the covered one, and the one that is paid where equity does not pay it."""
    covered, uncovered = priced.parcel.rates
    paid = "" if covered == BASIS else f"{format_ppm(covered * PPM_OF_RATE)} covered, "
    return f"{paid}{format_ppm(uncovered * PPM_OF_RATE)} uncovered"


def parcel_facts(offer: TakeoverOffer, priced: PricedParcel, assets: AssetList) -> Iterator[tuple[str, str]]:
    """A parcel as the taker sees it before it agrees: all of it is secret."""
    ticket, estimate = priced.parcel.ticket, priced.estimate
    yield "takes over", as_hex(offer.notice.account)
    yield "for its", f"{offer.notice.ground} margin"
    for slot, amount in ticket.legs.items():
        side = "you buy" if amount > 0 else "you take over short"
        yield side, f"{format_decimal(abs(amount), BALANCE_DECIMALS)} {asset_symbol(assets, slot)}"
    pays = ticket.cost
    yield "for all", f"you pay {format_usd_up(pays)} USD" if pays >= 0 else f"you are paid {format_usd_down(-pays)} USD"
    yield "rates", rate_words(priced)
    yield "reward", f"{format_usd_down(estimate.reward)} USD"
    yield "price impact", f"{format_usd_up(estimate.impact)} USD"
    yield "gas", f"{format_usd_up(estimate.gas)} USD"
    yield "profit", f"{format_usd_down(estimate.profit)} USD, expected"


def parcel_json(priced: PricedParcel, elapsed: int) -> dict[str, Any]:
    """A parcel for machines: amounts as exact decimal strings."""
    claim, estimate = priced.parcel.claim, priced.estimate
    return {
        "rate": claim.rate,
        "uncovered_rate": claim.uncovered_rate,
        "cured": claim.cured,
        "in_seconds": max(priced.times.start - elapsed, 0) if priced.times else None,
        "reward": format_decimal(estimate.reward, QUOTE_DECIMALS),
        "impact": format_decimal(estimate.impact, QUOTE_DECIMALS),
        "gas": format_decimal(estimate.gas, QUOTE_DECIMALS),
        "profit": format_decimal(estimate.profit, QUOTE_DECIMALS),
        "reasons_against": list(priced.reasons),
    }
