"""A price round: prices of the oracle at one time, and the vectors that a book computes from them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from prover.market._book import AssetList, canonical_digest
from prover.market._margin import effective_price
from prover.market._release_limits import RELEASE_LIMITS
from prover.market._round_vectors import MAX_SPOT_SCALE, SPOT_SCALE, MarginRules, round_vectors
from prover.market._units import PRICE_DECIMALS, format_decimal, parse_decimal
from prover.storage import FileModel, validate_model
from verifier import (
    PRICE_BITS,
    InputError,
    ReleaseInputs,
    ReleaseLimits,
    RiskInputs,
    RoundInputs,
    RoundVectors,
    VectorKind,
    read_json,
    require_margin_kind,
)

SCALE_DECIMALS: Final = 18
"""Of the scale of spot in a file."""


class _RoundFile(FileModel):
    format: Literal["zksolvency/round/1"]
    book: str
    id: Annotated[int, Field(ge=1, lt=1 << 64)]
    timestamp: Annotated[int, Field(ge=0, lt=1 << 64)]
    prices: dict[str, str]
    funding: Annotated[dict[str, str], Field(default_factory=dict)]
    stale: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    spot_scale: Annotated[str, Field(alias="spotScale")] = "1"


@dataclass(frozen=True)
class PriceRound:
    """One oracle round for one book.

    Attributes:
        book: the book whose assets are priced.
        id: monotonic round id, from 1.
        timestamp: Unix seconds.
        prices: mark price of each slot [1e-9 USD], 0 <= p < 2^64; 0 for an empty slot.
        funding: cumulative funding per unit of each slot [1e-9 USD], with |p - funding| < 2^64.
        stale: bitmap of the slots that keep an older price, or have none because their asset has settled.
        closing: bitmap of further slots in which no account may grow: their asset will be delisted, or has reached its
            expiry.
        spot_scale: what a margin book multiplies the prices of spot with [1e-18], from 1 to 10: more than 1 while its
            accounts owe more than it holds.
    """

    book: AssetList
    id: int
    timestamp: int
    prices: tuple[int, ...]
    funding: tuple[int, ...]
    stale: int = 0
    closing: int = 0
    spot_scale: int = SPOT_SCALE

    def __post_init__(self) -> None:
        if not len(self.prices) == len(self.funding) == self.book.n:
            raise InputError(f"round {self.id}: {self.book.n} prices and funding values are needed")
        for slot, (price, funding) in enumerate(zip(self.prices, self.funding, strict=True)):
            where = f"round {self.id}, {self._symbol(slot)}"
            if not 0 <= price < 1 << PRICE_BITS:
                raise InputError(f"{where}: price outside 0 to 2^{PRICE_BITS} - 1 [1e-9 USD]")
            if abs(effective_price(price, funding)) >= 1 << PRICE_BITS:
                raise InputError(f"{where}: price less funding outside |e| < 2^{PRICE_BITS} [1e-9 USD]")
            if slot >= len(self.book.assets) and (price or funding):
                raise InputError(f"{where}: an empty slot has a price")
        if not 0 <= self.stale < 1 << len(self.book.assets):
            raise InputError(f"round {self.id}: a slot without an asset is stale")
        if not 0 <= self.closing < 1 << len(self.book.assets) or self.closing & self.stale:
            raise InputError(f"round {self.id}: a slot that closes is stale too, or has no asset")
        if not SPOT_SCALE <= self.spot_scale <= MAX_SPOT_SCALE:
            raise InputError(f"round {self.id}: the scale of spot is not from 1 to {MAX_SPOT_SCALE // SPOT_SCALE}")

    def _symbol(self, slot: int) -> str:
        return self.book.assets[slot].symbol if slot < len(self.book.assets) else f"slot {slot}"

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read a round file against a book. Raises as `from_json`, and when the file cannot be read."""
        return cls.from_json(read_json(path, "price round"), book, f"price round {path}")

    @classmethod
    def from_json(cls, value: object, book: AssetList, where: str = "price round") -> Self:
        """Read the JSON form.

        Args:
            value: the JSON value.
            book: whose assets are priced.
            where: what to call it in an error.

        Raises:
            InputError: malformed, for another book, an asset without price or unknown, or out of range.
        """
        reported = ReportedPrices.from_json(value, book, where)
        missing = [asset.symbol for asset, price in zip(book.assets, reported.prices, strict=False) if price is None]
        if missing:
            raise InputError(f"{where}: no price for {', '.join(missing)}")
        prices = tuple(price or 0 for price in reported.prices)
        plain = (reported.id, reported.timestamp, prices, reported.funding, reported.stale, reported.closing)
        return cls(book, *plain, reported.spot_scale)

    def to_json(self) -> dict[str, object]:
        """The file form."""
        assets = list(enumerate(self.book.assets))
        sets = {"stale": self.stale, "closing": self.closing}
        named = {name: [asset.symbol for slot, asset in assets if slots >> slot & 1] for name, slots in sets.items()}
        content = {
            "format": "zksolvency/round/1",
            "book": self.book.name,
            "id": self.id,
            "timestamp": self.timestamp,
            "prices": {a.symbol: format_decimal(self.prices[slot], PRICE_DECIMALS) for slot, a in assets},
            "funding": {
                a.symbol: format_decimal(self.funding[slot], PRICE_DECIMALS) for slot, a in assets if self.funding[slot]
            },
        }
        content |= {name: symbols for name, symbols in named.items() if symbols}
        if self.spot_scale != SPOT_SCALE:
            content["spotScale"] = format_decimal(self.spot_scale, SCALE_DECIMALS)
        return content

    def digest(self) -> str:
        """SHA-256 in hex over all that the round says.

        Those are the book's digest, id, timestamp, prices, funding, and, if any, stale and closing slots, and the scale
        of spot.
        """
        rows = [str(value) for value in (*self.prices, *self.funding)]
        if self.stale or self.closing:
            rows.append(str(self.stale))
        if self.closing:
            rows.append(str(self.closing))
        if self.spot_scale != SPOT_SCALE:
            rows.append(f"spot {self.spot_scale}")
        return canonical_digest(["zksolvency/round/1", self.book.digest(), self.id, self.timestamp, rows])

    @cached_property
    def vectors(self) -> RoundVectors:
        """Inputs of statements: effective prices, and margins by side of every kind."""
        return round_vectors(self.prices, self.funding, self.rules, stale=self.stale, spot_scale=self.spot_scale)

    @cached_property
    def rules(self) -> MarginRules:
        """How prices become margins in the book."""
        return MarginRules.of_book(self.book)

    def inputs(self) -> RoundInputs:
        """The round as proof files refer to it."""
        return RoundInputs(self.book.digest(), self.digest(), self.vectors)

    def risk(self) -> RiskInputs:
        """Inputs of `update`, for a book that has a token for each spot asset.

        A stale slot with a price of 0 counts as one without a price, which no account may be short of: never priced, or
        settled.
        """
        empty = (1 << self.book.n) - (1 << len(self.book.assets))
        unpriced = sum(1 << slot for slot, price in enumerate(self.prices) if self.stale >> slot & 1 and not price)
        long_only = self.book.spot | empty | unpriced
        return RiskInputs(self.vectors, long_only, self.book.lambdas_ppm, self.stale | self.closing)

    def release(self, kind: VectorKind, limits: ReleaseLimits | None = None) -> ReleaseInputs:
        """Inputs of `release`.

        Args:
            kind: maintenance or overdraft.
            limits: of the margin book; None for those of `RELEASE_LIMITS`.

        Raises:
            InputError: another kind.
        """
        require_margin_kind(kind)
        chosen = RELEASE_LIMITS[kind] if limits is None else limits
        return ReleaseInputs.of_round(self.vectors, kind, chosen, spot=self.book.spot, stale=self.stale)


