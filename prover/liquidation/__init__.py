"""Takeovers: auctions, ladders of release proofs, and notices of them to liquidators."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "MAX_NOTICE_BYTES",
    "MAX_PARCELS",
    "MAX_RECIPIENTS",
    "Auction",
    "LiquidatorKey",
    "Notice",
    "Parcel",
    "SealedNotice",
    "load_recipients",
    "notice_bytes",
    "plan_ladder",
    "prove_ladder",
    "require_recipients",
]

if TYPE_CHECKING:
    from prover.liquidation._auction import Auction
    from prover.liquidation._ladder import Parcel, plan_ladder, prove_ladder
    from prover.liquidation._liquidator_key import MAX_RECIPIENTS, LiquidatorKey, load_recipients, require_recipients
    from prover.liquidation._notice import MAX_PARCELS, Notice, notice_bytes
    from prover.liquidation._sealed_notice import MAX_NOTICE_BYTES, SealedNotice
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._auction": ("Auction",),
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
