"""Build the documentation site. Any warning of Sphinx fails."""

import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import Final

from sphinx.cmd.build import main as sphinx

from tools.site._command_pages import command_pages, program
from tools.site._contract_pages import FOLDER as CONTRACTS
from tools.site._contract_pages import contract_pages
from tools.site._error_page import PAGE as ERRORS
from tools.site._error_page import error_page
from tools.site._package_pages import package_pages
from tools.site._pages import INDEX, Relocation, place, sections
from tools.site._solidity import ROOT, compile_docs

WORK: Final = ROOT / "build" / "docs"
SOURCE: Final = WORK / "source"
HTML: Final = WORK / "html"
DOCTREES: Final = WORK / "doctrees"
REFERENCE: Final = (
    "reference/commands/index",
    "reference/python/index",
    "reference/contracts/index",
    "reference/errors",
)


def main() -> None:
    """The command."""
    for folder in (SOURCE, HTML, DOCTREES):
        shutil.rmtree(folder, ignore_errors=True)
    write_sources()
    words = ["-b", "html", "-c", str(ROOT / "tools" / "site"), "-W", "--keep-going"]
    failed = sphinx([*words, "-q", "-d", str(DOCTREES), str(SOURCE), str(HTML)])
    if failed:
        sys.exit(failed)
    print(f"the site is in {(HTML / 'index.html').relative_to(ROOT)}")


def write_sources() -> None:
    """Write every page of the site into the folder that Sphinx reads."""
    compilation = compile_docs()
    contents = sections()
    pages = [INDEX, *(path for paths in contents.values() for path in paths)]
    contracts = {each.path: CONTRACTS / f"{each.name}.md" for each in compilation.contracts}
    relocation = Relocation(pages, contracts, list(program().below))
    texts = {place(path): relocation.moved(path) for path in pages}
    texts[PurePosixPath("index.md")] += _toctrees(contents)
    texts |= contract_pages(compilation) | command_pages() | package_pages() | {ERRORS: error_page()}
    for path, text in texts.items():
        _written(SOURCE / path).write_text(text, encoding="utf-8")
    for path, file in relocation.files.items():
        shutil.copyfile(file, _written(SOURCE / path))


def _toctrees(contents: dict[str, dict[PurePosixPath, str]]) -> str:
    blocks = []
    for title, pages in contents.items():
        names = [f"{name} <{place(path).with_suffix('')}>" for path, name in pages.items()]
        names = [*(REFERENCE if title == "Reference" else ()), *names]
        blocks.append("\n".join(["", "```{toctree}", ":hidden:", f":caption: {title}", "", *names, "```", ""]))
    return "".join(blocks)


def _written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    main()
