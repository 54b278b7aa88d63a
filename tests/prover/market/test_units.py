"""Decimal strings are read exactly or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.market import format_decimal, parse_decimal
from verifier import InputError


@given(st.integers(-(1 << 150), 1 << 150), st.integers(0, 18))
def test_writing_and_reading_gives_the_same_number(units: int, decimals: int) -> None:
    assert parse_decimal(format_decimal(units, decimals), decimals, "amount") == units


@pytest.mark.parametrize(
    ("text", "units"),
    [("0", 0), ("-0", 0), ("1", 10**9), ("+1.5", 15 * 10**8), ("0.000000001", 1), ("1.500000000000", 15 * 10**8)],
)
def test_reads(text: str, units: int) -> None:
    assert parse_decimal(text, 9, "amount") == units


@pytest.mark.parametrize(
    "value",
    [1.5, 1, None, True, "", "1e5", "1,5", ".5", "5.", "0x10", "٣", "1_000", "nan", "1.0000000001", "9" * 61, ["1"]],
)
def test_refuses_what_would_lose_digits_or_is_no_decimal(value: object) -> None:
    with pytest.raises(InputError, match="amount"):
        parse_decimal(value, 9, "amount")


def test_error_does_not_show_the_amount() -> None:
    with pytest.raises(InputError) as caught:
        parse_decimal("123456789.1234567891", 9, "amount")
    assert "123456789" not in str(caught.value)
