"""Amounts as people read them: dollars and cents, prices, ratios. The exact form is `format_decimal`."""

from fractions import Fraction
from typing import Final

from prover.market._units import PRICE_DECIMALS, QUOTE_DECIMALS, format_decimal

PERCENT_DECIMALS: Final = 4
"""One ppm is 0.0001 %."""

_CENTS: Final = 2


def format_usd_down(units: int) -> str:
    """An amount [1e-18 USD] in dollars and cents, rounded down: a health of -1 unit still shows as negative."""
    cents = units // 10 ** (QUOTE_DECIMALS - _CENTS)
    return _grouped(cents, _CENTS)


def format_usd_up(units: int) -> str:
    """An amount [1e-18 USD] in dollars and cents, rounded up."""
    cents = -(-units // 10 ** (QUOTE_DECIMALS - _CENTS))
    return _grouped(cents, _CENTS)


def format_price(units: int) -> str:
    """A price [1e-9 USD], exact, thousands set apart."""
    whole, point, fraction = format_decimal(units, PRICE_DECIMALS).partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole != "-0" else f"-0{point}{fraction}"


def format_price_rounded(units: int) -> str:
    """A price [1e-9 USD] to four decimals, for where its last digits say nothing."""
    return format_price(round(units, 4 - PRICE_DECIMALS))


def format_percent(part: int, whole: int) -> str:
    """part / whole in per cent with one decimal, and its sign."""
    return f"{float(Fraction(100 * part, whole)):+.1f}%"


def format_ppm(ppm: int) -> str:
    """A fraction [ppm] in per cent, exact."""
    return f"{format_decimal(ppm, PERCENT_DECIMALS)} %"


def format_ratio(value: Fraction) -> str:
    """A ratio to three decimals, rounded down: what shows as 1.000 has reached the line."""
    thousandths = value.numerator * 1000 // value.denominator
    return _grouped(thousandths, 3)


def _grouped(units: int, decimals: int) -> str:
    whole, fraction = divmod(abs(units), 10**decimals)
    return f"{'-' if units < 0 else ''}{whole:,}.{fraction:0{decimals}d}"
