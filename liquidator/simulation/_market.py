"""What all scenarios share: accounts, what their positions are worth at any price, and the markets that hedgers use."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from liquidator.risk import AssetMarket, Floats, Holdings, PriceImpact, UnitValues, Valuation
from liquidator.simulation._parcels import Values
from liquidator.simulation._terms import SimulationTerms
from prover.market import PriceRound
from verifier import InputError, VectorKind

_BUMP: Final = 1e-4
"""Of the logarithm of a price, for deltas."""

Rows = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SimulatedMarket:
    """Accounts at a round, and what is around them.

    Attributes:
        round_: at the start, before margins are scaled.
        holdings: of the accounts. Secret.
        markets: one an asset whose price moves.
        terms: the rules.

    Raises:
        InputError: as `Valuation.of` and `PriceImpact`.
    """

    round_: PriceRound
    holdings: Holdings
    markets: tuple[AssetMarket, ...]
    terms: SimulationTerms

    def __post_init__(self) -> None:
        if not self.slots:
            raise InputError("simulation: no account holds a position")
        if self.round_.stale:
            raise InputError("simulation: the round has stale slots, which no takeover sells")
        self.valuation  # noqa: B018 - refuses before anything is simulated
        self.impact  # noqa: B018

    @cached_property
    def slots(self) -> list[int]:
        """That any account holds."""
        return self.holdings.held

    @cached_property
    def scaled(self) -> PriceRound:
        """The round with the margins of the terms."""
        return self.terms.scaled(self.round_)

    @cached_property
    def valuation(self) -> Valuation:
        """Of the slots."""
        return Valuation.of(self.scaled, [market.symbols for market in self.markets], self.slots)

    @cached_property
    def impact(self) -> PriceImpact:
        """Of trades on the markets."""
        return PriceImpact(self.scaled, self.markets, self.terms.impact)

    @cached_property
    def drivers(self) -> npt.NDArray[np.intp]:
        """Of each slot the asset that moves it."""
        return np.array([self.valuation.drivers[self.valuation.root(slot)] for slot in self.slots])

    @cached_property
    def driver_matrix(self) -> Floats:
        """1 where the asset of the column moves the slot of the row."""
        return np.eye(len(self.markets))[self.drivers]

    @cached_property
    def limits(self) -> Floats:
        """How far the price of each asset may move in a minute."""
        return np.array(self.terms.deviations(self.scaled, tuple(market.symbols for market in self.markets)))

    @cached_property
    def volumes(self) -> Floats:
        """A day, of each market [USD]."""
        return np.array([market.volume for market in self.markets])

    @cached_property
    def volatilities(self) -> Floats:
        """A day, of each market."""
        return np.array([market.volatility for market in self.markets])

    @cached_property
    def balances(self) -> Floats:
        """Of each account in each slot [tokens]."""
        return np.ascontiguousarray(self.holdings.balances[:, self.slots])

    @cached_property
    def columns(self) -> Floats:
        """What multiplies `weights`; a row an account."""
        return self.holdings.columns(self.slots)

    @cached_property
    def singles(self) -> npt.NDArray[np.float32]:
        """The same in single precision, for passes over all accounts."""
        return self.columns.astype(np.float32)

    @cached_property
    def backing(self) -> float:
        """T at the start, taken as the equity of all accounts [USD]."""
        values = self.values(self.units(np.zeros((len(self.markets), 1))), 0)
        return max(float(values.equity(self.balances, self.holdings.quote).sum()), 0.0)

    @cached_property
    def initial_margin(self) -> float:
        """Of all accounts at the start [USD]."""
        units = self.units(np.zeros((len(self.markets), 1)), VectorKind.INITIAL)
        return float(self.values(units, 0).margins(self.balances).sum())

    def units(self, moves: Floats, kind: VectorKind = VectorKind.MAINTENANCE) -> UnitValues:
        """What units are worth at moved prices; a row an asset, a column a case. Options do not age."""
        return self.valuation.unit_values(moves, 0.0, kind)

    @staticmethod
    def weights(units: UnitValues) -> Floats:
        """What `columns` are multiplied with, to be health."""
        return np.vstack([units.long, units.short, np.ones((1, units.long.shape[1]))])

    @staticmethod
    def values(units: UnitValues, case: int) -> Values:
        """Those of one case."""
        effective = units.effective[:, case]
        return Values(effective, effective - units.long[:, case], units.short[:, case] - effective)

    def with_bumps(self, *moves: Floats) -> Floats:
        """Cases for `units`: these moves, and the last of them a little higher and lower, for `deltas`."""
        return np.stack([*moves, moves[-1] + _BUMP, moves[-1] - _BUMP], axis=1)

    @staticmethod
    def deltas(units: UnitValues) -> Floats:
        """Change of a unit's value for a change of the logarithm of its asset's price [USD], from `with_bumps`."""
        return np.asarray((units.effective[:, -2] - units.effective[:, -1]) / (2.0 * _BUMP))

    def moves(self, amounts: Floats) -> Floats:
        """How far amounts move prices, as a part of them; the last axis is that of the markets."""
        each = [self.impact.moves(market, amounts[..., place]) for place, market in enumerate(self.markets)]
        return np.stack(each, axis=-1)

    def may_be_below(self, low: Floats, high: Floats, rows: Rows | None = None) -> Rows:
        """The accounts whose health may be below zero at some prices from low to high.

        Of each unit the worst value at both ends counts, since a value between them is never worse: it rises or falls
        with the price, or is convex where it counts against the account. All accounts take one product of matrices.

        Args:
            low: of each asset, logarithm of price over price at the start.
            high: the same.
            rows: accounts to look at; None for all.
        """
        units = self.units(np.stack([low, high], axis=1))
        worst = np.concatenate([units.long.min(axis=1), units.short.max(axis=1), [1.0]])
        if rows is not None:
            return np.asarray(rows[self.columns[rows] @ worst < 0.0])
        single, gross = worst.astype(np.float32), np.abs(worst).astype(np.float32)
        error = np.float32((len(worst) + 2) * 2.0**-23)
        return np.flatnonzero(self.singles @ single < (self._sizes @ gross) * error)

    @cached_property
    def _sizes(self) -> npt.NDArray[np.float32]:
        return np.abs(self.singles)
