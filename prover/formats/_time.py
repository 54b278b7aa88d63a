"""Times and time spans as people read them."""

from datetime import UTC, datetime
from typing import Final

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


def format_clock(timestamp: int) -> str:
    """Hours, minutes and seconds of a Unix time of these days, in UTC."""
    return format_utc(timestamp).partition(" ")[2]
