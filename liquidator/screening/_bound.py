"""How far health in floating point may be from the exact one (docs/screening.md has the proof).

Bounds are multiples of an account's gross exposure: the sum of its parts, each times its reference weight.
"""

from collections.abc import Sequence
from typing import Final

UNIT_ROUNDOFF: Final = 2.0**-53
"""The relative error of one operation in float64."""

SLACK: Final = 1 + 2.0**-20
"""Covers what the computation of a bound rounds itself: at most 2^20 operations on numbers that are not negative."""


def gamma(operations: int) -> float:
    """The relative error of a product of this many factors (1 + d), |d| <= u."""
    return operations * UNIT_ROUNDOFF / (1 - operations * UNIT_ROUNDOFF)


def largest_ratio(weights: Sequence[int], references: Sequence[int]) -> float:
    """The largest |weight| / reference; infinite where a weight has no reference."""
    return max(
        abs(weight) / reference if reference else float("inf")
        for weight, reference in zip(weights, references, strict=True)
        if weight
    )


def full_error(terms: int, ratio: float) -> float:
    """Error of a sum of products, as a part of the computed gross exposure.

    Args:
        terms: products in the sum.
        ratio: of weights to references.
    """
    relative = gamma(terms + 2)
    return relative / (1 - relative) * ratio * SLACK


def updated_error(error: float, terms: int, moved: int, ratio: float, change: float) -> float:
    """Error after products of the changes of some weights were added, as a part of the computed gross exposure.

    Args:
        error: before.
        terms: products in a whole sum.
        moved: products that were added.
        ratio: of the weights before to references.
        change: of the changes of weights to references.
    """
    added = gamma(moved) * ratio + gamma(moved + 3) * change
    return (error * (1 + gamma(moved)) + added / (1 - gamma(terms + 2))) * SLACK
