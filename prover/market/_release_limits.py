"""The limits of takeovers in a margin book that is deployed without others (spec ZS-76)."""

from collections.abc import Mapping
from typing import Final

from prover.market._units import QUOTE_DECIMALS
from verifier import ReleaseLimits, VectorKind

_DOLLAR: Final = 10**QUOTE_DECIMALS

RELEASE_LIMITS: Final[Mapping[VectorKind, ReleaseLimits]] = {
    VectorKind.MAINTENANCE: ReleaseLimits(
        floor_rate=1_000, buffer_rate=2_500, least_share=2_500, least_amount=10_000 * _DOLLAR, dust=1_000 * _DOLLAR
    ),
    VectorKind.OVERDRAFT: ReleaseLimits(
        floor_rate=50, buffer_rate=500, least_share=2_500, least_amount=10_000 * _DOLLAR, dust=1_000 * _DOLLAR
    ),
}
"""By kind of margin. At the overdraft kind margin is nearly the whole value of spot, so rates are smaller."""
