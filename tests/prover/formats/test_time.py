"""Times and time spans in words."""

import pytest

from prover.formats import format_clock, format_duration, format_iso, format_utc, parse_utc
from verifier import InputError


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min 59 s"), (7320, "2 h 2 min"), (90_000, "1 d 1 h")],
)
def test_a_duration_has_two_units_at_most(seconds: int, words: str) -> None:
    assert format_duration(seconds) == words


def test_times_are_in_utc_and_beyond_the_calendar_seconds() -> None:
    assert format_utc(0) == "1970-01-01 00:00:00 UTC"
    assert format_utc((1 << 64) - 1) == "18446744073709551615 s"
    assert format_clock(3_661) == "01:01:01 UTC"


def test_a_time_in_utc_is_read_as_it_was_written() -> None:
    assert parse_utc("2026-12-25T08:00:00Z", "t") == 1_798_185_600
    assert format_iso(1_798_185_600) == "2026-12-25T08:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-12-25",
        "2026-12-25T08:00:00",
        "2026-12-25T08:00:00+01:00",
        "2026-12-25T08:00:00.5Z",
        "2026-02-30T08:00:00Z",
        "1969-12-31T23:59:59Z",
    ],
)
def test_a_time_of_another_zone_or_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"where: .*is no time in UTC"):
        parse_utc(text, "where")
