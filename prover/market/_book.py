"""A list of assets: what the accounts of one deployment may hold, and the margin fractions of each."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from prover.formats import parse_utc
from prover.market._listing import Limits, symbol_text, symbol_word
from prover.market._nearest import suggestion
from prover.market._units import PPM, PRICE_DECIMALS, parse_decimal
from prover.storage import FileModel, load_model
from verifier import PRICE_BITS, InputError, ListedAsset, SlotFractions, VectorKind

QUOTE_SYMBOL: Final = "QUOTE"
"""The settlement currency in position files, so no asset may have this symbol."""

DEFAULT_LAMBDAS_PPM: Final = (50_000, 100_000)
"""How much of its spot an account may owe [ppm]: when it increases its risk, and before its debt is called."""

MAX_LAMBDA_PPM: Final = 100_000
"""The most that it may be: a ledger that is short multiplies prices of spot by up to 10."""

TIME_BITS: Final = 40
"""Of an expiry on chain [s]."""

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
class OptionTerms:
    """What an option is on, and what its short side needs.

    Attributes:
        underlying: symbol of a spot asset or perpetual of the book.
        strike: of a put [1e-9 USD]; 0 for a call.
        short_initial_ppm: initial margin of a short unit is at least this fraction of the option's price [ppm],
        short_maintenance_ppm: the same for maintenance margin,
        underlying_initial_ppm: and at least this fraction of the underlying's price, or of the strike if that is more,
        underlying_maintenance_ppm: the same for maintenance margin.
    """

    underlying: str
    strike: int
    short_initial_ppm: int
    short_maintenance_ppm: int
    underlying_initial_ppm: int
    underlying_maintenance_ppm: int

    def fractions_ppm(self) -> tuple[int, int, int, int]:
        """Of the short side, in the order of `ListedAsset` [ppm]."""
        return (
            self.short_maintenance_ppm,
            self.short_initial_ppm,
            self.underlying_maintenance_ppm,
            self.underlying_initial_ppm,
        )

    def check(self, where: str, maintenance_ppm: int, initial_ppm: int) -> None:
        """Refuse a short side that needs less than the long one, or fractions out of order.

        Raises:
            InputError: see above.
        """
        if not maintenance_ppm <= self.short_maintenance_ppm or not initial_ppm <= self.short_initial_ppm:
            raise InputError(f"{where}: the short side needs less margin than the long one")
        if not self.short_maintenance_ppm <= self.short_initial_ppm <= PPM:
            raise InputError(f"{where}: short maintenance <= short initial <= {PPM} ppm does not hold")
        if not 0 < self.underlying_maintenance_ppm <= self.underlying_initial_ppm <= PPM:
            raise InputError(f"{where}: 0 < underlying maintenance <= underlying initial <= {PPM} ppm does not hold")
        if not 0 <= self.strike < 1 << PRICE_BITS:
            raise InputError(f"{where}: the strike is below 2^{PRICE_BITS} [1e-9 USD]")


@dataclass(frozen=True, slots=True)
class MarginFractions:
    """What makes prices the margin of a slot, at one kind of margin.

    Attributes:
        long_ppm: of the price, for a long unit [ppm].
        short_ppm: of the price, for a short unit [ppm]; 0 where both sides need the same.
        underlying_ppm: of the underlying's price, or of the strike if that is more, for a short unit [ppm].
        underlying: slot of the underlying.
        strike: of a put [1e-9 USD], else 0.
    """

    long_ppm: int
    short_ppm: int = 0
    underlying_ppm: int = 0
    underlying: int = 0
    strike: int = 0


@dataclass(frozen=True, slots=True)
class Asset:
    """One slot of a book.

    Attributes:
        symbol: unique in the book.
        kind: spot, perpetual or option.
        initial_margin_ppm: fraction of the mark price needed to increase risk [ppm], at most 1e6; that of an
            option's long side.
        maintenance_margin_ppm: fraction needed to be left alone [ppm], above 0 and at most the initial one.
        option: the terms of an option; None for other assets.
        limits: what governance lists it with; None when the book is for proofs only.
        expires_at: when it settles, Unix seconds; 0 for never.
    """

    symbol: str
    kind: AssetKind
    initial_margin_ppm: int
    maintenance_margin_ppm: int
    option: OptionTerms | None = None
    limits: Limits | None = None
    expires_at: int = 0

    @property
    def may_be_short(self) -> bool:
        """Whether a negative balance means anything."""
        return self.kind is not AssetKind.SPOT

    def check(self, where: str) -> None:
        """Refuse fractions out of order.

        Raises:
            InputError: see above; or an option without terms, or terms without an option; or spot that expires.
        """
        if not 0 < self.maintenance_margin_ppm <= self.initial_margin_ppm <= PPM:
            raise InputError(
                f"{where}: 0 < maintenance margin <= initial margin <= {PPM} ppm does not hold for {self.symbol}"
            )
        if (self.kind is AssetKind.OPTION) != (self.option is not None):
            raise InputError(f'{where}: {self.symbol} is an option without "option" terms, or has them and is none')
        if self.expires_at and self.kind is AssetKind.SPOT:
            raise InputError(f"{where}: {self.symbol} is spot, which never expires")
        if not 0 <= self.expires_at < 1 << TIME_BITS:
            raise InputError(f"{where}: {self.symbol} expires outside the times that a chain holds")
        if self.option is not None:
            named = f"{where}: option {self.symbol}"
            self.option.check(named, self.maintenance_margin_ppm, self.initial_margin_ppm)

    def check_expiry(self, where: str, underlying: "Asset | None") -> None:
        """Refuse an option that does not settle before its underlying, whose price its margin depends on.

        Args:
            where: names the book in errors.
            underlying: of an option.

        Raises:
            InputError: see above.
        """
        if underlying is None or not underlying.expires_at or 0 < self.expires_at < underlying.expires_at:
            return
        raise InputError(f"{where}: option {self.symbol} must expire before its underlying {underlying.symbol}")

    def check_limits(self, where: str, underlying: "Asset | None") -> None:
        """Refuse limits that `RiskParameters` would refuse.

        Args:
            where: names the asset in errors.
            underlying: of an option.

        Raises:
            InputError: see above.
        """
        limits = self.limits
        if limits is None:
            return
        is_option = self.option is not None
        limits.check(where, is_spot=self.kind is AssetKind.SPOT, is_option=is_option)
        fractions = (self.maintenance_margin_ppm, self.initial_margin_ppm)
        if self.option is None:
            limits.check_fractions(where, self.maintenance_margin_ppm, fractions)
            limits.check_speed(where, self.initial_margin_ppm, limits.least_price, self.initial_margin_ppm)
            return
        limits.check_fractions(where, self.maintenance_margin_ppm, (*fractions, *self.option.fractions_ppm()))
        least = underlying.limits.least_price if underlying is not None and underlying.limits is not None else 0
        least = max(least, self.option.strike)
        limits.check_speed(where, self.option.short_initial_ppm, least, self.option.underlying_initial_ppm)


class _LimitsFile(FileModel):
    decimals: int
    floor_ppm: int
    ceiling_ppm: int
    deviation_ppm: int
    deviation_amount: str
    least_price: str
    greatest_price: str

    def parsed(self, where: str) -> Limits:
        return Limits(
            self.decimals,
            self.floor_ppm,
            self.ceiling_ppm,
            self.deviation_ppm,
            parse_decimal(self.deviation_amount, PRICE_DECIMALS, f"{where}, deviation_amount"),
            parse_decimal(self.least_price, PRICE_DECIMALS, f"{where}, least_price"),
            parse_decimal(self.greatest_price, PRICE_DECIMALS, f"{where}, greatest_price"),
        )


_Fraction = Annotated[int, Field(ge=0, le=PPM)]
_Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,31}$")]


class _OptionFile(FileModel):
    underlying: _Symbol
    strike: str = "0"
    short_initial_margin_ppm: _Fraction
    short_maintenance_margin_ppm: _Fraction
    underlying_initial_margin_ppm: _Fraction
    underlying_maintenance_margin_ppm: _Fraction

    def parsed(self, where: str) -> OptionTerms:
        return OptionTerms(
            self.underlying,
            parse_decimal(self.strike, PRICE_DECIMALS, f"{where}, strike"),
            self.short_initial_margin_ppm,
            self.short_maintenance_margin_ppm,
            self.underlying_initial_margin_ppm,
            self.underlying_maintenance_margin_ppm,
        )


class AssetFile(FileModel):
    """An asset as files have it."""

    symbol: _Symbol
    kind: Annotated[AssetKind, Field(strict=False)]
    initial_margin_ppm: _Fraction
    maintenance_margin_ppm: _Fraction
    option: _OptionFile | None = None
    limits: _LimitsFile | None = None
    expires: str | None = None

    def parsed(self) -> Asset:
        """The asset. Raises InputError for a malformed number or time."""
        where = f"book, limits of {self.symbol}"
        option = None if self.option is None else self.option.parsed(f"book, option {self.symbol}")
        limits = None if self.limits is None else self.limits.parsed(where)
        expires_at = 0 if self.expires is None else parse_utc(self.expires, f"book, {self.symbol}, expires")
        return Asset(
            self.symbol, self.kind, self.initial_margin_ppm, self.maintenance_margin_ppm, option, limits, expires_at
        )


class _BookFile(FileModel):
    format: Literal["zksolvency/book/1"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    n: int
    lambda_initial_ppm: _Fraction = DEFAULT_LAMBDAS_PPM[0]
    lambda_maintenance_ppm: _Fraction = DEFAULT_LAMBDAS_PPM[1]
    assets: tuple[AssetFile, ...]


@dataclass(frozen=True)
class AssetList:
    """The assets of a deployment, in the order of the slots of a commitment.

    Attributes:
        name: for people.
        n: slots: 13, 28, 43 or 58. Slots beyond the assets are empty: price, margin and balance zero.
        assets: at most n.
        lambdas_ppm: how much of its spot an account may owe in the settlement currency [ppm]: when it increases its
            risk, and before its debt is called. The first is below the second, which is at most 100,000.
    """

    name: str
    n: int
    assets: tuple[Asset, ...]
    lambdas_ppm: tuple[int, int] = DEFAULT_LAMBDAS_PPM

    def __post_init__(self) -> None:
        if self.n not in BOOK_SIZES:
            raise InputError(f"book {self.name}: n must be one of {', '.join(map(str, BOOK_SIZES))}")
        if not 0 < len(self.assets) <= self.n:
            raise InputError(f"book {self.name}: from 1 to {self.n} assets are needed, it has {len(self.assets)}")
        if len(self.slots) != len(self.assets):
            raise InputError(f"book {self.name}: a symbol occurs twice")
        if QUOTE_SYMBOL in self.slots:
            raise InputError(f"book {self.name}: {QUOTE_SYMBOL} names the settlement currency, not an asset")
        if not 0 <= self.lambdas_ppm[0] < self.lambdas_ppm[1] <= MAX_LAMBDA_PPM:
            raise InputError(
                f"book {self.name}: 0 <= lambda_initial_ppm < lambda_maintenance_ppm <= {MAX_LAMBDA_PPM} does not hold"
            )
        for asset in self.assets:
            asset.check(f"book {self.name}")
        for asset in self.assets:
            underlying = self._underlying(asset)
            asset.check_expiry(f"book {self.name}", underlying)
            asset.check_limits(f"book {self.name}: limits of {asset.symbol}", underlying)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a book file.

        Raises:
            InputError: malformed, or breaking a rule above.
        """
        file = load_model(_BookFile, path, "book")
        lambdas = (file.lambda_initial_ppm, file.lambda_maintenance_ppm)
        return cls(file.name, file.n, tuple(asset.parsed() for asset in file.assets), lambdas)

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
            hint = suggestion(symbol, self.slots)
            raise InputError(f"{where}: the book {self.name} has no asset {symbol[:40]!r}; {hint}") from None

    @property
    def spot(self) -> int:
        """Bitmap of the slots that hold a spot asset."""
        return sum(1 << slot for slot, asset in enumerate(self.assets) if asset.kind is AssetKind.SPOT)

    def margin_fractions(
        self, kind: Literal[VectorKind.MAINTENANCE, VectorKind.INITIAL]
    ) -> tuple[MarginFractions, ...]:
        """What makes prices the margin of each slot; zeros for an empty slot.

        Args:
            kind: maintenance or initial margin. The overdraft kind has no fractions of its own.
        """
        is_initial = kind is VectorKind.INITIAL
        listed = [self._margin_fractions(asset, is_initial=is_initial) for asset in self.assets]
        return (*listed, *[MarginFractions(0)] * (self.n - len(listed)))

    def _margin_fractions(self, asset: Asset, *, is_initial: bool) -> MarginFractions:
        long = asset.initial_margin_ppm if is_initial else asset.maintenance_margin_ppm
        terms = asset.option
        if terms is None:
            return MarginFractions(long)
        short, underlying = (
            (terms.short_initial_ppm, terms.underlying_initial_ppm)
            if is_initial
            else (terms.short_maintenance_ppm, terms.underlying_maintenance_ppm)
        )
        return MarginFractions(long, short, underlying, self.slots[terms.underlying], terms.strike)

    def _underlying(self, asset: Asset) -> Asset | None:
        if asset.option is None:
            return None
        where = f"book {self.name}: option {asset.symbol}"
        underlying = self.assets[self.slot(asset.option.underlying, where)]
        if underlying.option is not None:
            raise InputError(f"{where}: its underlying {underlying.symbol} is an option too")
        return underlying

    def slot_fractions(self) -> tuple[SlotFractions, ...]:
        """The fractions of each slot as contracts take them; all zero for an empty one."""
        maintenance = self.margin_fractions(VectorKind.MAINTENANCE)
        initial = self.margin_fractions(VectorKind.INITIAL)
        return tuple(
            SlotFractions(
                low.long_ppm,
                high.long_ppm,
                low.short_ppm,
                high.short_ppm,
                low.underlying_ppm,
                high.underlying_ppm,
                low.underlying,
                low.strike,
            )
            for low, high in zip(maintenance, initial, strict=True)
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
                ' "limits" object with decimals, floor_ppm, ceiling_ppm, deviation_ppm, deviation_amount, least_price'
                " and greatest_price, as books/majors-13.json does"
            )
        return tuple(self.entry(asset) for asset in self.assets if asset.limits is not None)

    def with_listings(self, entries: Sequence[ListedAsset]) -> Self:
        """The assets of a chain, slot by slot. Those that this list has keep its fractions and terms; none has limits.

        Args:
            entries: of the first slots, as `RiskParameters` has them now.

        Raises:
            InputError: they make no book.
        """
        symbols = [symbol_text(entry.symbol) for entry in entries]
        assets = []
        for slot, (symbol, entry) in enumerate(zip(symbols, entries, strict=True)):
            known = self.slots.get(symbol) == slot
            asset = self.assets[slot] if known else _of_entry(symbol, entry, symbols)
            if asset.option is not None and entry.underlying < len(symbols):
                # an option that has settled may be on a slot with another asset meanwhile
                asset = replace(asset, option=replace(asset.option, underlying=symbols[entry.underlying]))
            assets.append(replace(asset, limits=None, expires_at=entry.expires_at))
        return replace(self, assets=tuple(assets))

    def entry(self, asset: Asset) -> ListedAsset:
        """An asset as `RiskParameters` takes it, beside the assets of this book.

        Raises:
            InputError: it has no limits, or a symbol that is no word; or an option is on no asset of this book.
        """
        terms, limits = asset.option, asset.limits
        if limits is None:
            raise InputError(f"book {self.name}: {asset.symbol} cannot be listed on chain without limits")
        short_side = (0, 0, 0, 0) if terms is None else terms.fractions_ppm()
        return ListedAsset(
            symbol_word(asset.symbol),
            asset.kind.number,
            limits.decimals,
            asset.maintenance_margin_ppm,
            asset.initial_margin_ppm,
            *short_side,
            limits.floor_ppm,
            limits.ceiling_ppm,
            0 if terms is None else self.slot(terms.underlying, f"option {asset.symbol}"),
            limits.deviation_ppm,
            0 if terms is None else terms.strike,
            limits.deviation_amount,
            limits.least_price,
            limits.greatest_price,
            asset.expires_at,
        )

    def digest(self) -> str:
        """SHA-256 in hex over name, size, lambdas, and every asset with its fractions and the terms of an option.

        Limits and expiries are not in it: they belong to governance, no proof depends on them, and books that differ in
        nothing else are the same book to an account.
        """
        return canonical_digest(
            ["zksolvency/book/1", self.name, self.n, list(self.lambdas_ppm), list(map(_digest_row, self.assets))]
        )


def _of_entry(symbol: str, entry: ListedAsset, symbols: Sequence[str]) -> Asset:
    """An entry of the chain, in a book of these symbols. Raises InputError when its underlying is not listed."""
    kind = list(AssetKind)[entry.kind]
    option = None
    if kind is AssetKind.OPTION:
        if entry.underlying >= len(symbols):
            raise InputError(f"the chain lists the option {symbol} on a slot without an asset")
        option = OptionTerms(
            symbols[entry.underlying],
            entry.strike,
            entry.short_initial_ppm,
            entry.short_maintenance_ppm,
            entry.underlying_initial_ppm,
            entry.underlying_maintenance_ppm,
        )
    return Asset(symbol, kind, entry.initial_ppm, entry.maintenance_ppm, option)


def _digest_row(asset: Asset) -> list[object]:
    terms = asset.option
    option = [] if terms is None else [terms.underlying, str(terms.strike), *terms.fractions_ppm()]
    return [asset.symbol, asset.kind, asset.initial_margin_ppm, asset.maintenance_margin_ppm, option]


def canonical_digest(value: object) -> str:
    """SHA-256 in hex over JSON without spaces: lists, strings and integers only, so there is one way to write it."""
    return hashlib.sha256(json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()
