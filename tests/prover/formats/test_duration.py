"""Time spans in words."""

import pytest

from prover.formats import format_duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (7320, "2 h 2 min"), (90_000, "1 d 1 h")],
)
def test_a_duration_has_two_units_at_most(seconds: int, words: str) -> None:
    assert format_duration(seconds) == words
