"""Margin claims and the round that they are about: the public signals of `margin` and `margin-lean` (spec ZS-20)."""

from dataclasses import dataclass
from typing import Final

from verifier._errors import InputError
from verifier._field import SCALAR_MODULUS, to_field

PRICE_BITS: Final = 64
"""|e| and d are below 2^64 [1e-9 USD]."""

RECIPIENT_BITS: Final = 160
"""A recipient is an Ethereum address."""


@dataclass(frozen=True, slots=True)
class RoundInputs:
    """What a margin statement takes from a price round: the same for every account of a book.

    Attributes:
        book: digest of the book, in hex.
        round: digest of the round, in hex.
        effective_prices: e_i [1e-9 USD], |e_i| < 2^64.
        margins_per_unit: d_i [1e-9 USD], 0 <= d_i < 2^64.
    """

    book: str
    round: str
    effective_prices: tuple[int, ...]
    margins_per_unit: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.effective_prices) != len(self.margins_per_unit):
            raise InputError("round inputs: as many effective prices as margins per unit are needed")
        if any(abs(price) >= 1 << PRICE_BITS for price in self.effective_prices):
            raise InputError("round inputs: an effective price is outside |e| < 2^64")
        if any(not 0 <= margin < 1 << PRICE_BITS for margin in self.margins_per_unit):
            raise InputError("round inputs: a margin per unit is outside 0 <= d < 2^64")

    @property
    def n(self) -> int:
        """Assets of the book."""
        return len(self.effective_prices)

    def signals(self) -> tuple[int, ...]:
        """e then d, as field elements."""
        return tuple(to_field(value) for value in (*self.effective_prices, *self.margins_per_unit))


@dataclass(frozen=True, slots=True)
class MarginClaim:
    """What one margin proof says, beside its round.

    Attributes:
        commitment: commitment to the account, a field element.
        healthy: True: it meets maintenance margin; False: it does not, and may be liquidated.
        recipient: address bound into the proof, as an integer below 2^160; 0 for nobody.
    """

    commitment: int
    healthy: bool
    recipient: int

    def __post_init__(self) -> None:
        if not 0 <= self.commitment < SCALAR_MODULUS:
            raise InputError("commitment: not below the scalar modulus")
        if not 0 <= self.recipient < 1 << RECIPIENT_BITS:
            raise InputError("recipient: not an address of 20 bytes")

    def signals(self) -> tuple[int, ...]:
        """commitment, healthy, recipient."""
        return (self.commitment, int(self.healthy), self.recipient)


def margin_signals(claim: MarginClaim, inputs: RoundInputs) -> tuple[int, ...]:
    """The public signals of `margin` and `margin-lean`: commitment, healthy, recipient, e[N], d[N]."""
    return claim.signals() + inputs.signals()
