"""Time spans as people read them."""

from typing import Final

_UNITS: Final = (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1))


def format_duration(seconds: int) -> str:
    """A time span of whole seconds, in two units at most: "1 d 3 h"."""
    for name, length, smaller, part in _UNITS:
        if seconds >= length:
            rest = seconds % length // part
            return f"{seconds // length} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"
