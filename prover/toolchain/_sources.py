"""The files that a circuit consists of, found by following its includes."""

import hashlib
import re
from collections.abc import Container, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from verifier import ToolError

_INCLUDE: Final = re.compile(r'^\s*include\s+"([^"]+)"', re.MULTILINE)

Sources = Mapping[PurePosixPath, bytes]
"""Content of each file, by its path in the folder where circom runs."""

LIBRARIES: Final = PurePosixPath("libraries")
"""The folder of packages that circom gets with -l."""

CIRCOM_FLAGS: Final = ("--O2", "--r1cs", "--wasm", "--sym")
"""What else circom is given, and so a part of what its output is built from."""


def collect_sources(
    main: str, circuits: Path, packages: Mapping[str, Path], *, without: Container[str] = ()
) -> dict[PurePosixPath, bytes]:
    """Every file that `main` includes, directly or not, and `main` itself as main.circom.

    circom sees only these, so the digest of the sources covers every input of its output.

    Args:
        main: source of the main component.
        circuits: folder of the project's circuits.
        packages: folder of each library by the first part of an include path, for instance "circomlib".
        without: libraries whose files are left out.

    Raises:
        ToolError: an included file does not exist.
    """
    found = {PurePosixPath("main.circom"): main.encode()}
    pending = list(found)
    while pending:
        path = pending.pop()
        for include in _includes(found[path]):
            if include.partition("/")[0] in without:
                continue
            target, origin = _resolve(include, path, circuits, packages)
            if target not in found:
                found[target] = origin.read_bytes()
                pending.append(target)
    return found


def _includes(source: bytes) -> list[str]:
    # a search for the word is quick: circomlib's constants are 2 MB in which there is none
    return _INCLUDE.findall(source.decode()) if b"include" in source else []


def sources_digest(sources: Sources) -> str:
    """SHA-256 over names and contents, in hex."""
    digest = hashlib.sha256()
    for path in sorted(sources):
        for part in (str(path).encode(), sources[path]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def write_sources(sources: Sources, folder: Path) -> None:
    """Write the files below a folder."""
    for path, content in sources.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _resolve(
    include: str, includer: PurePosixPath, circuits: Path, packages: Mapping[str, Path]
) -> tuple[PurePosixPath, Path]:
    """Resolve an include as circom does: next to the including file, else in a library."""
    sibling = _normalise(includer.parent / include)
    origin = _origin(sibling, circuits, packages)
    if origin is not None and origin.is_file():
        return sibling, origin
    library = LIBRARIES / include
    origin = _origin(library, circuits, packages)
    if origin is not None and origin.is_file():
        return library, origin
    raise ToolError(f'{includer}: include "{include}" leads to no file')


def _origin(path: PurePosixPath, circuits: Path, packages: Mapping[str, Path]) -> Path | None:
    """The real file of a path in circom's folder; None when the path leads out of it."""
    if ".." in path.parts:
        return None
    if path.is_relative_to(LIBRARIES):
        name, *rest = path.relative_to(LIBRARIES).parts
        return packages[name].joinpath(*rest) if name in packages else None
    return circuits / path


def _normalise(path: PurePosixPath) -> PurePosixPath:
    """Resolve "..": circom's folder has no links, so that is exact."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
