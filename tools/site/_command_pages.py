"""The reference of the program, from the command tree that it runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import PurePosixPath
from typing import Any, Final

from typer.main import get_command

from tools.site._markdown import block, code, escaped, page

FOLDER: Final = PurePosixPath("reference/commands")
_PROGRAM: Final = "zksolvency"
_AS_WRITTEN: Final = "\b\n"
"""With this a paragraph of a help page begins whose lines stay as they are."""


@dataclass(frozen=True)
class Command:
    """A command or a group.

    Attributes:
        words: its name after that of the program; empty for the program itself.
        command: as typer has it.
    """

    words: tuple[str, ...]
    command: Any

    @property
    def name(self) -> str:
        """As it is typed."""
        return " ".join((_PROGRAM, *self.words))

    @property
    def children(self) -> Iterator["Command"]:
        """The commands of a group, loaded."""
        for name, child in getattr(self.command, "commands", {}).items():
            yield Command((*self.words, name), child.load() if hasattr(child, "load") else child)

    @property
    def below(self) -> Iterator["Command"]:
        """Itself, and all commands below it."""
        yield self
        for child in self.children:
            yield from child.below

    @property
    def location(self) -> str:
        """Page and heading of the site."""
        return f"{FOLDER / self.words[0]}.md#{'-'.join((_PROGRAM, *self.words))}"


def program() -> Command:
    """The program with its whole tree, as it is installed."""
    (entry,) = entry_points(group="console_scripts", name=_PROGRAM)
    return Command((), get_command(import_module(entry.module).app))


def command_pages() -> dict[PurePosixPath, str]:
    """A page for each command of the first level, and an index with the help of the program itself."""
    root = program()
    pages = {
        FOLDER / f"{each.words[0]}.md": page(*(part for item in each.below for part in _parts(item)))
        for each in root.children
    }
    pages[FOLDER / "index.md"] = _index_page(root)
    return pages


def _index_page(root: Command) -> str:
    lists = [
        f"- [{code(each.name)}]({each.words[0]}.md): {escaped(root.command.commands[each.words[0]].short_help)}"
        for each in root.children
    ]
    names = [each.words[0] for each in root.children]
    return page(
        "# Commands",
        "Every command of `zksolvency`, as its own `--help` has it. With `--json`, each prints one JSON object.",
        *_text(root.command.help),
        "\n".join(lists),
        *_text(root.command.epilog),
        "\n".join(["```{toctree}", ":hidden:", *names, "```"]),
    )


def _parts(item: Command) -> Iterator[str]:
    yield f"{'#' * min(len(item.words), 3)} {item.name}"
    yield from _text(item.command.help)
    context = _context(item)
    if not getattr(item.command, "commands", None):
        yield block(f"{item.name} {' '.join(item.command.collect_usage_pieces(context))}")
    yield "\n\n".join(_options(item, context))
    yield from _text(item.command.epilog)


def _context(item: Command) -> Any:
    return item.command.context_class(item.command, info_name=item.name)


def _options(item: Command, context: Any) -> Iterator[str]:
    for parameter in item.command.params:
        record = parameter.get_help_record(context)
        if record and record[0] != "--help":
            yield f"{code(_without_type(record[0]))}\n: {escaped(record[1])}"


def _without_type(name: str) -> str:
    """An argument without the type that typer adds: PROOF..., not PROOF... <list[Path]>."""
    return name if name.startswith("-") else name.partition(" <")[0]


def _text(text: str | None) -> Iterator[str]:
    """Paragraphs of a help page: what stays as it is becomes a block, below its title where it has one."""
    for paragraph in re.split(r"\n\s*\n", (text or "").replace("\f", "").strip()):
        if not paragraph.startswith(_AS_WRITTEN):
            yield escaped(paragraph)
            continue
        title, _, lines = paragraph.removeprefix(_AS_WRITTEN).partition("\n")
        if title.endswith(":") and not title.startswith(" "):
            yield escaped(title)
            yield block(re.sub(r"^  ", "", lines, flags=re.MULTILINE))
        else:
            yield block(f"{title}\n{lines}")