@dataclass(frozen=True)
class ReportedPrices:
    """Prices of a round file that may leave assets out. A report does not price these, nor stale ones.

    Attributes:
        book: whose assets are priced.
        id: of the round, from 1.
        timestamp: Unix seconds.
        prices: mark price of each slot [1e-9 USD]; None for an asset that the file leaves out, and for an empty slot.
        funding: cumulative funding per unit of each slot [1e-9 USD].
        stale: bitmap of the slots that keep an older price.
        closing: bitmap of further slots in which no account may grow.
        spot_scale: as for `PriceRound`.
    """

    book: AssetList
    id: int
    timestamp: int
    prices: tuple[int | None, ...]
    funding: tuple[int, ...]
    stale: int = 0
    closing: int = 0
    spot_scale: int = SPOT_SCALE

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read a round file against a book. Raises as `from_json`, and when the file cannot be read."""
        return cls.from_json(read_json(path, "price round"), book, f"price round {path}")

    @classmethod
    def from_json(cls, value: object, book: AssetList, where: str = "price round") -> Self:
        """Read the JSON form.

        Args:
            value: the JSON value.
            book: whose assets are priced.
            where: what to call it in an error.

        Raises:
            InputError: malformed, for another book, an asset that is unknown, a price out of range, or funding of an
                asset without a price.
        """
        file = validate_model(_RoundFile, value, where)
        if file.book != book.name:
            raise InputError(f"{where}: it prices the book {file.book[:40]!r}, not {book.name!r}")
        prices = _by_slot(file.prices, book, f"{where}, prices")
        funding = _by_slot(file.funding, book, f"{where}, funding")
        stale, closing = (
            sum({1 << book.slot(symbol, f"{where}, {name}") for symbol in symbols})
            for name, symbols in (("stale", file.stale), ("closing", file.closing))
        )
        scale = parse_decimal(file.spot_scale, SCALE_DECIMALS, f"{where}, spotScale")
        paid = tuple(amount or 0 for amount in funding)
        made = cls(book, file.id, file.timestamp, tuple(prices), paid, stale, closing, scale)
        unpriced = [
            asset.symbol for slot, asset in enumerate(book.assets) if prices[slot] is None and made.funding[slot]
        ]
        if unpriced:
            raise InputError(f"{where}: funding but no price for {', '.join(unpriced)}")
        PriceRound(book, made.id, made.timestamp, tuple(price or 0 for price in prices), made.funding)  # checks ranges
        return made

    def report_values(self) -> tuple[list[int | None], list[int]]:
        """Prices and funding as a report has them: neither price nor funding of an asset that is left out or stale."""
        prices = [None if self.stale >> slot & 1 else price for slot, price in enumerate(self.prices)]
        return prices, [0 if price is None else paid for price, paid in zip(prices, self.funding, strict=True)]

    def unpriced_symbols(self) -> list[str]:
        """Symbols of the assets that are left out or stale."""
        prices, _ = self.report_values()
        return [asset.symbol for asset, price in zip(self.book.assets, prices, strict=False) if price is None]


def _by_slot(values: dict[str, str], book: AssetList, where: str) -> list[int | None]:
    result: list[int | None] = [None] * book.n
    for symbol, text in values.items():
        result[book.slot(symbol, where)] = parse_decimal(text, PRICE_DECIMALS, f"{where}, {symbol}")
    return result
