"""Amounts as people read them, rounded in the direction that their name says."""

from fractions import Fraction

import pytest

from prover.market import (
    format_percent,
    format_ppm,
    format_price,
    format_price_rounded,
    format_ratio,
    format_usd_down,
    format_usd_up,
)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (format_usd_down(10**18), "1.00"),
        (format_usd_down(-1), "-0.01"),
        (format_usd_down(10**16 - 1), "0.00"),
        (format_usd_down(-1234567 * 10**18), "-1,234,567.00"),
        (format_usd_up(1), "0.01"),
        (format_usd_up(10**16), "0.01"),
        (format_price(97_150_500_000_000), "97,150.5"),
        (format_price(-310_000_000), "-0.31"),
        (format_price(1), "0.000000001"),
        (format_price_rounded(67_022_181_234_567), "67,022.1812"),
        (format_percent(-310, 1000), "-31.0%"),
        (format_ppm(5_000), "0.5 %"),
        (format_ppm(1), "0.0001 %"),
    ],
)
def test_figures_for_people(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_ratio_below_the_line_never_shows_as_on_it() -> None:
    assert format_ratio(Fraction(1)) == "1.000"
    assert format_ratio(1 - Fraction(1, 10**30)) == "0.999"
