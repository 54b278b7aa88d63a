"""A list of assets: what the accounts of one deployment may hold, and the margin fractions of each."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from prover._files import FileModel, load_model
from prover._listing import Limits, symbol_word
from prover._units import PPM
from verifier import InputError, ListedAsset

QUOTE_SYMBOL: Final = "QUOTE"
"""Stands for the settlement currency in position files, so no asset may have it."""

BOOK_SIZES: Final = (13, 28, 43, 58)
"""N that fill the blocks of the commitment exactly."""


class AssetKind(StrEnum):
    """What an asset is. A spot asset is collateral: it has a haircut and no short side."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    OPTION = "option"

    @property
    def number(self) -> int:
        """Its number in the enum `AssetKind` of the contracts."""
        return list(AssetKind).index(self)


@dataclass(frozen=True, slots=True)
class Asset:
    """One slot of a book.

    Attributes:
        symbol: unique in the book.
        kind: spot, perpetual or option.
        initial_margin_ppm: fraction of the mark price needed to increase risk [ppm], at most 1e6.
        maintenance_margin_ppm: fraction needed to be left alone [ppm], at most the initial one.
        limits: what governance lists it with; None when the book is for proofs only.
    """

    symbol: str
    kind: AssetKind
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    limits: Limits | None = None

    @property
    def may_be_short(self) -> bool:
        """Whether a negative balance means anything."""
        return self.kind is not AssetKind.SPOT


class _LimitsFile(FileModel):
    decimals: int
    floor_ppm: int
    ceiling_ppm: int
    deviation_ppm: int

    def parsed(self) -> Limits:
        return Limits(self.decimals, self.floor_ppm, self.ceiling_ppm, self.deviation_ppm)


class _AssetFile(FileModel):
    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,31}$")]
    kind: Annotated[AssetKind, Field(strict=False)]
    initial_margin_ppm: Annotated[int, Field(ge=0, le=PPM)]
    maintenance_margin_ppm: Annotated[int, Field(ge=0, le=PPM)]
    limits: _LimitsFile | None = None

    def parsed(self) -> Asset:
        limits = None if self.limits is None else self.limits.parsed()
        return Asset(self.symbol, self.kind, self.initial_margin_ppm, self.maintenance_margin_ppm, limits)


class _BookFile(FileModel):
    format: Literal["zksolvency/book/1"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    n: int
    assets: tuple[_AssetFile, ...]


@dataclass(frozen=True)
class AssetList:
    """The assets of a deployment, in the order of the slots of a commitment.

    Attributes:
        name: for people.
        n: slots: 13, 28, 43 or 58. Slots beyond the assets are empty: price, margin and balance zero.
        assets: at most n.
    """

    name: str
    n: int
    assets: tuple[Asset, ...]

    def __post_init__(self) -> None:
        if self.n not in BOOK_SIZES:
            raise InputError(f"book {self.name}: n must be one of {', '.join(map(str, BOOK_SIZES))}")
        if not 0 < len(self.assets) <= self.n:
            raise InputError(f"book {self.name}: from 1 to {self.n} assets are needed, it has {len(self.assets)}")
        if len(self.slots) != len(self.assets):
            raise InputError(f"book {self.name}: a symbol stands twice")
        if QUOTE_SYMBOL in self.slots:
            raise InputError(f"book {self.name}: {QUOTE_SYMBOL} names the settlement currency, not an asset")
        for asset in self.assets:
            if asset.maintenance_margin_ppm > asset.initial_margin_ppm:
                raise InputError(f"book {self.name}: maintenance margin of {asset.symbol} is above its initial margin")
            if asset.limits is not None:
                asset.limits.check(
                    f"book {self.name}: limits of {asset.symbol}",
                    is_spot=asset.kind is AssetKind.SPOT,
                    maintenance_ppm=asset.maintenance_margin_ppm,
                    initial_ppm=asset.initial_margin_ppm,
                )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a book file.

        Raises:
            InputError: malformed, or breaking a rule above.
        """
        file = load_model(_BookFile, path, "book")
        return cls(name=file.name, n=file.n, assets=tuple(asset.parsed() for asset in file.assets))

    @cached_property
    def slots(self) -> dict[str, int]:
        """Symbol to slot."""
        return {asset.symbol: slot for slot, asset in enumerate(self.assets)}

    def slot(self, symbol: str, where: str) -> int:
        """The slot of a symbol.

        Raises:
            InputError: the book has no such asset.
        """
        try:
            return self.slots[symbol]
        except KeyError:
            raise InputError(f"{where}: the book {self.name} has no asset {symbol[:40]!r}") from None

    def fractions_ppm(self) -> tuple[list[int], list[int]]:
        """Maintenance and initial margin fraction of each slot [ppm]; 0 for an empty slot."""
        empty = [0] * (self.n - len(self.assets))
        return (
            [asset.maintenance_margin_ppm for asset in self.assets] + empty,
            [asset.initial_margin_ppm for asset in self.assets] + empty,
        )

    def listings(self) -> tuple[ListedAsset, ...]:
        """What the constructor of `RiskParameters` takes: an entry per asset, in the order of the slots.

        Raises:
            InputError: an asset has no limits, or a symbol that is no word.
        """
        unlimited = [asset.symbol for asset in self.assets if asset.limits is None]
        if unlimited:
            raise InputError(
                f"book {self.name}: {', '.join(unlimited)} cannot be listed on chain without limits; give each a"
                ' "limits" object with decimals, floor_ppm, ceiling_ppm and deviation_ppm, as books/majors-13.json does'
            )
        return tuple(
            ListedAsset(
                symbol_word(asset.symbol),
                asset.kind.number,
                asset.limits.decimals,
                asset.maintenance_margin_ppm,
                asset.initial_margin_ppm,
                asset.limits.floor_ppm,
                asset.limits.ceiling_ppm,
                asset.limits.deviation_ppm,
            )
            for asset in self.assets
            if asset.limits is not None
        )

    def digest(self) -> str:
        """SHA-256 in hex over name, size, and every asset with its fractions.

        Limits are not in it: they belong to governance, no proof depends on them, and books that differ in nothing else
        are the same book to an account.
        """
        rows = [[a.symbol, a.kind, a.initial_margin_ppm, a.maintenance_margin_ppm] for a in self.assets]
        return canonical_digest(["zksolvency/book/1", self.name, self.n, rows])


def canonical_digest(value: object) -> str:
    """SHA-256 in hex over JSON without spaces: lists, strings and integers only, so there is one way to write it."""
    return hashlib.sha256(json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()
