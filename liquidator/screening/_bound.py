"""How far health in floating point may be from the exact one (docs/screening.md has the proof).

An error is a part of the account's gross exposure: the sum of its parts, each times its reference weight, as it was
computed in floating point.
"""

from collections.abc import Sequence
from typing import Final

UNIT_ROUNDOFF: Final = 2.0**-53
"""The relative error of one operation in float64."""

SLACK: Final = 1 + 2.0**-20
"""Covers the roundings of the bound itself: far fewer than 2^30 operations on numbers that are not negative."""


def gamma(roundings: int) -> float:
    """The relative error of a product of this many factors 1 + d, |d| <= u."""
    return roundings * UNIT_ROUNDOFF / (1 - roundings * UNIT_ROUNDOFF)


def largest_ratio(weights: Sequence[int], references: Sequence[int]) -> float:
    """The largest |weight| / reference: 0 where all weights are 0, infinite where one has no reference."""
    ratios = (
        abs(weight) / reference if reference else float("inf")
        for weight, reference in zip(weights, references, strict=True)
        if weight
    )
    return max(ratios, default=0.0)


def full_error(terms: int, ratio: float) -> float:
    """Error of a sum of products of parts and weights.

    Args:
        terms: products in the sum.
        ratio: of the weights to the references.
    """
    roundings = gamma(terms + 2)  # two conversions, a product, and at most terms - 1 additions
    return roundings / (1 - roundings) * ratio * SLACK


def updated_error(error: float, terms: int, steps: int, ratio: float, change: float) -> float:
    """Error after the changes of some weights were added, asset by asset.

    Args:
        error: before.
        terms: products in a whole sum.
        steps: assets whose changes were added.
        ratio: of the weights before to the references.
        change: of the changes of the weights to the references.
    """
    added = gamma(steps) * ratio + gamma(steps + 4) * change
    return (error * (1 + gamma(steps)) + added / (1 - gamma(terms + 2))) * SLACK
