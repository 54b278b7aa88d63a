"""Margin claims: what a proof of `margin` or `margin-lean` says (spec ZS-20)."""

from dataclasses import dataclass
from typing import Final

from verifier._errors import InputError
from verifier._field import SCALAR_MODULUS
from verifier._rounds import RoundVectors, VectorKind
from verifier._statements import STATEMENTS, Value

RECIPIENT_BITS: Final = 160
"""A recipient is an Ethereum address."""


@dataclass(frozen=True, slots=True)
class MarginClaim:
    """The claim of a margin proof, without its round and kind.

    Attributes:
        commitment: commitment to the account, a field element.
        healthy: True: it meets margin; False: it does not, and may be liquidated.
        recipient: address bound into the proof, as an integer below 2^160; 0 for none.
    """

    commitment: int
    healthy: bool
    recipient: int

    def __post_init__(self) -> None:
        if not 0 <= self.commitment < SCALAR_MODULUS:
            raise InputError("commitment: not below the scalar modulus")
        if not 0 <= self.recipient < 1 << RECIPIENT_BITS:
            raise InputError("recipient: not an address of 20 bytes")

    def values(self) -> dict[str, Value]:
        """The signals of the proof, by name."""
        return {"commitment": self.commitment, "healthy": int(self.healthy), "recipient": self.recipient}

    def signals(self, vectors: RoundVectors, kind: VectorKind = VectorKind.MAINTENANCE) -> tuple[int, ...]:
        """The public signals at a round and a kind of margin, in the order of `margin` and `margin-lean`."""
        return STATEMENTS["margin"].arrange(self.values() | vectors.margin_values(kind), vectors.n)
