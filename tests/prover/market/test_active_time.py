"""The reference of active time, against a count of every second."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

from prover.market import LEVELS, ActiveTime

START, GRACE, LAPSE = 1_000, 60, 90


def test_a_level_that_guardians_raised_stops_it_and_the_ones_below_and_a_grace_follows() -> None:
    clock = ActiveTime(START, GRACE)
    clock.raise_to(2, START + 100)
    assert [clock.active(level, START + 150) for level in LEVELS] == [100, 100, 150]
    clock.lower_to(1, START + 200)
    assert [clock.active(level, START + 261) for level in LEVELS] == [100, 101, 261]
    clock.lower_to(0, START + 300)
    assert [clock.active(level, START + 360) for level in LEVELS] == [100, 200, 360]
    assert [clock.active(level, START + 361) for level in LEVELS] == [101, 201, 361]


def test_no_grace_follows_a_trip_which_lapses_by_itself() -> None:
    clock = ActiveTime(START, GRACE)
    clock.trip(START + 190, START + 100)
    assert [clock.level(START + seconds) for seconds in (99, 189, 190)] == [3, 3, 0]
    assert clock.active(1, START + 190) == 100
    assert clock.active(1, START + 200) == 110
    clock.trip(START + 400, START + 300)
    clock.trip(START + 350, START + 310)
    clock.clear(START + 320)
    assert [clock.active(level, START + 320) for level in LEVELS] == [210] * 3
    assert clock.active(1, START + 420) == 310


def test_a_longer_trip_ends_as_one_with_the_one_before() -> None:
    clock = ActiveTime(START, GRACE)
    clock.trip(START + 100, START + 10)
    clock.trip(START + 200, START + 20)
    clock.clear(START + 30)
    assert clock.active(1, START + 50) == 30


def test_silence_counts_without_a_call_and_a_grace_follows() -> None:
    clock = ActiveTime(START, GRACE)
    assert clock.active(1, START + 300, silent_since=START + 100) == 100
    clock.end_silence(START + 100, START + 300)
    assert [clock.active(1, START + seconds) for seconds in (300, 360, 361)] == [100, 100, 101]


@dataclass
class Counted:
    """The same second by second: what holds at the start of a second holds for all of it."""

    now: int = START
    raised: int = 0
    tripped_until: int = 0
    silent_since: int = 0
    grace_until: list[int] = field(default_factory=lambda: [0] * 4)
    total: list[int] = field(default_factory=lambda: [0] * 4)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            for level in LEVELS:
                is_stopped = self.raised >= level or self.now < self.tripped_until or self.silent_since
                self.total[level] += not is_stopped and self.now >= self.grace_until[level]
            self.now += 1


STEP = st.tuples(
    st.integers(0, 150), st.sampled_from(["raise", "lower", "trip", "clear", "silence", "sound"]), st.integers(0, 3)
)


@examples(3_000)
def test_active_time_is_what_a_count_of_every_second_finds(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.lists(STEP, max_size=15))
    def holds(steps: list[tuple[int, str, int]]) -> None:
        clock, counted = ActiveTime(START, GRACE), Counted()
        for seconds, action, level in steps:
            counted.wait(seconds)
            now = counted.now
            if action == "raise":
                clock.raise_to(level, now)
                counted.raised = max(counted.raised, level)
            elif action == "lower" and level < counted.raised:
                clock.lower_to(level, now)
                for each in range(level + 1, counted.raised + 1):
                    counted.grace_until[each] = now + GRACE
                counted.raised = level
            elif action == "trip":
                clock.trip(now + LAPSE, now)
                counted.tripped_until = max(counted.tripped_until, now + LAPSE)
            elif action == "clear":
                clock.clear(now)
                counted.tripped_until = min(counted.tripped_until, now)
            elif action == "silence" and not counted.silent_since:
                counted.silent_since = now
            elif action == "sound" and counted.silent_since:
                clock.end_silence(counted.silent_since, now)
                counted.silent_since = 0
                counted.grace_until = [max(until, now + GRACE) for until in counted.grace_until]
            for each in LEVELS:
                assert clock.active(each, now, counted.silent_since) == counted.total[each]

    holds()
