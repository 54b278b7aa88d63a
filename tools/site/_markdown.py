"""Markdown from texts that are not Markdown: of NatSpec, help pages and messages."""

import re
from collections.abc import Sequence
from typing import Final

_SPECIAL: Final = re.compile(r"([\\_<>\[\]|#~$]|^\*)")
_BAR: Final = re.compile(r"(?<!\\)\|")
_CODE: Final = re.compile(r"(`[^`]*`)")


def escaped(text: str) -> str:
    """A text whose characters mean themselves, but for code in backticks, on one line."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(part if place % 2 else _SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts))


def code(text: str) -> str:
    """Text in the type of code."""
    return f"`{text}`"


def block(text: str, language: str = "text") -> str:
    """Lines of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; none without rows."""
    if not rows:
        return ""
    cells = ([_BAR.sub(r"\|", cell) for cell in row] for row in rows)
    lines = [titles, ["---"] * len(titles), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(*parts: str) -> str:
    """Blocks of a page, without the empty ones, an empty line between them."""
    return "\n\n".join(filter(None, (part.strip("\n") for part in parts))) + "\n"
