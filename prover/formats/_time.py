"""Times and time spans as people read them."""

from datetime import UTC, datetime
from typing import Final

from verifier import InputError

_UNITS: Final = (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1))


def format_duration(seconds: int) -> str:
    """A time span of whole seconds, in two units at most: "1 d 3 h"."""
    for name, length, smaller, part in _UNITS:
        if seconds >= length:
            rest = seconds % length // part
            return f"{seconds // length} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


def format_utc(timestamp: int) -> str:
    """A Unix time in UTC; beyond the calendar, the seconds themselves."""
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{timestamp} s"


def parse_utc(text: str, where: str) -> int:
    """A Unix time from ISO 8601 in UTC, to the second: "2026-12-25T08:00:00Z".

    Args:
        text: the time.
        where: what to call it in an error.

    Raises:
        InputError: of another form, of another time zone, or before 1970.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or not text.endswith("Z") or time.microsecond or time.timestamp() < 0:
        raise InputError(f"{where}: {text[:40]!r} is no time in UTC such as 2026-12-25T08:00:00Z")
    return int(time.timestamp())


def format_iso(timestamp: int) -> str:
    """A Unix time as `parse_utc` reads it."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_clock(timestamp: int) -> str:
    """Hours, minutes and seconds of a Unix time of these days, in UTC."""
    return format_utc(timestamp).partition(" ")[2]
