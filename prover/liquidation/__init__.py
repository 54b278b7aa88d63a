"""Takeovers: ladders of release proofs, notices to liquidators, and what a liquidator checks of them."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "MAX_NOTICE_BYTES",
    "MAX_PARCELS",
    "MAX_RECIPIENTS",
    "Auction",
    "ClosingCosts",
    "LiquidatorKey",
    "Liquidity",
    "Notice",
    "Parcel",
    "PricedParcel",
    "SealedNotice",
    "TakeoverEstimate",
    "best_parcel",
    "ether_slot",
    "gas_cost",
    "load_recipients",
    "notice_bytes",
    "plan_ladder",
    "prove_ladder",
    "reasons_not_to_carry",
    "require_recipients",
    "verify_parcel",
]

if TYPE_CHECKING:
    from prover.liquidation._auction import Auction
    from prover.liquidation._checks import (
        PricedParcel,
        TakeoverEstimate,
        best_parcel,
        gas_cost,
        reasons_not_to_carry,
        verify_parcel,
    )
    from prover.liquidation._ladder import Parcel, plan_ladder, prove_ladder
    from prover.liquidation._liquidator_key import MAX_RECIPIENTS, LiquidatorKey, load_recipients, require_recipients
    from prover.liquidation._liquidity import ClosingCosts, Liquidity, ether_slot
    from prover.liquidation._notice import MAX_PARCELS, Notice, notice_bytes
    from prover.liquidation._sealed_notice import MAX_NOTICE_BYTES, SealedNotice
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._auction": ("Auction",),
            "._checks": (
                "PricedParcel",
                "TakeoverEstimate",
                "best_parcel",
                "gas_cost",
                "reasons_not_to_carry",
                "verify_parcel",
            ),
            "._ladder": (
                "Parcel",
                "plan_ladder",
                "prove_ladder",
            ),
            "._liquidator_key": (
                "MAX_RECIPIENTS",
                "LiquidatorKey",
                "load_recipients",
                "require_recipients",
            ),
            "._liquidity": ("ClosingCosts", "Liquidity", "ether_slot"),
            "._notice": (
                "MAX_PARCELS",
                "Notice",
                "notice_bytes",
            ),
            "._sealed_notice": (
                "MAX_NOTICE_BYTES",
                "SealedNotice",
            ),
        },
    )
