"""Baby Jubjub, the twisted Edwards curve a x^2 + y^2 = 1 + d x^2 y^2 over the scalar field of BN254.

Source: Barry WhiteHat, Bellés, Baylina, "Baby Jubjub Elliptic Curve", ERC-2494: parameters, base point, addition law.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from verifier import SCALAR_MODULUS, InputError

_A: Final = 168700
_D: Final = 168696

SUBGROUP_ORDER: Final = 2736030358979909402780800718157159386076813972158567259200215660948447373041
"""l: order of the prime subgroup; the curve has 8 l points."""


NOT_ON_CURVE: Final = "point: not on the Baby Jubjub curve"
SMALL_ORDER: Final = "point: of small order"


@dataclass(frozen=True, slots=True)
class Point:
    """An affine point; the neutral element is (0, 1)."""

    x: int
    y: int

    def is_on_curve(self) -> bool:
        """Whether the coordinates are field elements that satisfy the curve equation."""
        x2, y2 = self.x * self.x, self.y * self.y
        in_field = 0 <= self.x < SCALAR_MODULUS and 0 <= self.y < SCALAR_MODULUS
        return in_field and (_A * x2 + y2 - 1 - _D * x2 * y2) % SCALAR_MODULUS == 0

    def __add__(self, other: "Point") -> "Point":
        """The complete addition law: a is a square and d is not, so no denominator is zero."""
        cross = _D * self.x * other.x * self.y * other.y
        x = (self.x * other.y + self.y * other.x) * pow(1 + cross, -1, SCALAR_MODULUS)
        y = (self.y * other.y - _A * self.x * other.x) * pow(1 - cross, -1, SCALAR_MODULUS)
        return Point(x % SCALAR_MODULUS, y % SCALAR_MODULUS)

    def __rmul__(self, scalar: int) -> "Point":
        """scalar * point by doubling and adding; scalar >= 0. Not constant in time: for the owner's own machine."""
        result, addend = NEUTRAL, self
        while scalar:
            if scalar & 1:
                result += addend
            addend += addend
            scalar >>= 1
        return result


NEUTRAL: Final = Point(0, 1)

BASE: Final = Point(
    5299619240641551281634865583518297030282874472190772894086521144482721001553,
    16950150798460657717958625567821834550301663161624707787222815936182638968203,
)
"""Generator of the subgroup of order l ("Base8" in circomlib)."""


def random_scalar() -> int:
    """A scalar in [1, l), uniform, from the operating system."""
    return 1 + secrets.randbelow(SUBGROUP_ORDER - 1)


def clear_cofactor(point: Point) -> Point:
    """8 * point, in the prime subgroup.

    Raises:
        InputError: the point is not on the curve, or is of small order: nothing secret could be agreed with it.
    """
    if not point.is_on_curve():
        raise InputError(NOT_ON_CURVE)
    cleared = 8 * point
    if cleared == NEUTRAL:
        raise InputError(SMALL_ORDER)
    return cleared
