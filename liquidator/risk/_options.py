"""The options of a book: strike, expiry, underlying and side of each, and what they are worth at many prices."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Self

import numpy as np

from liquidator.risk._black76 import Floats, Greeks, black76, black76_value, implied_volatility
from prover.market import PRICE_DECIMALS, Asset, AssetList, PriceRound, parse_decimal
from verifier import InputError

YEAR: Final = 365 * 86_400
"""Seconds of a year, for volatilities and for the time to an expiry."""

_SYMBOL: Final = re.compile(r".*-(\d{1,2}[A-Z]{3}\d{2})-(\d+(?:\.\d+)?)-([CP])")
_EXPIRY_HOUR: Final = 8
"""UTC. The hour at which venues that write symbols in this way settle, for books that give no time."""


@dataclass(frozen=True)
class OptionContract:
    """An option of a book.

    Attributes:
        slot: of the option.
        underlying: slot of the asset it is on.
        strike: USD.
        is_call: or a put.
        expires_at: Unix seconds.
    """

    slot: int
    underlying: int
    strike: float
    is_call: bool
    expires_at: int


def book_options(book: AssetList) -> tuple[OptionContract, ...]:
    """The options of a book.

    A book has the strike of a put, and may have the expiry. The rest is read from the symbol, such as
    BTC-26MAR27-120000-C, where the expiry is at 08:00 UTC.

    Raises:
        InputError: a strike or an expiry is in neither, or they differ.
    """
    return tuple(_contracts(book))


def _contracts(book: AssetList) -> Iterator[OptionContract]:
    for slot, asset in enumerate(book.assets):
        if asset.option is not None:
            where = f"book {book.name}: option {asset.symbol}"
            match = _SYMBOL.fullmatch(asset.symbol)
            underlying = book.slot(asset.option.underlying, where)
            strike, is_call = _strike(asset.option.strike, match, where)
            yield OptionContract(slot, underlying, strike, is_call, _expiry(asset, match, where))


def _strike(put_strike: int, match: re.Match[str] | None, where: str) -> tuple[float, bool]:
    """Strike [USD], and whether it is of a call."""
    named = None if match is None else parse_decimal(match[2], PRICE_DECIMALS, where)
    if match is not None and (match[3] == "P") != (put_strike > 0):
        raise InputError(f"{where}: its symbol and its terms differ on whether it is a put")
    if put_strike and named not in {None, put_strike}:
        raise InputError(f"{where}: its symbol and its terms have different strikes")
    if not put_strike and not named:
        raise InputError(f"{where}: the book has no strike of a call; name it as in BTC-26MAR27-120000-C")
    return (put_strike or named or 0) / 10**PRICE_DECIMALS, not put_strike


def _expiry(asset: Asset, match: re.Match[str] | None, where: str) -> int:
    if asset.expires_at:
        return asset.expires_at
    if match is None:
        raise InputError(f'{where}: it has no expiry; give it "expires", or a symbol such as BTC-26MAR27-120000-C')
    try:
        day = datetime.strptime(match[1], "%d%b%y").replace(hour=_EXPIRY_HOUR, tzinfo=UTC)
    except ValueError:
        raise InputError(f"{where}: {match[1]} is no date") from None
    return int(day.timestamp())


@dataclass(frozen=True)
class OptionBoard:
    """Options at a round, with the volatilities that its prices imply.

    Attributes:
        options: in the order of the columns of what it returns.
        volatilities: implied, a year; NaN where a price implies none.
        forwards: mark price of the underlying of each [USD].
        time: of the round, Unix seconds.
    """

    options: tuple[OptionContract, ...]
    volatilities: Floats
    forwards: Floats
    time: int

    @classmethod
    def at(cls, round_: PriceRound, slots: Iterable[int]) -> Self:
        """The options among some slots of the round's book. Raises InputError as `book_options`."""
        wanted = set(slots)
        options = tuple(option for option in book_options(round_.book) if option.slot in wanted)
        marks = np.array([float(price) for price in round_.prices]) / 10**PRICE_DECIMALS
        forwards = marks[[option.underlying for option in options]]
        bare = cls(options, np.zeros(len(options)), forwards, round_.timestamp)
        prices, years = marks[[option.slot for option in options]], bare.years(0.0)
        return replace(bare, volatilities=implied_volatility(prices, forwards, bare._strikes, years, bare._calls))

    def years(self, seconds: float) -> Floats:
        """Time to each expiry, some seconds after the round [years]; 0 once it is past."""
        left = [max(option.expires_at - self.time - seconds, 0.0) for option in self.options]
        return np.array(left, dtype=np.float64) / YEAR

    def values(self, forwards: Floats, seconds: float) -> Floats:
        """Value of each option at many prices of its underlying, by full repricing at the implied volatility.

        Args:
            forwards: prices of the underlyings [USD], the last axis in the order of the options.
            seconds: after the round.
        """
        return black76_value(forwards, self._strikes, self.years(seconds), self.volatilities, self._calls)

    @cached_property
    def greeks(self) -> Greeks:
        """Of a unit of each option at the round."""
        return black76(self.forwards, self._strikes, self.years(0.0), self.volatilities, self._calls)

    def require_volatilities(self) -> None:
        """Refuse prices that imply no volatility.

        Raises:
            InputError: with the slots whose price is below what exercise pays or not below the most that the option is
                worth, or whose option has expired.
        """
        bad = [o.slot for o, sigma in zip(self.options, self.volatilities, strict=True) if not sigma >= 0]
        if bad:
            raise InputError(
                f"round: no volatility is implied by the price of the option in slot {', '.join(map(str, bad))}: it has"
                " expired, or the price is below what exercise pays or above what the option can be worth"
            )

    @cached_property
    def _strikes(self) -> Floats:
        return np.array([option.strike for option in self.options], dtype=np.float64)

    @cached_property
    def _calls(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([option.is_call for option in self.options], dtype=bool)
