"""Takeovers: auctions, and ladders of release proofs."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "Auction",
    "Parcel",
    "plan_ladder",
    "prove_ladder",
]

if TYPE_CHECKING:
    from prover.liquidation._auction import Auction
    from prover.liquidation._ladder import Parcel, plan_ladder, prove_ladder
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
        },
    )
