"""The vectors of a price round, as statements take them (spec ZS-20, ZS-61)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from verifier._errors import InputError
from verifier._field import to_field
from verifier._statements import Value

PRICE_BITS: Final = 64
"""|e| and d are below 2^64 [1e-9 USD]."""


class VectorKind(StrEnum):
    """Which margin: to be left alone, or to increase risk."""

    MAINTENANCE = "maintenance"
    INITIAL = "initial"


@dataclass(frozen=True, slots=True)
class RoundVectors:
    """What a price round says of every slot of a book: the same for all accounts.

    Attributes:
        effective_prices: e_i [1e-9 USD], signed, |e_i| < 2^64.
        maintenance_per_unit: d_i at maintenance margin [1e-9 USD], 0 <= d_i < 2^64.
        initial_per_unit: d_i at initial margin [1e-9 USD], 0 <= d_i < 2^64.

    Raises:
        InputError: vectors of different lengths, or a value out of its range. Statements assume the ranges.
    """

    effective_prices: tuple[int, ...]
    maintenance_per_unit: tuple[int, ...]
    initial_per_unit: tuple[int, ...]

    def __post_init__(self) -> None:
        margins = (self.maintenance_per_unit, self.initial_per_unit)
        if any(len(vector) != self.n for vector in margins):
            raise InputError("round vectors: as many effective prices as margins per unit are needed")
        if any(abs(price) >= 1 << PRICE_BITS for price in self.effective_prices):
            raise InputError(f"round vectors: an effective price is outside |e| < 2^{PRICE_BITS}")
        if any(not 0 <= margin < 1 << PRICE_BITS for vector in margins for margin in vector):
            raise InputError(f"round vectors: a margin per unit is outside 0 <= d < 2^{PRICE_BITS}")

    @property
    def n(self) -> int:
        """Slots of the book."""
        return len(self.effective_prices)

    def margins_per_unit(self, kind: VectorKind) -> tuple[int, ...]:
        """d_i of one kind [1e-9 USD]."""
        match kind:
            case VectorKind.MAINTENANCE:
                return self.maintenance_per_unit
            case VectorKind.INITIAL:
                return self.initial_per_unit

    def field_prices(self) -> tuple[int, ...]:
        """e_i as field elements."""
        return tuple(map(to_field, self.effective_prices))

    def margin_values(self, kind: VectorKind = VectorKind.MAINTENANCE) -> dict[str, Value]:
        """The round signals of `margin` and `margin-lean`, by name."""
        return {"effectivePrice": self.field_prices(), "marginPerUnit": self.margins_per_unit(kind)}


@dataclass(frozen=True, slots=True)
class RiskInputs:
    """What `update` takes from a price round and its book: the same for every account.

    Attributes:
        vectors: of the round.
        long_only: bitmap: bit i is 1 when no account may be short of slot i: it is spot, or it bears no initial margin,
            as a slot without an asset (spec ZS-56).

    Raises:
        InputError: the bitmap has more bits than the book has slots.
    """

    vectors: RoundVectors
    long_only: int

    def __post_init__(self) -> None:
        if not 0 <= self.long_only < 1 << self.vectors.n:
            raise InputError("risk inputs: the bitmap of long-only slots has a bit that is no slot's")

    def values(self) -> dict[str, Value]:
        """The round signals of `update`, by name."""
        return {
            "effectivePrice": self.vectors.field_prices(),
            "maintenancePerUnit": self.vectors.maintenance_per_unit,
            "initialPerUnit": self.vectors.initial_per_unit,
            "longOnly": self.long_only,
        }


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
