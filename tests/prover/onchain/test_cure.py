"""The amount of a cure, which is public, tells two digits of what an account lacks (spec ZS-99)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.onchain._cure import coarse_up


@given(st.integers(1, 10**40), st.integers(0, 20))
def test_an_amount_is_rounded_up_to_two_digits_or_whole_units(amount: int, zeros: int) -> None:
    unit = 10**zeros
    coarse = coarse_up(amount, unit)
    assert coarse % unit == 0
    assert 0 <= coarse - amount < max(unit, amount / 9)
    assert len(str(coarse // unit).rstrip("0")) <= 2


@pytest.mark.parametrize(
    ("amount", "unit", "coarse"),
    [
        (1, 1, 1),
        (99, 1, 99),
        (100, 1, 100),
        (101, 1, 110),
        (5_097, 1, 5_100),
        (9_901, 1, 10_000),
        (1_234, 1_000, 2_000),
    ],
)
def test_amounts_at_the_edges(amount: int, unit: int, coarse: int) -> None:
    assert coarse_up(amount, unit) == coarse
