"""What a screening finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from numpy import float64
from numpy.typing import NDArray

from verifier import VectorKind


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedGround:
    """All accounts at one ground. Secret.

    Attributes:
        surely_below: health in floating point [1e-18 USD] of the accounts below the line by more than the bound, by
            identity.
        decided: exact health [1e-18 USD] of the accounts within the bound, by identity.
        health: of each row [1e-18 USD], in floating point.
        gross: exposure of each row, as the bound counts it [1e-18 USD].
        error: health differs from the exact one by at most this part of gross.
    """

    surely_below: Mapping[int, float] = field(repr=False)
    decided: Mapping[int, int] = field(repr=False)
    health: NDArray[float64] = field(repr=False)
    gross: NDArray[float64] = field(repr=False)
    error: float

    @property
    def bound(self) -> NDArray[float64]:
        """Health of each row differs by at most this from the exact one [1e-18 USD]."""
        return self.error * self.gross

    @property
    def below(self) -> dict[int, float]:
        """Health of all accounts with health < 0, by identity: exactly those of `assess`."""
        return {**self.surely_below, **{identity: health for identity, health in self.decided.items() if health < 0}}


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """All accounts at one round. Later changes of the matrix do not change it.

    Attributes:
        identities: of the accounts, one a row.
        grounds: what was found at each kind of margin.
    """

    identities: Sequence[int]
    grounds: Mapping[VectorKind, ScreenedGround]
