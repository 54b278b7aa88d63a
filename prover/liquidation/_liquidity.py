"""What it costs to close positions on a market: half of the spread, and the price impact of their size."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from prover.formats import parse_number, parse_table
from prover.market import PPM, QUOTE_DECIMALS, AssetList
from verifier import InputError, open_input_file, read_bounded

_MILLION: Final[int] = 10 ** (6 + QUOTE_DECIMALS)
"""A million USD [1e-18 USD]."""

_COLUMNS: Final = ("symbol", "spread_ppm", "impact_ppm")
_MAX_BYTES: Final = 1 << 16
_ETHER: Final = ("WETH", "ETH", "ETH-PERP")


class ClosingCosts(Protocol):
    """What closing positions costs a taker: what frees the most margin for it is sold first."""

    def per_unit(self, amounts: Sequence[int], prices: Sequence[int]) -> tuple[int, ...]:
        """What each unit costs on average where whole positions are closed [1e-15 USD per token], rounded down.

        Args:
            amounts: of each slot [1e-9 token], signed.
            prices: mark prices [1e-9 USD].
        """


@dataclass(frozen=True)
class Liquidity:
    """Expected costs of selling or buying back, as a line in the size of the position.

    Attributes:
        spread_ppm: of each slot [ppm of the notional].
        impact_ppm: what comes on top for each million USD of the notional [ppm].

    Raises:
        InputError: a cost below 0, or not one of both for each slot.
    """

    spread_ppm: tuple[int, ...]
    impact_ppm: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.spread_ppm) != len(self.impact_ppm):
            raise InputError("liquidity: spread and impact are needed for each slot")
        if any(cost < 0 for cost in (*self.spread_ppm, *self.impact_ppm)):
            raise InputError("liquidity: spread and impact are at least 0")

    @classmethod
    def uniform(cls, n: int, spread_ppm: int = 500, impact_ppm: int = 1_000) -> Self:
        """The same for every slot. As a guess: 0.05 %, and 0.1 % for each million USD.

        Args:
            n: slots of the book.
            spread_ppm: of each [ppm].
            impact_ppm: of each [ppm for each million USD].
        """
        return cls((spread_ppm,) * n, (impact_ppm,) * n)

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read costs from CSV with the header `symbol,spread_ppm,impact_ppm`. Other assets cost as in `uniform`.

        Args:
            path: the file.
            book: the assets.

        Raises:
            InputError: with the line: an unknown or repeated symbol, or no whole number of at least 0.
        """
        where = f"liquidity {path}"
        with open_input_file(path, where) as file:
            rows = parse_table(read_bounded(file, where, _MAX_BYTES), where, _COLUMNS)
        guess = cls.uniform(book.n)
        spread, impact, seen = list(guess.spread_ppm), list(guess.impact_ppm), set[int]()
        for at, row in rows:
            slot = book.slot(row["symbol"], at)
            if slot in seen:
                raise InputError(f"{at}: a second row for {row['symbol']}")
            seen.add(slot)
            spread[slot], impact[slot] = (_natural(row[name], f"{at}, {name}") for name in _COLUMNS[1:])
        return cls(tuple(spread), tuple(impact))

    def cost(self, amounts: Sequence[int], prices: Sequence[int]) -> int:
        """What it costs to close positions, rounded up [1e-18 USD].

        Args:
            amounts: of each slot [1e-9 token], signed.
            prices: mark prices [1e-9 USD].
        """
        notionals = [abs(amount) * price for amount, price in zip(amounts, prices, strict=True)]
        cost = sum(notional * self._scaled_ppm(slot, notional) for slot, notional in enumerate(notionals))
        return -(-cost // (PPM * _MILLION))

    def per_unit(self, amounts: Sequence[int], prices: Sequence[int]) -> tuple[int, ...]:
        """As `ClosingCosts.per_unit`."""
        return tuple(
            price * self._scaled_ppm(slot, abs(amount) * price) // _MILLION
            for slot, (amount, price) in enumerate(zip(amounts, prices, strict=True))
        )

    def _scaled_ppm(self, slot: int, notional: int) -> int:
        """Cost of a notional [1e-24 ppm of it]."""
        return self.spread_ppm[slot] * _MILLION + self.impact_ppm[slot] * notional


def ether_slot(book: AssetList) -> int | None:
    """The slot of a book whose price is that of ETH, for gas; None where it has none."""
    return next((book.slots[symbol] for symbol in _ETHER if symbol in book.slots), None)


def _natural(text: str, where: str) -> int:
    value = parse_number(text, where)
    if value.denominator != 1 or value < 0:
        raise InputError(f"{where}: expected a whole number of at least 0")
    return int(value)
