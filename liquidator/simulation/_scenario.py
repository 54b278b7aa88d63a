"""One scenario: rounds of prices, flags, takeovers, trades that move prices, until nothing moves any more."""

from typing import Final, NamedTuple

import numpy as np

from liquidator.risk import Floats, UnitValues
from liquidator.simulation._feed import Feed
from liquidator.simulation._followed import Followed
from liquidator.simulation._insurance import Insurance
from liquidator.simulation._liquidators import Liquidators
from liquidator.simulation._market import SimulatedMarket
from liquidator.simulation._parcels import plan_parcels
from liquidator.simulation._watch import Watch
from verifier import VectorKind

_AHEAD: Final = 32
"""Rounds that are looked at together while nothing is flagged."""

_RECORDED: Final = 0
_NOW: Final = 1
"""Cases of prices in a round: those recorded, and those on the markets."""


_WAVES: Final = 20
"""Of a cascade that are told apart."""


class Outcome(NamedTuple):
    """What became of the accounts. Amounts are in USD.

    Attributes:
        flagged: accounts that were flagged.
        takeovers: parcels that were taken.
        sold: what they added up to, by delta.
        rewards: of takers.
        victims_paid: of these what the equity of accounts paid.
        debt: that was written off.
        open_debt: of accounts that are not sold at the end, and of liquidators that lost more than they had.
        fund_paid: by the fund.
        shortfall: what neither accounts nor fund paid.
        fraction: f at the end.
        depth: waves of the longest chain in which sales pulled further accounts below the line; 1 for sales alone.
        seconds: of the longest time in which there was a sale or stock in every round.
        impact: the furthest that sales moved a price, as a part of it.
        unsold: accounts that are flagged at the end.
        liquidators_gained: what their wealth changed by.
        rounds: that were played until nothing moved.
    """

    flagged: int = 0
    takeovers: int = 0
    sold: float = 0.0
    rewards: float = 0.0
    victims_paid: float = 0.0
    debt: float = 0.0
    open_debt: float = 0.0
    fund_paid: float = 0.0
    shortfall: float = 0.0
    fraction: float = 1.0
    depth: int = 0
    seconds: float = 0.0
    impact: float = 0.0
    unsold: int = 0
    liquidators_gained: float = 0.0
    rounds: int = 0


def play(market: SimulatedMarket, path: Floats) -> Outcome:
    """Play a scenario.

    Args:
        market: what all scenarios share.
        path: of each asset, logarithm of price over price at the start; a column a round.
    """
    watch = Watch(market, path)
    return _Scenario(market, path, watch).play() if watch.may_breach else Outcome(rounds=path.shape[1])


