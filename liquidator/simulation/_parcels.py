"""What a takeover takes of each of many accounts: the rule of `prover.trade.plan_release`, in floating point."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from liquidator.risk import Floats
from prover.liquidation import Auction
from prover.market import QUOTE_DECIMALS
from verifier import BASIS

_Bools = npt.NDArray[np.bool_]
_DOLLAR: Final = 10**QUOTE_DECIMALS


class Values(NamedTuple):
    """What units of each slot are worth in a round [USD].

    Attributes:
        effective: to equity.
        long: margin of a long unit.
        short: margin of a short unit.
    """

    effective: Floats
    long: Floats
    short: Floats

    def margins(self, balances: Floats) -> Floats:
        """Of each position; a row an account."""
        return np.where(balances >= 0.0, balances * self.long, -balances * self.short)

    def equity(self, balances: Floats, quote: Floats) -> Floats:
        """Of each account."""
        return np.asarray(quote + balances @ self.effective)


class Parcels(NamedTuple):
    """One part of each account, a row each.

    Attributes:
        taken: of each balance; zeros where nothing is sold.
        reward: of the taker [USD].
        rate: of the margin taken.
        is_covered: whether the account's equity pays it.
        is_sold: whether there is a part.
        is_cure: whether the account meets its margin afterwards.
    """

    taken: Floats
    reward: Floats
    rate: Floats
    is_covered: _Bools
    is_sold: _Bools
    is_cure: _Bools


def plan_parcels(
    balances: Floats, quote: Floats, values: Values, costs: Floats, auction: Auction, ages: npt.NDArray[np.int64]
) -> Parcels:
    """The smallest part that cures each account at the rates that its auction has reached, or all of it.

    Args:
        balances: a row an account.
        quote: of each [USD].
        values: of the round.
        costs: of closing each position [USD]; where a unit of margin costs least goes first.
        auction: of maintenance margin.
        ages: of the flags [s].
    """
    margins = values.margins(balances)
    margin, equity = margins.sum(axis=1), values.equity(balances, quote)
    floor = auction.limits.floor_rate
    distinct, places = np.unique(ages, return_inverse=True)
    covered, uncovered = np.array([auction.reached(age) for age in distinct.tolist()], dtype=float).T[:, places]
    is_early = ages < auction.cure_window
    is_covered = (BASIS * equity >= floor * margin) & ~is_early
    payable = np.floor(BASIS * equity / np.where(margin > 0.0, margin, 1.0))
    covered = np.minimum(covered, payable - np.mod(payable, floor) if floor else 0.0)
    rate = np.where(is_covered, covered, uncovered) / BASIS
    is_sold = (margin > 0.0) & (equity < margin) & ~(is_early & (equity >= 0.0))
    needed = (margin - equity) / np.maximum(1.0 - rate, 1e-12)
    is_whole = (margin <= auction.limits.dust / _DOLLAR) | (needed >= margin)
    share = np.broadcast_to(is_sold[:, None], margins.shape).astype(np.float64)
    in_part = np.flatnonzero(is_sold & ~is_whole)
    share[in_part] = _least_shares(margins[in_part], costs[in_part], needed[in_part])
    reward = rate * (margins * share).sum(axis=1)
    is_cure = is_sold & (~is_whole | (equity >= reward))
    return Parcels(balances * share, reward, rate, is_covered, is_sold, is_cure)


def _least_shares(margins: Floats, costs: Floats, needed: Floats) -> Floats:
    """Of each position what frees a margin for the least cost."""
    per_margin = np.where(margins > 0.0, costs / np.where(margins > 0.0, margins, 1.0), np.inf)
    order = np.argsort(per_margin, axis=1, kind="stable")
    ranked = np.take_along_axis(margins, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    parts = np.clip((needed[:, None] - before) / np.where(ranked > 0.0, ranked, 1.0), 0.0, 1.0)
    shares = np.empty_like(parts)
    np.put_along_axis(shares, order, parts, axis=1)
    return shares
