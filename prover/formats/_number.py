"""Numbers of exchanges and spreadsheets, read exactly: thousands separators, exponents, decimal commas."""

import re
from enum import StrEnum
from fractions import Fraction
from typing import Final

from verifier import InputError

_MAX_DIGITS: Final = 60
_MAX_EXPONENT: Final = 40
_SPACES: Final = "\u0020\u00a0\u2009\u202f'\u2019"
"""Thousands separators of every locale: spaces and apostrophes."""


class DecimalMark(StrEnum):
    """The sign between the whole and the fraction."""

    POINT = "point"
    COMMA = "comma"


def _pattern(mark: str, separators: str) -> re.Pattern[str]:
    grouped = rf"[0-9]{{1,3}}(?:(?P<separator>[{re.escape(separators)}])[0-9]{{3}}(?:(?P=separator)[0-9]{{3}})*)?"
    return re.compile(
        rf"(?P<sign>[+-]?)(?P<whole>{grouped}|[0-9]+)(?:{re.escape(mark)}(?P<fraction>[0-9]+))?"
        r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?",
        re.ASCII,
    )


_PATTERNS: Final = {
    DecimalMark.POINT: _pattern(".", f",{_SPACES}"),
    DecimalMark.COMMA: _pattern(",", f".{_SPACES}"),
}


def parse_number(text: str, where: str, mark: DecimalMark | None = DecimalMark.POINT) -> Fraction:
    """Read a number exactly.

    Args:
        text: such as "1,234.5", "1 234.5", "-6.5e-3"; with a decimal comma "1.234,5".
        where: names the value in an error. The value itself is not shown: it may be secret.
        mark: the decimal mark; None where either may be meant. Then a number that both read, each in its own way, is
            refused: "1.234" is 1.234 or 1234.

    Raises:
        InputError: not a number, too many digits, or two readings.
    """
    cleaned = text.strip().replace("\u2212", "-")
    marks = list(DecimalMark) if mark is None else [mark]
    readings = {_value(match) for match in (_PATTERNS[each].fullmatch(cleaned) for each in marks) if match}
    if len(cleaned) > _MAX_DIGITS or not readings or None in readings:
        raise InputError(f"{where}: expected a number such as 1234.5, 1,234.5 or 6.5e-3{_hint(cleaned, mark)}")
    if len(readings) > 1:
        raise InputError(
            f"{where}: the number has two readings; name its decimal mark with --decimal point or --decimal comma"
        )
    value = readings.pop()
    assert value is not None  # noqa: S101 - refused above
    return value


def _value(match: re.Match[str]) -> Fraction | None:
    fraction, exponent = match["fraction"] or "", int(match["exponent"] or 0)
    if abs(exponent) > _MAX_EXPONENT:
        return None
    digits = "".join(filter(str.isdigit, match["whole"])) + fraction
    magnitude = Fraction(int(digits)) * Fraction(10) ** (exponent - len(fraction))
    return -magnitude if match["sign"] == "-" else magnitude


def _hint(text: str, mark: DecimalMark | None) -> str:
    return "; with a decimal comma, add --decimal comma" if mark is DecimalMark.POINT and "," in text else ""
