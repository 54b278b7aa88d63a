"""Decimal strings to exact integers and back (docs/units.md).

Amounts in files are decimal strings: a JSON number would have passed through a float and lost digits.
"""

import re
from typing import Final

from verifier import InputError

BALANCE_DECIMALS: Final = 9
"""A balance counts 1e-9 of a token or contract."""

PRICE_DECIMALS: Final = 9
"""A price counts 1e-9 USD."""

QUOTE_DECIMALS: Final = 18
"""Quote, equity, margin and health count 1e-18 USD: a balance times a price."""

PPM: Final = 1_000_000
"""A fraction of one in parts per million."""

BALANCE_BITS: Final = 80
"""|balance| < 2^80."""

QUOTE_BITS: Final = 144
"""|quote| < 2^144."""

HEALTH_BITS: Final = 152
"""|health| < 2^152."""

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{1,60})(?:\.([0-9]{1,60}))?", re.ASCII)


def is_balance(value: int) -> bool:
    """Whether a balance of one asset [1e-9 token] is in its range."""
    return abs(value) < 1 << BALANCE_BITS


def is_quote(value: int) -> bool:
    """Whether an amount of the settlement currency [1e-18 USD] is in its range."""
    return abs(value) < 1 << QUOTE_BITS


def parse_decimal(value: object, decimals: int, where: str) -> int:
    """Read a decimal string exactly.

    Args:
        value: such as "-1.25"; a float or an int is refused, exponents too.
        decimals: digits after the point that the unit holds.
        where: names the value in an error. The value itself is not shown: it may be secret.

    Returns:
        The number of units.

    Raises:
        InputError: not a decimal string, or more digits after the point than the unit holds.
    """
    if not isinstance(value, str):
        raise InputError(f'{where}: write the amount as a decimal string such as "1.25"; a JSON number loses digits')
    match = _DECIMAL.fullmatch(value.strip())
    if match is None:
        raise InputError(f'{where}: expected a decimal string such as "1.25"')
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(fraction) > decimals:
        raise InputError(f"{where}: at most {decimals} digits after the point can be held exactly")
    magnitude = int(whole + fraction.ljust(decimals, "0"))
    return -magnitude if sign == "-" else magnitude


def format_decimal(units: int, decimals: int) -> str:
    """Write a number of units as the shortest exact decimal string: the inverse of `parse_decimal`."""
    whole, fraction = divmod(abs(units), 10**decimals)
    text = f"{whole}.{fraction:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{text}" if units < 0 else text
