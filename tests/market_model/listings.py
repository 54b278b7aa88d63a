"""What is listed: the fractions and the limits of each slot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prover.market import AssetKind, MarginFractions, MarginRules, SlotRules

LAMBDAS: Final = (50_000, 100_000)
"""The part of spot that may back debt: where an account grows, and where it only shrinks [ppm]."""

_GREATEST: Final = 10**6 * 10**9
"""No price is above it [1e-9 USD]."""


@dataclass(frozen=True)
class Listing:
    """One slot.

    Attributes:
        symbol: used once, for ever.
        kind: spot, perpetual (or dated future) or option.
        initial: margin fractions; maintenance likewise.
        prices: limits.
        expires_at: time of its expiry; 0 when it has none.
    """

    symbol: str
    kind: AssetKind
    initial: MarginFractions
    maintenance: MarginFractions
    prices: SlotRules
    expires_at: int = 0

    @property
    def is_spot(self) -> bool:
        return self.kind is AssetKind.SPOT

    @property
    def underlying(self) -> int | None:
        """The slot of an option's underlying; None for another asset."""
        return self.initial.underlying if self.kind is AssetKind.OPTION else None


VACANT: Final = MarginFractions(0)
"""The fractions of a slot without an asset."""


def spot(symbol: str, initial: int, maintenance: int, limit: int) -> Listing:
    """Collateral: haircuts and deviation limit [ppm]."""
    prices = SlotRules(limit, 0, 0, _GREATEST, is_spot=True)
    return Listing(symbol, AssetKind.SPOT, MarginFractions(initial), MarginFractions(maintenance), prices)


def perpetual(symbol: str, initial: int, maintenance: int, limit: int, expires_at: int = 0) -> Listing:
    """Margins and deviation limit [ppm]; with an expiry, a dated future."""
    prices, margins = SlotRules(limit, 0, 0, _GREATEST), (MarginFractions(initial), MarginFractions(maintenance))
    return Listing(symbol, AssetKind.PERPETUAL, *margins, prices, expires_at)


def call(symbol: str, underlying: int, initial: int, maintenance: int, limit: int, expires_at: int = 0) -> Listing:
    """A call: a long unit needs its price, a short one a part of its underlying [ppm]; the limit [1e-9 USD]."""
    prices = SlotRules(0, limit, 0, _GREATEST)
    margins = (MarginFractions(10**6, 10**6, short, underlying) for short in (initial, maintenance))
    return Listing(symbol, AssetKind.OPTION, *margins, prices, expires_at)


def margin_rules(listings: Sequence[Listing | None]) -> MarginRules:
    """How prices become margins."""
    return MarginRules(
        tuple(VACANT if each is None else each.maintenance for each in listings),
        tuple(VACANT if each is None else each.initial for each in listings),
        sum(1 << slot for slot, each in enumerate(listings) if each is not None and each.is_spot),
        LAMBDAS[1],
    )
