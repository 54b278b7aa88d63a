"""Accounts that are drawn: leverage by published figures, everything else simulated and named as such."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk import Floats, Holdings
from prover.market import PPM, PRICE_DECIMALS, AssetKind, PriceRound
from verifier import InputError


class LeverageShape(NamedTuple):
    """A Beta distribution of leverage, as a part of the most that initial margin allows.

    Attributes:
        a: first parameter.
        b: second parameter.
    """

    a: float
    b: float


LONG_SHAPE: Final = LeverageShape(0.30, 0.88)
"""Mean 0.255 and 80 % quantile 0.54: BitMEX reported 29 and 22 of 100 on average, and 54 at 80 % (docs/stress.md)."""

SHORT_SHAPE: Final = LeverageShape(0.95, 2.44)
"""Mean 0.28 and 80 % quantile 0.47: BitMEX reported 26 and 30 of 100 on average, and 47 at 80 %."""

_LONG_PART: Final = 0.55
_SECOND_PART: Final = 0.3
_SIZE_SPREAD: Final = 1.5
_LEAST_LEVERAGE: Final = 0.02


def draw_accounts(
    round_: PriceRound, symbols: Sequence[Sequence[str]], count: int, seed: int, notional: float = 2_000.0
) -> Holdings:
    """Draw accounts with one or two positions in perpetuals.

    Sizes are lognormal with a spread of 1.5, 55 % of the accounts are long, and 30 % hold a second perpetual on the
    same side: all three are assumptions. No account begins below its initial margin.

    Args:
        round_: at which they are opened.
        symbols: that follow each asset; perpetuals among them are held.
        count: how many.
        seed: of the draws.
        notional: median size of a first position [USD].

    Raises:
        InputError: there is no perpetual.
    """
    book = round_.book
    named = {book.slot(symbol, "drawn accounts") for names in symbols for symbol in names}
    slots = [slot for slot in sorted(named) if book.assets[slot].kind is AssetKind.PERPETUAL]
    if not slots or count < 1:
        raise InputError("drawn accounts: no perpetual of the book follows a price history; --account reads files")
    rng = np.random.default_rng(seed)
    sides = np.where(rng.random(count) < _LONG_PART, 1.0, -1.0)
    shapes = [rng.beta(shape.a, shape.b, count) for shape in (LONG_SHAPE, SHORT_SHAPE)]
    part = np.maximum(np.where(sides > 0.0, *shapes), _LEAST_LEVERAGE)
    first, second = rng.integers(len(slots), size=(2, count))
    has_second = rng.random(count) < _SECOND_PART
    sizes = notional * np.exp(_SIZE_SPREAD * rng.standard_normal((2, count)))
    usd = np.zeros((count, len(slots)))
    usd[np.arange(count), first] += sizes[0]
    usd[np.arange(count), second] += np.where(has_second, sizes[1], 0.0)
    prices, fractions = _per_slot(round_, slots)
    margins = usd @ fractions
    funding = np.array([round_.funding[slot] for slot in slots]) / 10**PRICE_DECIMALS
    tokens = sides[:, None] * usd / prices
    balances = np.zeros((count, book.n))
    balances[:, slots] = tokens
    return Holdings(balances, margins / part - tokens @ (prices - funding))


def _per_slot(round_: PriceRound, slots: Sequence[int]) -> tuple[Floats, Floats]:
    """Prices [USD], and initial margin as a part of them."""
    prices = np.array([round_.prices[slot] for slot in slots]) / 10**PRICE_DECIMALS
    return prices, np.array([round_.book.assets[slot].initial_margin_ppm for slot in slots]) / PPM
