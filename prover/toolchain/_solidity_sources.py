"""The files that a contract consists of, found by following its imports."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from verifier import ToolError

_IMPORT: Final = re.compile(r"""^\s*import\s+(?:[^"';]*?\bfrom\s+)?["']([^"']+)["']""", re.MULTILINE)


def collect_solidity(roots: Mapping[Path, str], modules: Path) -> dict[Path, str]:
    """Every file that the roots import, directly or not, and the roots themselves.

    Args:
        roots: source texts, by the path where each is, or would be.
        modules: the node_modules folder, where an import leads that does not begin with a dot.

    Returns:
        Source texts by path.

    Raises:
        ToolError: an imported file cannot be read.
    """
    found = dict(roots)
    pending = list(roots)
    while pending:
        importer = pending.pop()
        for name in _IMPORT.findall(found[importer]):
            path = _target(name, importer, modules)
            if path not in found:
                found[path] = _read(path, importer)
                pending.append(path)
    return found


def _target(name: str, importer: Path, modules: Path) -> Path:
    return Path(os.path.normpath(importer.parent / name)) if name.startswith(".") else modules / name


def _read(path: Path, importer: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ToolError(f"{importer.name} imports {path}: {error.strerror}") from None
