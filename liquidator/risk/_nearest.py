"""The accounts of a book that are nearest to their line: chosen by distance over volatility, and then simulated.

What it costs does not grow with the accounts that are far from their line.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._loss import LOSS_SECONDS
from liquidator.risk._model import MarketModel
from liquidator.risk._options import OptionBoard
from liquidator.risk._predict import HORIZONS, Sampling, distance_crossing, predict
from liquidator.risk._valuation import Holdings, Valuation
from prover.market import AssetKind, PriceRound
from verifier import InputError

_LEAST_CROSSING: Final = 1e-6
"""By distance over volatility within the last horizon: accounts of less are far from their line."""


class Nearest(NamedTuple):
    """Accounts below their line, and those that are nearest to it. A row an account. Secret.

    Attributes:
        places: of the accounts in the holdings.
        crossing: probability to be below maintenance margin at some time until each horizon; a column a horizon.
        margin: equity less health [USD].
        deviation: of health within `LOSS_SECONDS`, jumps left out [USD].
        unvalued: accounts that hold what cannot be valued, of which nothing is said.
    """

    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    crossing: Floats
    margin: Floats
    deviation: Floats
    unvalued: int


def nearest(
    holdings: Holdings,
    round_: PriceRound,
    symbols: Sequence[Sequence[str]],
    model: MarketModel,
    count: int,
    *,
    horizons: Sequence[float] = HORIZONS,
    sampling: Sampling | None = None,
) -> Nearest:
    """Find and simulate the accounts that are nearest to their line.

    Args:
        holdings: of all accounts.
        round_: at which they are now.
        symbols: for each asset of the model the symbols of the book that move as it does.
        model: of the prices.
        count: of accounts to simulate, at most.
        horizons: [s, rising].
        sampling: how much to simulate.

    Raises:
        InputError: the book has no symbol of this name, or one follows two assets.
    """
    slots = followed_slots(round_, symbols)
    others = np.setdiff1d(np.arange(holdings.balances.shape[1]), slots)
    is_unvalued = np.any(holdings.balances[:, others] != 0, axis=1)
    rows = np.flatnonzero(~is_unvalued & np.any(holdings.balances != 0, axis=1))
    chosen = Holdings(holdings.balances[rows], holdings.quote[rows])
    valuation = Valuation.of(round_, symbols, slots)
    now = valuation.unit_values(np.zeros((len(model.names), 1)), 0.0)
    health = valuation.health(chosen, now)[:, 0]
    equity = chosen.balances[:, slots] @ now.effective[:, 0] + chosen.quote
    deltas = valuation.deltas(chosen, len(model.names))
    distance = distance_crossing(health, _deviation(deltas, model, horizons[-1]))
    near = np.flatnonzero((health >= 0) & (distance > _LEAST_CROSSING))
    if len(near) > count:
        near = near[np.argpartition(-distance[near], count)[:count]]
    below = np.flatnonzero(health < 0)
    crossing = np.ones((len(near) + len(below), len(horizons)))
    if len(near):
        simulated = Holdings(chosen.balances[near], chosen.quote[near])
        crossing[: len(near)] = predict(
            simulated, round_, symbols, model, horizons=horizons, sampling=sampling
        ).crossing
    kept = np.concatenate([near, below])
    deviation = _deviation(deltas[kept], model, LOSS_SECONDS)
    return Nearest(rows[kept], crossing, equity[kept] - health[kept], deviation, int(is_unvalued.sum()))


def followed_slots(round_: PriceRound, symbols: Sequence[Sequence[str]]) -> list[int]:
    """The slots that can be valued: those of symbols, and options on them whose price implies a volatility.

    Args:
        round_: with the prices.
        symbols: for each asset of a model the symbols of the book that move as it does.

    Raises:
        InputError: the book has no symbol of this name.
    """
    book = round_.book
    named = {book.slot(name, "price history") for names in symbols for name in names}
    kept = []
    for slot, asset in enumerate(book.assets):
        if asset.kind is not AssetKind.OPTION or asset.option is None:
            if slot in named:
                kept.append(slot)
        elif book.slots[asset.option.underlying] in named and _is_valued(round_, slot):
            kept.append(slot)
    return kept


def _is_valued(round_: PriceRound, slot: int) -> bool:
    try:
        OptionBoard.at(round_, [slot]).require_volatilities()
    except InputError:
        return False
    return True


def _deviation(deltas: Floats, model: MarketModel, seconds: float) -> Floats:
    """Of health over a time, by its derivatives, jumps left out [USD]."""
    roots = np.sqrt([np.interp(seconds, model.times, column) for column in model.variances.T])
    exposed = deltas * roots
    return np.asarray(np.sqrt(np.sum((exposed @ model.correlation) * exposed, axis=1)))
