"""An account below its margin, and parcels of it, with proofs that are none unless a backend makes them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from py_ecc import optimized_bn128 as curve
from releases import KEYS, LIMITS, part, terms
from steps import DOLLAR, ONE

from prover.account import SealedState, State
from prover.chain import release_rho
from prover.liquidation import Auction, Notice, Parcel
from prover.statements import SealedRelease
from prover.trade import Release
from verifier import G1Point, G2Point, Proof, ReleaseInputs, VectorKind

USD: Final = 10**9
N: Final = 13
FLAT: Final = (1,) * N
LEGS: Final = {0: (10_000 * USD, 1_000 * USD), 3: (10_000 * USD, 250 * USD), 4: (500 * USD, 12 * USD, 3 * USD)}
HELD: Final = State(part(N, {0: ONE, 3: 10 * ONE, 4: -50 * ONE}), -82_000 * DOLLAR)
"""Equity 3,000 of a margin of 4,250 USD."""

INPUTS: Final = terms(N, LEGS)
AUCTION: Final = Auction(
    LIMITS, cap=5_000, ramp=300, uncovered_cap=2_500, uncovered_ramp=300, cure_window=60, lifetime=7_200
)
"""The defaults of the engine at maintenance margin."""


def before(equity: int = 3_000) -> SealedState:
    """The account with some equity [USD], on chain."""
    return KEYS.seal(HELD._replace(quote=HELD.quote + (equity - 3_000) * DOLLAR))


def g1(scalar: int) -> G1Point:
    x, y = curve.normalize(curve.multiply(curve.G1, scalar))
    return G1Point(int(x), int(y))


def g2(scalar: int) -> G2Point:
    x, y = curve.normalize(curve.multiply(curve.G2, scalar))
    return G2Point((int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1])))


PROOF: Final = Proof(g1(5), g2(7), g1(11))
"""Points, and no proof of anything."""


def unproven(sealed: SealedState, releases: Sequence[Release], taker: int = 0) -> tuple[Parcel, ...]:
    """Parcels as `prove_ladder` makes them, but for the proof."""

    def bind(ticket: int) -> int:
        return release_rho(sealed.commitment, ticket)

    made = (SealedRelease.make(KEYS, sealed, release, taker=taker, bind=bind) for release in releases)
    return tuple(Parcel(one.ticket, one.claimed(), PROOF) for one in made)


def notice(parcels: Sequence[Parcel]) -> Notice:
    return Notice(
        round_id=42,
        expires=1_700_000_600,
        ground=VectorKind.MAINTENANCE,
        account=KEYS.identity,
        parcels=tuple(parcels),
    )


def in_cure_window(inputs: ReleaseInputs) -> ReleaseInputs:
    return replace(inputs, limits=replace(inputs.limits, floor_rate=0))
