"""The blocks of code on the pages of the docs, and their commands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
GUIDES: Final = ROOT / "docs" / "guides"
LANGUAGES: Final = ("python", "solidity")

_INDENTED: Final = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
_FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets(page: Path) -> Iterator[tuple[str, int, str]]:
    """Language, number from 1 among those of its language, and text of each block of code."""
    counts = dict.fromkeys(LANGUAGES, 0)
    for language, text in _FENCED.findall(page.read_text()):
        if language in counts:
            counts[language] += 1
            yield language, counts[language], text


def snippet(page: Path, language: str, number: int) -> str:
    """The text of one block."""
    return next(text for found, count, text in snippets(page) if (found, count) == (language, number))


def run_python(page: Path, number: int, **names: Any) -> dict[str, Any]:
    """Run a block of Python with what the page calls by these names, and return all names after it."""
    code = compile(snippet(page, "python", number), f"{page.name}, block {number}", "exec")
    exec(code, names)  # noqa: S102 - it is our own page
    return names


def program_commands(text: str) -> list[list[str]]:
    """The words after `zksolvency` of each command that is indented by four; `$ ` may be before it."""
    lines = "".join(_INDENTED.findall(text)).replace("\\\n", " ").splitlines()
    found = (shlex.split(line.strip().removeprefix("$ "), comments=True) for line in lines if "zksolvency " in line)
    return [words[1:] for words in found if words and words[0].endswith("zksolvency")]