class _Scenario:
    def __init__(self, market: SimulatedMarket, path: Floats, watch: Watch) -> None:
        terms = market.terms
        self._market, self._path, self._watch, self._terms = market, path, watch, terms
        self._followed, self._liquidators = Followed(market), Liquidators(market)
        self._insurance = Insurance(terms.fund, terms.fund_round, terms.fund_day, market.backing)
        self._feed = Feed.at_start(market.limits)
        self._marked = market.units(np.zeros((len(path), 1))).effective[:, 0]
        self._round = 0
        self._changed_at = 0.0
        self._by_wave = np.zeros((_WAVES, len(path)))
        """What was sold of each wave and asset, by delta; it fades as the impact of trades does [USD]."""
        self._busy = 0
        self._totals = Outcome()

    def play(self) -> Outcome:
        """Go on until the path is over and nothing moves."""
        while not self._is_over():
            if not (self._is_quiet and self._skip()):
                self._play_round()
        followed, insurance, liquidators = self._followed, self._insurance, self._liquidators
        effective = self._market.units(self._feed.recorded[:, None]).effective[:, 0]
        owed = float(np.maximum(-followed.equity(effective)[~followed.is_done], 0.0).sum())
        return self._totals._replace(
            flagged=len(followed),
            debt=insurance.debts,
            open_debt=owed + float(np.maximum(-liquidators.wealth, 0.0).sum()),
            fund_paid=insurance.paid,
            shortfall=insurance.shortfall,
            fraction=insurance.fraction,
            unsold=len(followed.flagged),
            liquidators_gained=float(liquidators.wealth.sum()) - self._terms.liquidators * self._terms.capital,
            rounds=self._round,
        )

    def _is_over(self) -> bool:
        terms, interval = self._terms, self._terms.round_interval
        past, now = (self._round - self._path.shape[1]) * interval, self._round * interval
        if past < 0:
            return False
        rest = terms.cure_window + max(terms.ramp, terms.uncovered_ramp) + interval
        is_unchanged = now - self._changed_at > (rest if len(self._followed.flagged) else 0)
        is_still = is_unchanged and self._feed.recorded_at == now and not self._liquidators.has_stock
        return is_still or past > terms.flag_lifetime

    @property
    def _is_quiet(self) -> bool:
        """Whether rounds may be passed over: nothing goes on but the path."""
        is_busy = len(self._followed.flagged) or self._liquidators.has_stock or self._insurance.shortfall > 0.0
        return self._round < self._path.shape[1] and not is_busy

    def _market_moves(self, ahead: int = 0) -> Floats:
        place = min(self._round + ahead, self._path.shape[1] - 1)
        return np.asarray(self._path[:, place] + self._liquidators.offset(ahead))

    def _skip(self) -> bool:
        """Pass over rounds in which no account falls below its margin; False where the next one has such an account."""
        feeds, feed = [], self._feed
        for ahead in range(min(_AHEAD, self._path.shape[1] - self._round)):
            feed = feed.post((self._round + ahead + 1) * self._terms.round_interval, self._market_moves(ahead))
            feeds.append(feed)
        moves = np.stack([each.recorded for each in feeds], axis=1)
        self._watch.look(moves, self._round, _AHEAD)
        weights = self._market.weights(self._market.units(moves))
        own = self._followed.is_below(weights)[~self._followed.is_done]
        is_hit = (self._watch.health(weights) < 0.0).any(axis=0) | own.any(axis=0)
        quiet = int(np.argmax(is_hit)) if is_hit.any() else len(feeds)
        if quiet:
            self._feed, self._round, self._busy = feeds[quiet - 1], self._round + quiet, 0
            self._fade(quiet)
            self._liquidators.fade(quiet)
        return quiet > 0

    def _play_round(self) -> None:
        now = float((self._round + 1) * self._terms.round_interval)
        moves, offset = self._market_moves(), self._liquidators.offset()
        self._feed = self._feed.post(now, moves)
        units = self._market.units(self._market.with_bumps(self._feed.recorded, moves))
        effective, deltas = units.effective[:, _NOW], self._market.deltas(units)
        self._liquidators.mark(effective - self._marked)
        self._marked = effective
        before = self._totals.takeovers
        if self._feed.recorded_at == now:
            self._flag(now, self._market.weights(units)[:, :1])
            self._sell(now, units, moves, deltas)
            self._settle(now)
        self._liquidators.close(deltas)
        self._fade(1)
        self._round += 1
        self._busy = self._busy + 1 if self._totals.takeovers > before or self._liquidators.has_stock else 0
        self._totals = self._totals._replace(
            seconds=max(self._totals.seconds, float(self._busy * self._terms.round_interval)),
            impact=max(self._totals.impact, float(np.abs(np.expm1(offset)).max())),
        )

    def _flag(self, now: float, weights: Floats) -> None:
        """Flag who is below the line, and free who is not any more."""
        followed = self._followed
        is_below = followed.is_below(weights)[:, 0]
        flagged = followed.flagged
        followed.flagged_at[flagged[~is_below[flagged]]] = np.nan
        aged = flagged[now - followed.flagged_at[flagged] > self._terms.flag_lifetime]
        followed.flagged_at[aged] = now
        again = np.flatnonzero(is_below & np.isnan(followed.flagged_at) & ~followed.is_done)
        self._watch.look(self._feed.recorded[:, None], self._round, _AHEAD)
        fallen = self._watch.near[self._watch.health(weights)[:, 0] < 0.0]
        if not len(again) and not len(fallen):
            return
        self._changed_at = now
        followed.flagged_at[again] = now
        rows = np.concatenate([again, followed.add(fallen, weights[:, 0], now)])
        followed.wave[rows] = followed.first_waves(rows, self._weights_of_waves())
        self._watch.drop(fallen)

    def _weights_of_waves(self) -> Floats:
        """Weights at prices moved by no sales, by those of the first wave, of the first two waves, and so on."""
        total = self._by_wave.sum(axis=0)
        shares = np.cumsum(self._by_wave, axis=0) / np.where(total > 0.0, total, 1.0)
        parts = np.vstack([np.zeros(len(total)), shares[: np.count_nonzero(self._by_wave.any(axis=1))]])
        moves = self._feed.recorded - self._liquidators.offset()
        return self._market.weights(self._market.units((moves + self._liquidators.offset_of_parts(parts)).T))

    def _sell(self, now: float, units: UnitValues, moves: Floats, deltas: Floats) -> None:
        """Offer a part of each flagged account, and move what is taken."""
        followed, values = self._followed, self._market.values(units, _RECORDED)
        rows = followed.flagged
        rows = rows[~followed.is_empty[rows]]
        initial = self._market.values(self._market.units(moves[:, None], VectorKind.INITIAL), 0)
        if not len(rows) or not (self._liquidators.free(initial) > 0.0).any():
            return
        balances, quote = followed.balances(rows), followed.quote(rows)
        notional = np.abs(balances * deltas)
        moved = np.abs(self._market.moves(notional @ self._market.driver_matrix))
        costs = notional * (self._terms.spread + moved[:, self._market.drivers])
        ages = (now - followed.flagged_at[rows]).astype(np.int64)
        parcels = plan_parcels(balances, quote, values, costs, self._terms.auction, ages)
        chosen = self._liquidators.choose(parcels, values, self._market.values(units, _NOW), initial, deltas)
        if not len(chosen):
            return
        own, taken, reward = rows[chosen], parcels.taken[chosen], parcels.reward[chosen]
        followed.put(own, balances[chosen] - taken, quote[chosen] + taken @ values.effective - reward)
        cured = own[parcels.is_cure[chosen]]
        followed.flagged_at[cured] = np.nan
        followed.is_done[cured[followed.is_empty[cured]]] = True
        sold = np.abs((taken * deltas) @ self._market.driver_matrix)
        np.add.at(self._by_wave, np.minimum(followed.wave[own], _WAVES) - 1, sold)
        self._changed_at, totals = now, self._totals
        self._totals = totals._replace(
            takeovers=totals.takeovers + len(chosen),
            sold=totals.sold + float(sold.sum()),
            rewards=totals.rewards + float(reward.sum()),
            victims_paid=totals.victims_paid + float(reward[parcels.is_covered[chosen]].sum()),
            depth=max(totals.depth, int(followed.wave[own].max())),
        )

    def _settle(self, now: float) -> None:
        """Write off what emptied accounts owe, and let the fund pay what it may."""
        followed = self._followed
        rows = followed.flagged
        due = rows[followed.is_empty[rows] & (now - followed.flagged_at[rows] >= self._terms.cure_window)]
        debt = float(-followed.quote(due).sum())
        followed.put(due, followed.balances(due), np.zeros(len(due)))
        followed.flagged_at[due], followed.is_done[due] = np.nan, True
        if debt > 0.0:
            self._insurance.write_off(debt, self._round, now)
        else:
            self._insurance.draw(self._round, now)

    def _fade(self, rounds: int) -> None:
        self._by_wave *= np.exp(-rounds * self._terms.round_interval / self._terms.memory)
