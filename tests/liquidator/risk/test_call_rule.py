"""When owners are called: early enough, and never again and again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquidator.risk import CallRule, seconds_until
from liquidator.store import CallLevel, CallRecord

RULE = CallRule(early=0.5, urgent=0.2, safer=0.5, cooldown=1_000.0)
EARLY, URGENT = CallLevel.EARLY, CallLevel.URGENT


def calls(forecasts: list[tuple[float, float]], step: float = 100.0) -> list[tuple[float, CallLevel]]:
    """When an owner is called, and of what, along forecasts for an hour and a day."""
    told: CallRecord | None = None
    made = []
    for place, (hour, day) in enumerate(forecasts):
        now = place * step
        told = RULE.after(told, hour, day, now)
        if told is not None and told.told == now:
            made.append((now, told.level))
    return made


def test_an_owner_is_called_once_while_it_lasts() -> None:
    assert calls([(0.0, 0.4), *[(0.0, 0.6)] * 50]) == [(100.0, EARLY)]


def test_an_urgent_call_follows_an_early_one_at_once_and_never_the_other_way_round() -> None:
    assert calls([(0.0, 0.6), (0.3, 0.9), (0.05, 0.6), (0.3, 0.9)]) == [(0.0, EARLY), (100.0, URGENT)]


def test_a_forecast_that_swings_about_the_line_calls_once() -> None:
    """Hysteresis: 0.45 is not safer, whatever the cooldown."""
    assert calls([(0.0, 0.55), (0.0, 0.45)] * 40) == [(0.0, EARLY)]


def test_one_that_swings_widely_calls_once_a_cooldown() -> None:
    assert [when for when, _ in calls([(0.0, 0.9), (0.0, 0.0)] * 16)] == [0.0, 1_000.0, 2_000.0, 3_000.0]


def test_after_a_quiet_time_an_owner_is_called_again() -> None:
    assert [when for when, _ in calls([(0.0, 0.6), *[(0.0, 0.1)] * 12, (0.0, 0.6)])] == [0.0, 1_300.0]


def test_what_is_safer_is_remembered_until_the_cooldown_is_over() -> None:
    told = RULE.after(CallRecord(EARLY, 0.0), 0.0, 0.1, 500.0)
    assert told == CallRecord(EARLY, 0.0, is_over=True)
    assert RULE.after(told, 0.0, 0.1, 1_000.0) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=60))
def test_an_owner_never_gets_more_than_two_calls_a_cooldown(forecasts: list[tuple[float, float]]) -> None:
    made = [when for when, _ in calls(forecasts)]
    assert all(later - first >= RULE.cooldown for first, later in zip(made, made[2:], strict=False))


@pytest.mark.parametrize(
    ("probability", "seconds"), [(0.05, 30.0), (0.1, 60.0), (0.2, 600.0), (0.3, 1_100.0), (0.5, 3_000.0)]
)
def test_the_time_until_a_probability_is_linear_between_horizons(probability: float, seconds: float) -> None:
    assert seconds_until([0.1, 0.2, 0.4], [60.0, 600.0, 1_600.0], probability) == (
        pytest.approx(seconds) if probability <= 0.4 else 1_600.0
    )


def test_a_probability_that_was_there_from_the_start_leaves_no_time() -> None:
    assert seconds_until([1.0, 1.0], [60.0, 600.0], 0.1) == pytest.approx(6.0)
