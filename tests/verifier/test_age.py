"""verifier/_age.py: a round is fresh to the second."""

import pytest

from verifier import VerificationError, require_fresh


@pytest.mark.parametrize("timestamp", [1000, 941, 940])
def test_a_round_may_be_as_old_as_it_may(timestamp: int) -> None:
    require_fresh(timestamp, 1000, 60)


@pytest.mark.parametrize(
    ("timestamp", "max_age", "reason"),
    [(939, 60, "round-too-old"), (0, 999, "round-too-old"), (999, 0, "round-too-old"), (1001, 60, "round-from-future")],
)
def test_an_older_one_and_one_from_the_future_are_refused(timestamp: int, max_age: int, reason: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        require_fresh(timestamp, 1000, max_age)
    assert refusal.value.reason == reason
