"""What is installed and what is missing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from prover.toolchain._core import core_path, core_version
from prover.toolchain._tools import find_circom, find_foundry, find_node, find_package, package_version, program_version
from verifier import ToolError


@dataclass(frozen=True, slots=True)
class ToolStatus:
    """One external tool.

    Attributes:
        name: the tool.
        version: its version, when it was found.
        path: where it lies, when it was found.
        problem: what is wrong and what to do about it, when it was not found.
        is_optional: whether everything works without it, if slower.
    """

    name: str
    version: str | None = None
    path: Path | None = None
    problem: str | None = None
    is_optional: bool = False


def inspect_tools() -> list[ToolStatus]:
    """Look for every external tool; never raises for one that is missing."""
    return [
        _status("node", lambda: _program("node", find_node())),
        _status("circom", _circom),
        *(_status(name, partial(_package, name)) for name in ("snarkjs", "circomlib", "solc")),
        *(_status(name, partial(_foundry, name)) for name in ("anvil", "forge")),
        replace(_status("native core", _core), is_optional=True),
    ]


def _status(name: str, look: Callable[[], ToolStatus]) -> ToolStatus:
    try:
        return look()
    except ToolError as error:
        return ToolStatus(name, problem=str(error))


def _program(name: str, path: Path) -> ToolStatus:
    return ToolStatus(name, program_version(str(path)), path)


def _foundry(name: str) -> ToolStatus:
    return _program(name, find_foundry(name))


def _core() -> ToolStatus:
    return ToolStatus("native core", core_version(), core_path())


def _package(name: str) -> ToolStatus:
    return ToolStatus(name, package_version(name), find_package(name))


def _circom() -> ToolStatus:
    circom = find_circom()
    return ToolStatus("circom", circom.identity, circom.program)
