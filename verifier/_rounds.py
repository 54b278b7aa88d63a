"""What statements take from a price round: vectors, limits of takeovers, settlement prices (spec ZS-20, ZS-61)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from verifier._errors import InputError
from verifier._field import to_field
from verifier._statements import Value

PRICE_BITS: Final = 64
"""|e| and d + x are below 2^64 [1e-9 USD]."""

BASIS: Final = 10**4
"""Rates and shares of a takeover are [1e-4]."""

_PPM: Final = 10**6
_AMOUNT_BITS: Final = 150


class VectorKind(StrEnum):
    """Which margin a statement is about.

    MAINTENANCE: to be left alone.
    INITIAL: to increase risk.
    OVERDRAFT: what bounds the debt in the settlement currency that spot collateral may back.
    """

    MAINTENANCE = "maintenance"
    INITIAL = "initial"
    OVERDRAFT = "overdraft"


MARGIN_KINDS: Final = (VectorKind.MAINTENANCE, VectorKind.OVERDRAFT)
"""The kinds at which `margin` and `release` are proven: the grounds on which an account is sold (spec ZS-77)."""


def require_margin_kind(kind: VectorKind) -> None:
    """Refuse a kind at which neither `margin` nor `release` is proven. Raises InputError."""
    if kind not in MARGIN_KINDS:
        raise InputError(f"{kind} margin: proofs are about one of {', '.join(MARGIN_KINDS)}")


@dataclass(frozen=True, slots=True)
class MarginsPerUnit:
    """Margin per unit of every slot at one kind of margin, by side.

    Attributes:
        long: d_i, margin of a long unit [1e-9 USD], 0 <= d_i.
        short_extra: x_i, what a short unit needs more [1e-9 USD], 0 <= x_i and d_i + x_i < 2^64.

    Raises:
        InputError: the two differ in length, or a value is out of its range. Statements assume the ranges.
    """

    long: tuple[int, ...]
    short_extra: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.long) != len(self.short_extra):
            raise InputError("margins per unit: as many values for short units as for long ones are needed")
        if any(margin < 0 for margin in (*self.long, *self.short_extra)):
            raise InputError("margins per unit: a value is below 0")
        if any(margin >= 1 << PRICE_BITS for margin in self.short):
            raise InputError(f"margins per unit: a margin of a short unit is outside d + x < 2^{PRICE_BITS}")

    @classmethod
    def of_both_sides(cls, margins: Iterable[int]) -> Self:
        """Margins that a long and a short unit need alike: x = 0.

        Args:
            margins: d_i [1e-9 USD].
        """
        long = tuple(margins)
        return cls(long, (0,) * len(long))

    @property
    def n(self) -> int:
        """Slots of the book."""
        return len(self.long)

    @property
    def short(self) -> tuple[int, ...]:
        """d_i + x_i, margin of a short unit [1e-9 USD]."""
        return tuple(d + x for d, x in zip(self.long, self.short_extra, strict=True))


@dataclass(frozen=True, slots=True)
class RoundVectors:
    """What a price round says of every slot of a book: the same for all accounts.

    Attributes:
        effective_prices: e_i [1e-9 USD], signed, |e_i| < 2^64.
        maintenance: maintenance margin per unit.
        initial: initial margin per unit.
        overdraft: margin per unit at the overdraft kind.

    Raises:
        InputError: vectors of different lengths, or an effective price out of its range. Statements assume the range.
    """

    effective_prices: tuple[int, ...]
    maintenance: MarginsPerUnit
    initial: MarginsPerUnit
    overdraft: MarginsPerUnit

    def __post_init__(self) -> None:
        if any(self.margins(kind).n != self.n for kind in VectorKind):
            raise InputError("round vectors: as many effective prices as margins per unit are needed")
        _require_prices("round vectors", self.effective_prices)

    @property
    def n(self) -> int:
        """Slots of the book."""
        return len(self.effective_prices)

    def margins(self, kind: VectorKind) -> MarginsPerUnit:
        """Margin per unit of one kind."""
        match kind:
            case VectorKind.MAINTENANCE:
                return self.maintenance
            case VectorKind.INITIAL:
                return self.initial
            case VectorKind.OVERDRAFT:
                return self.overdraft

    def field_prices(self) -> tuple[int, ...]:
        """e_i as field elements."""
        return tuple(map(to_field, self.effective_prices))

    def margin_values(self, kind: VectorKind = VectorKind.MAINTENANCE) -> dict[str, Value]:
        """The round signals of `margin` and `margin-lean`, by name: those of the kind that the proof is about."""
        margins = self.margins(kind)
        return {
            "effectivePrice": self.field_prices(),
            "marginPerUnit": margins.long,
            "shortExtra": margins.short_extra,
        }


@dataclass(frozen=True, slots=True)
class RiskInputs:
    """What `update` takes from a price round and its book: the same for every account.

    Attributes:
        vectors: of the round.
        long_only: bitmap: bit i is 1 when no account may be short of slot i: it is spot, has no asset, or was never
            priced (spec ZS-56).
        lambdas_ppm: how much of its spot an account may owe in the settlement currency: where it grows or pays out, and
            where it only shrinks [ppm], each at most 1e6 (spec ZS-59).
        reduce_only: bitmap: bit i is 1 when no account may grow in slot i (spec ZS-58). A signal of the proof and not
            of the round: a liquidator's may be another than a trader's.

    Raises:
        InputError: a bitmap has more bits than the book has slots, or a lambda is out of its range.
    """

    vectors: RoundVectors
    long_only: int
    lambdas_ppm: tuple[int, int]
    reduce_only: int = 0

    def __post_init__(self) -> None:
        for bitmap, slots in ((self.long_only, "long-only"), (self.reduce_only, "reduce-only")):
            if not 0 <= bitmap < 1 << self.vectors.n:
                raise InputError(f"risk inputs: the bitmap of {slots} slots has a bit that is no slot's")
        if any(not 0 <= share <= _PPM for share in self.lambdas_ppm):
            raise InputError("risk inputs: a lambda is outside 0 to 1,000,000 ppm")

    def values(self) -> dict[str, Value]:
        """Their signals of `update`, by name: those of the round, and `reduceOnly`."""
        return {
            "reduceOnly": self.reduce_only,
            "effectivePrice": self.vectors.field_prices(),
            "maintenancePerUnit": self.vectors.maintenance.long,
            "maintenanceShortExtra": self.vectors.maintenance.short_extra,
            "initialPerUnit": self.vectors.initial.long,
            "initialShortExtra": self.vectors.initial.short_extra,
            "longOnly": self.long_only,
            "lambdaInitial": self.lambdas_ppm[0],
            "lambdaMaintenance": self.lambdas_ppm[1],
        }


@dataclass(frozen=True, slots=True)
class ReleaseLimits:
    """How much of an account a takeover may take, and for what: parameters of one kind of margin.

    Attributes:
        floor_rate: the least rate of the auction [1e-4 of the margin taken]. Equity that does not pay it is not asked
            to pay.
        buffer_rate: the most health that may be left [1e-4 of the margin left].
        least_share: the least part of the margin of the sellable slots that is taken without a cure [1e-4].
        least_amount: a margin that is enough in its place [1e-18 USD], above 0 and below 2^150.
        dust: an account of at most this margin may be taken whole [1e-18 USD], below 2^150.

    Raises:
        InputError: a value out of its range. The statement assumes the ranges.
    """

    floor_rate: int
    buffer_rate: int
    least_share: int
    least_amount: int
    dust: int

    def __post_init__(self) -> None:
        if any(not 0 <= rate <= BASIS for rate in (self.floor_rate, self.buffer_rate, self.least_share)):
            raise InputError(f"release limits: a rate is outside 0 to {BASIS} [1e-4]")
        if not 0 < self.least_amount < 1 << _AMOUNT_BITS:
            raise InputError(f"release limits: the least amount is outside 0 < amount < 2^{_AMOUNT_BITS} [1e-18 USD]")
        if not 0 <= self.dust < 1 << _AMOUNT_BITS:
            raise InputError(f"release limits: dust is outside 0 <= dust < 2^{_AMOUNT_BITS} [1e-18 USD]")

    def values(self) -> dict[str, Value]:
        """Their signals of `release`, by name."""
        return {
            "floorRate": self.floor_rate,
            "bufferRate": self.buffer_rate,
            "leastShare": self.least_share,
            "leastAmount": self.least_amount,
            "dust": self.dust,
        }


@dataclass(frozen=True, slots=True)
class ReleaseInputs:
    """What `release` takes from a price round and its book at one kind of margin: the same for every account.

    Attributes:
        vectors: of the round.
        kind: maintenance or overdraft.
        sellable: bitmap: bit i is 1 when slot i may be taken from.
        limits: of a takeover at this kind.

    Raises:
        InputError: another kind, or a bit that is no slot's.
    """

    vectors: RoundVectors
    kind: VectorKind
    sellable: int
    limits: ReleaseLimits

    def __post_init__(self) -> None:
        require_margin_kind(self.kind)
        if not 0 <= self.sellable < 1 << self.vectors.n:
            raise InputError("release inputs: the bitmap of sellable slots has a bit that is no slot's")

    @classmethod
    def of_round(cls, vectors: RoundVectors, kind: VectorKind, limits: ReleaseLimits, *, spot: int, stale: int) -> Self:
        """Inputs with the slots that a kind sells: all but stale ones, at the overdraft kind spot alone (spec ZS-76).

        Args:
            vectors: of the round.
            kind: maintenance or overdraft.
            limits: of a takeover at this kind.
            spot: bitmap of the slots that hold a spot asset.
            stale: bitmap of the slots that keep an older price.
        """
        slots = spot if kind is VectorKind.OVERDRAFT else (1 << vectors.n) - 1
        return cls(vectors, kind, slots & ~stale, limits)

    @property
    def margins(self) -> MarginsPerUnit:
        """Margin per unit at the kind."""
        return self.vectors.margins(self.kind)

    def values(self) -> dict[str, Value]:
        """The round signals of `release`, by name."""
        return self.vectors.margin_values(self.kind) | {"sellable": self.sellable} | self.limits.values()


@dataclass(frozen=True, slots=True)
class SettlementPrices:
    """What a unit of each expired slot settles at: the same for all accounts.

    Attributes:
        effective: e_i of an expired slot [1e-9 USD], signed, |e_i| < 2^64. That of another slot counts nothing, and is
            0 by convention.

    Raises:
        InputError: a price out of its range. The statement assumes the range.
    """

    effective: tuple[int, ...]

    def __post_init__(self) -> None:
        _require_prices("settlement prices", self.effective)

    @classmethod
    def of_slots(cls, effective: Iterable[int], slots: int) -> Self:
        """Prices of expired slots, from those of every slot.

        Args:
            effective: e_i of every slot [1e-9 USD].
            slots: bitmap of the expired ones.
        """
        return cls(tuple(price if slots >> slot & 1 else 0 for slot, price in enumerate(effective)))

    @property
    def n(self) -> int:
        """Slots of the book."""
        return len(self.effective)

    def values(self) -> dict[str, Value]:
        """The round signals of `expire`, by name."""
        return {"settlementPrice": tuple(map(to_field, self.effective))}


@dataclass(frozen=True, slots=True)
class RoundInputs:
    """A price round of one book, as proof files name it.

    Attributes:
        book: digest of the book, in hex.
        round: digest of the round, in hex.
        vectors: of the round.
    """

    book: str
    round: str
    vectors: RoundVectors


def _require_prices(where: str, prices: Iterable[int]) -> None:
    if any(abs(price) >= 1 << PRICE_BITS for price in prices):
        raise InputError(f"{where}: an effective price is outside |e| < 2^{PRICE_BITS}")
