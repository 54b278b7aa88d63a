"""prover/formats/_number.py: a number has one reading, or none."""

from fractions import Fraction

import pytest

from prover.formats import DecimalMark, parse_number
from verifier import InputError

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("6.5", POINT, Fraction(13, 2)),
        ("-22.75", POINT, Fraction(-91, 4)),
        ("+1", POINT, Fraction(1)),
        (" 007 ", POINT, Fraction(7)),
        ("\u22126.5", POINT, Fraction(-13, 2)),
        ("1,234,567.5", POINT, Fraction(2469135, 2)),
        ("1 234 567.5", POINT, Fraction(2469135, 2)),
        ("1\u00a0234", POINT, Fraction(1234)),
        ("1'234.5", POINT, Fraction(2469, 2)),
        ("6.5e-3", POINT, Fraction(13, 2000)),
        ("1E+05", POINT, Fraction(100_000)),
        ("1e-9", POINT, Fraction(1, 10**9)),
        ("1e40", POINT, Fraction(10**40)),
        ("1.234,5", COMMA, Fraction(2469, 2)),
        ("1,234", COMMA, Fraction(1234, 1000)),
        ("1.234", COMMA, Fraction(1234)),
        ("97150.5", None, Fraction(194301, 2)),
        ("97150,5", None, Fraction(194301, 2)),
        ("1.234,5", None, Fraction(2469, 2)),
        ("1 234", None, Fraction(1234)),
        ("12", None, Fraction(12)),
    ],
)
def test_a_number_is_read_exactly(text: str, mark: DecimalMark | None, value: Fraction) -> None:
    assert parse_number(text, "x", mark) == value


@pytest.mark.parametrize("text", ["1.234", "1,234", "-1.000"])
def test_a_number_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="two readings") as refusal:
        parse_number(text, "line 3", None)
    assert "234" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        *["", "-", ".", "1.", ".5", "nan", "inf", "1,2", "1,2345", "1,234 567", "12,34.5", "1.2.3", "0x1", "5 BTC"],
        *["$5", "(5)", "1e", "1e41", "1e-41", "1e999", "\u0661", "1_000", "--1", "7" * 61],
    ],
)
def test_anything_else_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InputError, match=r"^line 3: expected a number") as refusal:
        parse_number(text, "line 3")
    assert len(text) < 4 or text not in str(refusal.value)


def test_a_decimal_comma_is_named_as_the_likely_reason() -> None:
    with pytest.raises(InputError, match="add --decimal comma"):
        parse_number("97150,5", "line 3")
