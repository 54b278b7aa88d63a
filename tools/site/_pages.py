"""Which pages of the repository the site has, and their links in it."""

import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from tools.site._command_pages import Command
from tools.site._solidity import ROOT
from verifier import InputError

INDEX: Final = PurePosixPath("docs/README.md")
"""Its part "All pages" is the table of contents of the site."""

_ALL_PAGES: Final = "## All pages"
_LINK: Final = re.compile(r"(?P<before>\]\()(?P<target>(?!https?:)[^)#\s]*)(?P<anchor>#[^)\s]*)?\)")
_FENCE: Final = re.compile(r"(^```[^\n]*\n.*?^```$|(?:^    [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"(\[?)`([^`]+)`")
_HEADING: Final = re.compile(r"^(#.*)$", re.MULTILINE)


def sections() -> dict[str, dict[PurePosixPath, str]]:
    """The pages of the site by section: their titles by their paths in the repository."""
    _, _, listed = (ROOT / INDEX).read_text(encoding="utf-8").partition(_ALL_PAGES)
    found: dict[str, dict[PurePosixPath, str]] = {}
    for part in re.split(r"^### ", listed, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        links = re.findall(r"^- \[([^]]*)\]\(([^)]*)\)", text, re.MULTILINE)
        found[title] = {_normal(INDEX.parent / target): name for name, target in links}
    return found


def _normal(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(os.path.normpath(path))


def place(path: PurePosixPath) -> PurePosixPath:
    """Where the site has a page: docs/spec.md is spec.md, contracts/README.md is project/contracts.md."""
    if path == INDEX:
        return PurePosixPath("index.md")
    if path.parts[0] == "docs":
        return path.relative_to("docs")
    name = "-".join(path.parent.parts) if path.stem == "README" else path.stem
    return PurePosixPath("project") / f"{(name or path.stem).lower()}.md"


class Relocation:
    """Moves pages to their places, with their links.

    Args:
        pages: paths in the repository of all pages that the site has.
        contracts: where the site has the reference of a contract, by the path of its source.
        commands: the commands of the program, which code in a page is linked with.
    """

    def __init__(
        self, pages: list[PurePosixPath], contracts: Mapping[str, PurePosixPath], commands: list[Command]
    ) -> None:
        self._places: dict[str, PurePosixPath] = {str(path): place(path) for path in pages} | dict(contracts)
        self._commands = {" ".join(each.words): each.location for each in commands if each.words}
        self.files: dict[PurePosixPath, Path] = {}
        """What the moved pages link to beside pages, by place."""

    def moved(self, path: PurePosixPath) -> str:
        """The text of a page for its place.

        Raises:
            InputError: it links to nothing.
        """
        parts = _FENCE.split((ROOT / path).read_text(encoding="utf-8"))
        return "".join(part if number % 2 else self._linked(part, path) for number, part in enumerate(parts))

    def _linked(self, text: str, path: PurePosixPath) -> str:
        text = re.sub(r"\[([^]]*)\]\(([^)#]*)\)", lambda match: self._without_folder(match, path), text)
        text = _LINK.sub(lambda match: self._link(match, path), text)
        link = partial(self._command, path=path)
        return "".join(part if part.startswith("#") else _CODE.sub(link, part) for part in _HEADING.split(text))

    def _without_folder(self, match: re.Match[str], path: PurePosixPath) -> str:
        """A link to a folder is no link: a site has no folders."""
        is_folder = match[2] and (ROOT / path.parent / match[2]).is_dir()
        return match[1] if is_folder else match[0]

    def _link(self, match: re.Match[str], path: PurePosixPath) -> str:
        if not match["target"]:
            return match[0]
        target = _normal(path.parent / match["target"])
        found = self._places.get(str(target))
        if found is None:
            if not (ROOT / target).is_file():
                raise InputError(f"{path}: no such file: {target}")
            found = target.relative_to("docs") if target.parts[0] == "docs" else PurePosixPath("files") / target
            self.files[found] = ROOT / target
        return f"{match['before']}{_relative(found, place(path))}{match['anchor'] or ''})"

    def _command(self, match: re.Match[str], path: PurePosixPath) -> str:
        """Code that begins with a command of the program, linked with its reference, unless a link has it already."""
        if match[1]:
            return match[0]
        words = match[2].split()
        named = words[:1] == ["zksolvency"]
        words = words[named:]
        for count in range(len(words), 0 if named else 1, -1):
            location = self._commands.get(" ".join(words[:count]))
            if location:
                return f"[{match[0]}]({_relative(PurePosixPath(location), place(path))})"
        return match[0]


def _relative(target: PurePosixPath, page: PurePosixPath) -> str:
    return os.path.relpath(target, page.parent)
