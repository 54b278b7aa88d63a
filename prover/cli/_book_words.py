"""Words that several commands of a margin book use."""

from typing import Final

POST_A_ROUND: Final = "post a new one: `zksolvency oracle sign --now`, then `zksolvency oracle post`"


def age_words(seconds: int) -> str:
    """A time span, in two units at most."""
    for name, length, smaller, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= length:
            rest = seconds % length // part
            return f"{seconds // length} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"
