"""An account below its margin, and the auction of it."""

from dataclasses import replace
from typing import Final

from releases import KEYS, LIMITS, part, terms
from steps import DOLLAR, ONE

from prover.account import SealedState, State
from prover.liquidation import Auction
from verifier import ReleaseInputs

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


def in_cure_window(inputs: ReleaseInputs) -> ReleaseInputs:
    return replace(inputs, limits=replace(inputs.limits, floor_rate=0))
