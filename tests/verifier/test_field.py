"""Signed integers keep their sign in the scalar field, or are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import SCALAR_MODULUS, from_field, to_field

HALF = SCALAR_MODULUS // 2


@given(st.integers(-HALF, HALF))
def test_encoding_can_be_undone(value: int) -> None:
    assert from_field(to_field(value)) == value
    assert 0 <= to_field(value) < SCALAR_MODULUS


@pytest.mark.parametrize("value", [HALF + 1, -HALF - 1, SCALAR_MODULUS])
def test_refuses_what_would_change_sign(value: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        to_field(value)
