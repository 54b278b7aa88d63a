"""From the prices of a round to what statements take: margins by side, at every kind of margin (spec ZS-25).

The one reference that the contracts are tested against, on tests/vectors/margin.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from prover.market._book import AssetList, MarginFractions
from prover.market._margin import effective_price, margin_per_unit_up
from prover.market._units import PPM
from verifier import MarginsPerUnit, RoundVectors, VectorKind

SPOT_SCALE: Final = 10**18
"""Spot prices count in full [1e-18]."""

MAX_SPOT_SCALE: Final = 10 * SPOT_SCALE
"""The most that a ledger says (spec ZS-92) [1e-18]."""


@dataclass(frozen=True, slots=True)
class MarginRules:
    """How the prices of a round become margins.

    Attributes:
        maintenance: fractions of each slot at maintenance margin; zeros for a slot without an asset.
        initial: the same at initial margin.
        spot: bitmap of the slots that hold a spot asset.
        lambda_ppm: the part of the value of spot that may back debt before it is called [ppm], at most 1e6.
    """

    maintenance: tuple[MarginFractions, ...]
    initial: tuple[MarginFractions, ...]
    spot: int
    lambda_ppm: int

    @classmethod
    def of_book(cls, book: AssetList) -> Self:
        """Those of a book."""
        maintenance = book.margin_fractions(VectorKind.MAINTENANCE)
        return cls(maintenance, book.margin_fractions(VectorKind.INITIAL), book.spot, book.lambdas_ppm[1])

    def is_spot(self, slot: int) -> bool:
        """Whether a slot holds a spot asset."""
        return bool(self.spot >> slot & 1)


def option_short_margin_up(price: int, underlying: int, strike: int, price_ppm: int, underlying_ppm: int) -> int:
    """d + x of an option [1e-9 USD]: what a short unit of it needs, rounded up.

    An option that costs little can come to cost much, so a part of what its short side may have to deliver counts too:
    of the underlying, or of the strike of a put, which the underlying may fall away from.

    Args:
        price: mark price of the option [1e-9 USD].
        underlying: mark price of the underlying in the same round [1e-9 USD].
        strike: of a put [1e-9 USD]; 0 for a call.
        price_ppm: fraction of the option's price [ppm].
        underlying_ppm: fraction of the larger of the underlying's price and the strike [ppm].
    """
    return max(margin_per_unit_up(price, price_ppm), margin_per_unit_up(max(underlying, strike), underlying_ppm))


def overdraft_margin_up(price: int, lambda_ppm: int) -> int:
    """d of spot at the overdraft kind [1e-9 USD]: the part of its value that backs no debt, rounded up.

    Args:
        price: of the spot asset [1e-9 USD], which is its effective price too: spot bears no funding.
        lambda_ppm: the part of the value that may back debt in the settlement currency [ppm], at most 1e6.
    """
    return margin_per_unit_up(price, PPM - lambda_ppm)


def margins_per_unit(
    prices: Sequence[int], rules: MarginRules, kind: VectorKind, *, stale: int = 0, spot_scale: int = SPOT_SCALE
) -> MarginsPerUnit:
    """Margins of one kind, by side.

    Args:
        prices: mark price of each slot [1e-9 USD], 0 <= p < 2^64.
        rules: of the book.
        kind: which margin.
        stale: bitmap of the slots that keep an older price. They back no new risk and no withdrawal: their initial
            margin is at least their price, on both sides. Stale spot backs no debt: its margin at the overdraft kind is
            its price.
        spot_scale: what the prices of spot are multiplied with before anything is made of them [1e-18]; the product is
            rounded down. The price of an option's underlying is not scaled.

    Raises:
        InputError: a margin is out of its range.
    """
    pairs = [
        _margins_of_spot(scaled_price(price, spot_scale), rules, slot, kind, is_stale=bool(stale >> slot & 1))
        if rules.is_spot(slot)
        else _margins_of_derivative(prices, rules, slot, kind, is_stale=bool(stale >> slot & 1))
        for slot, price in enumerate(prices)
    ]
    return MarginsPerUnit(tuple(long for long, _ in pairs), tuple(max(short - long, 0) for long, short in pairs))


def round_vectors(
    prices: Sequence[int], funding: Sequence[int], rules: MarginRules, *, stale: int = 0, spot_scale: int = SPOT_SCALE
) -> RoundVectors:
    """What statements take from a round.

    Args:
        prices: mark price of each slot [1e-9 USD], 0 <= p < 2^64.
        funding: cumulative funding per unit of each slot [1e-9 USD]; spot bears none.
        rules: of the book.
        stale: as for `margins_per_unit`.
        spot_scale: as for `margins_per_unit`.

    Raises:
        InputError: a value is out of its range.
    """
    effective = tuple(
        effective_price(scaled_price(price, spot_scale) if rules.is_spot(slot) else price, change)
        for slot, (price, change) in enumerate(zip(prices, funding, strict=True))
    )
    maintenance, initial, overdraft = (
        margins_per_unit(prices, rules, kind, stale=stale, spot_scale=spot_scale) for kind in VectorKind
    )
    return RoundVectors(effective, maintenance, initial, overdraft)


def is_calm(
    before: RoundVectors, after: Sequence[int], *, reduce_only_before: int, reduce_only: int, has_settled: bool = False
) -> bool:
    """Whether a round is near the one before it: the reference of `StoredRounds.isCalm` (spec ZS-57).

    A trader who knows the newer round gains little then by a proof at the older one: initial margin at the older round
    is still maintenance margin at the newer one. No effective price fell by more than d at initial less d at
    maintenance margin, or rose by more than the same difference of d + x, no slot became reduce-only, and no expiry
    settled.

    Args:
        before: vectors of the older round, as it was recorded: with spot prices in full.
        after: effective price of each slot in the newer round [1e-9 USD].
        reduce_only_before: bitmap of the slots in which no account may grow in the older round: stale ones too.
        reduce_only: the same of the newer round.
        has_settled: whether an expiry settled in between.
    """
    if has_settled or reduce_only & ~reduce_only_before:
        return False
    initial, maintenance = before.initial, before.maintenance
    moves = (new - old for old, new in zip(before.effective_prices, after, strict=True))
    return all(
        maintenance.long[slot] - initial.long[slot] <= move <= initial.short[slot] - maintenance.short[slot]
        for slot, move in enumerate(moves)
    )


def scaled_price(price: int, spot_scale: int) -> int:
    """The price of spot as statements take it, rounded down [1e-9 USD]; `spot_scale` as for `margins_per_unit`."""
    return price * spot_scale // SPOT_SCALE


def _margins_of_spot(price: int, rules: MarginRules, slot: int, kind: VectorKind, *, is_stale: bool) -> tuple[int, int]:
    """Margin of a long unit, twice: spot has no short side [1e-9 USD]."""
    match kind:
        case VectorKind.MAINTENANCE:
            margin = margin_per_unit_up(price, rules.maintenance[slot].long_ppm)
        case VectorKind.INITIAL:
            margin = price if is_stale else margin_per_unit_up(price, rules.initial[slot].long_ppm)
        case VectorKind.OVERDRAFT:
            margin = overdraft_margin_up(price, 0 if is_stale else rules.lambda_ppm)
    return margin, margin


def _margins_of_derivative(
    prices: Sequence[int], rules: MarginRules, slot: int, kind: VectorKind, *, is_stale: bool
) -> tuple[int, int]:
    """Margin of a long unit, and what a short one needs at least [1e-9 USD]."""
    match kind:
        case VectorKind.MAINTENANCE:
            fractions = rules.maintenance[slot]
        case VectorKind.INITIAL:
            fractions = rules.initial[slot]
        case VectorKind.OVERDRAFT:
            return 0, 0
    price, underlying = prices[slot], prices[fractions.underlying]
    return (
        price if is_stale and kind is VectorKind.INITIAL else margin_per_unit_up(price, fractions.long_ppm),
        option_short_margin_up(price, underlying, fractions.strike, fractions.short_ppm, fractions.underlying_ppm),
    )
