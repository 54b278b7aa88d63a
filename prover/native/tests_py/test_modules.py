"""The modules of the crate depend on one another in one direction only."""

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src"

Module = tuple[str, ...]
"""The path of a module inside the crate: ("msm", "digits")."""


def modules() -> dict[Module, str]:
    """The text of every module, without comments and unit tests."""
    found = {}
    for file in SOURCES.rglob("*.rs"):
        parts = file.relative_to(SOURCES).with_suffix("").parts
        text = re.sub(r"//.*", "", file.read_text()).partition("#[cfg(test)]\nmod tests {")[0]
        found[parts[:-1] if parts[-1] in ("lib", "mod") else parts] = text
    return found


def paths(text: str) -> Iterator[list[str]]:
    """The paths that a module names: in `use`, without braces, and elsewhere from `crate` or `super`."""
    uses = re.compile(r"\buse\s+([^;]+);")
    for tree in uses.findall(text):
        flat = re.sub(r"\s+as\s+\w+|\s", "", tree)
        while "{" in flat:
            flat = re.sub(r"([\w:]*){([^{}]*)}", _spread, flat)
        yield from (path.split("::") for path in flat.split(","))
    for path in re.findall(r"\b(?:crate|super)(?:::\w+)+", uses.sub("", text)):
        yield path.split("::")


def _spread(group: re.Match[str]) -> str:
    """`a::{b,c}` as `a::b,a::c`."""
    return ",".join(group[1] + member for member in group[2].split(",") if member)


def target(module: Module, path: list[str], known: dict[Module, str]) -> Module | None:
    """The module that holds what a path names; None if that is another crate."""
    match path:
        case ["crate", *rest]:
            full = tuple(rest)
        case ["super", *rest]:
            return target(module[:-1], ["self", *rest], known)
        case ["self", "super", *rest]:
            return target(module, ["super", *rest], known)
        case ["self", *rest]:
            full = (*module, *rest)
        case [first, *_] if (*module, first) in known:
            full = (*module, *path)
        case _:
            return None
    while full not in known:
        full = full[:-1]
    return full


def dependencies() -> dict[Module, set[Module]]:
    known = modules()
    graph = {}
    for module, text in known.items():
        targets = {target(module, path, known) for path in paths(text)}
        graph[module] = {other for other in targets if other is not None and other != module}
    return graph


def test_paths_are_found() -> None:
    graph = dependencies()
    assert graph["simd", "quotient"] >= {("error",), ("ntt",), ("qap",), ("simd", "field"), ("simd", "ifma")}
    assert ("simd",) in graph[("session",)], "a path in the middle of a function"
    assert ("format", "cursor") in graph[("format",)], "a public name of a child module"
    assert ("error",) in graph["format", "cursor"]


def test_no_modules_depend_on_each_other() -> None:
    try:
        TopologicalSorter(dependencies()).prepare()
    except CycleError as error:
        circle = " uses ".join("::".join(module) or "lib" for module in reversed(error.args[1]))
        raise AssertionError(circle) from None
