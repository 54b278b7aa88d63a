"""Health of many accounts at many prices, in floating point: what simulations need, and no statement relies on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._options import OptionBoard
from prover.account import State
from prover.market import BALANCE_DECIMALS, PPM, PRICE_DECIMALS, QUOTE_DECIMALS, SPOT_SCALE, AssetKind, PriceRound
from verifier import InputError, VectorKind

_BUMP: Final = 1e-4
"""Of the logarithm of a price, for derivatives of health."""


class UnitValues(NamedTuple):
    """What a unit of each slot adds to an account [USD], at many prices; the last axis is that of the prices.

    Attributes:
        effective: to equity.
        long: to health, of a long unit.
        short: what a short unit takes from health.
    """

    effective: Floats
    long: Floats
    short: Floats


@dataclass(frozen=True)
class Holdings:
    """States as numbers; a row an account. Secret.

    Attributes:
        balances: tokens, signed.
        quote: USD.
    """

    balances: Floats
    quote: Floats

    @classmethod
    def of(cls, states: Sequence[State]) -> Self:
        """Those of the states."""
        balances = np.array([[float(b) for b in state.balances] for state in states]) / 10**BALANCE_DECIMALS
        return cls(balances, np.array([float(state.quote) for state in states]) / 10**QUOTE_DECIMALS)

    @classmethod
    def of_amounts(cls, amounts: Floats) -> Self:
        """Those of the columns of `AccountMatrix.amounts`."""
        return cls(amounts[:-1].T / 10**BALANCE_DECIMALS, amounts[-1] / 10**QUOTE_DECIMALS)

    @property
    def held(self) -> list[int]:
        """Slots in which any account has a balance."""
        return np.flatnonzero(np.any(self.balances != 0, axis=0)).tolist()

    def columns(self, slots: Sequence[int]) -> Floats:
        """Long and short parts of some slots, and the quote: what multiplies `UnitValues`."""
        chosen = self.balances[:, slots]
        return np.hstack([np.maximum(chosen, 0.0), np.minimum(chosen, 0.0), self.quote[:, None]])


@dataclass(frozen=True)
class Valuation:
    """A round whose prices move with those of a few assets.

    Attributes:
        round_: at the start.
        drivers: for each slot whose price moves, the asset that moves it, by its number.
        slots: that are valued.
    """

    round_: PriceRound
    drivers: Mapping[int, int]
    slots: tuple[int, ...]

    @classmethod
    def of(cls, round_: PriceRound, symbols: Sequence[Sequence[str]], slots: Sequence[int]) -> Self:
        """Let slots follow assets; an option follows what its underlying follows.

        Args:
            round_: at the start.
            symbols: for each asset the symbols of the book that move as it does.
            slots: to be valued.

        Raises:
            InputError: an unknown or repeated symbol, a slot that follows nothing, an option as what is followed, or an
                option whose price implies no volatility.
        """
        book = round_.book
        drivers: dict[int, int] = {}
        for asset, names in enumerate(symbols):
            for name in names:
                slot = book.slot(name, "price history")
                if book.assets[slot].kind is AssetKind.OPTION:
                    raise InputError(f"price history: {name} is an option, which follows its underlying")
                if drivers.setdefault(slot, asset) != asset:
                    raise InputError(f"price history: {name} has two histories")
        made = cls(round_, drivers, tuple(slots))
        missing = sorted({book.assets[slot].symbol for slot in map(made.root, slots) if slot not in drivers})
        if missing:
            raise InputError(f"price history: there is none for {', '.join(missing)}, which accounts hold")
        made.board.require_volatilities()
        return made

    @cached_property
    def board(self) -> OptionBoard:
        """The options among the slots."""
        return OptionBoard.at(self.round_, self.slots)

    def root(self, slot: int) -> int:
        """The slot itself, or that of an option's underlying."""
        terms = self.round_.book.assets[slot].option
        return slot if terms is None else self.round_.book.slots[terms.underlying]

    def unit_values(self, moves: Floats, seconds: float, kind: VectorKind = VectorKind.MAINTENANCE) -> UnitValues:
        """What a unit of each valued slot is worth after prices moved.

        Args:
            moves: logarithm of price over price at the start; a row an asset.
            seconds: after the round.
            kind: of margin: maintenance or initial.
        """
        factors = np.exp(moves)
        rules = self.round_.rules
        fractions = rules.initial if kind is VectorKind.INITIAL else rules.maintenance
        rows: list[tuple[Floats, Floats, Floats]] = []
        for slot, price in zip(self.slots, self._prices(factors, seconds), strict=True):
            own = fractions[slot]
            effective = price - self.round_.funding[slot] / 10**PRICE_DECIMALS
            long = price * (own.long_ppm / PPM)
            short = np.maximum(long, price * (own.short_ppm / PPM))
            if own.underlying_ppm:
                delivered = np.maximum(self._mark(own.underlying, factors), own.strike / 10**PRICE_DECIMALS)
                short = np.maximum(short, delivered * (own.underlying_ppm / PPM))
            rows.append((effective, effective - long, effective + short))
        return UnitValues(*(np.stack(each) for each in zip(*rows, strict=True)))

    def health(self, holdings: Holdings, values: UnitValues) -> Floats:
        """Health of each account at each price [USD]."""
        ones = np.ones((1, values.long.shape[1]))
        return np.asarray(holdings.columns(self.slots) @ np.vstack([values.long, values.short, ones]))

    def deltas(self, holdings: Holdings, assets: int) -> Floats:
        """Derivative of each account's health by the logarithm of each asset's price [USD]; a column an asset."""
        bumps = np.hstack([np.eye(assets), -np.eye(assets)]) * _BUMP
        bumped = self.health(holdings, self.unit_values(bumps, 0.0))
        return (bumped[:, :assets] - bumped[:, assets:]) / (2.0 * _BUMP)

    def _prices(self, factors: Floats, seconds: float) -> list[Floats]:
        """Price of each valued slot [USD]; that of spot as accounts are credited with it."""
        scale = self.round_.spot_scale / SPOT_SCALE
        options = self.board.options
        forwards = [self._mark(option.underlying, factors) for option in options]
        values = self.board.values(np.stack(forwards, axis=-1), seconds).T if options else ()
        priced = {option.slot: row for option, row in zip(options, values, strict=True)}
        return [
            priced[slot]
            if slot in priced
            else self._mark(slot, factors) * (scale if self.round_.rules.is_spot(slot) else 1.0)
            for slot in self.slots
        ]

    def _mark(self, slot: int, factors: Floats) -> Floats:
        return np.asarray(self.round_.prices[slot] / 10**PRICE_DECIMALS * factors[self.drivers[slot]])
