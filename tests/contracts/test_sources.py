"""Interfaces can be imported by any project; what is deployed has one licence and one compiler."""

import json
import re
from pathlib import Path

import pytest
from solidity import ROOT, SOURCES

INTERFACES = sorted((SOURCES / "interfaces").glob("*.sol"))
IMPLEMENTATIONS = sorted(
    path
    for folder in (SOURCES, ROOT / "contracts" / "examples", ROOT / "verifier" / "templates")
    for path in folder.rglob("*.sol")
    if path not in INTERFACES
)


def licence(source: str) -> str:
    return source.partition("\n")[0].removeprefix("// SPDX-License-Identifier: ")


def pragmas(source: str) -> list[str]:
    return re.findall(r"^pragma solidity (.+);$", source, re.MULTILINE)


@pytest.mark.parametrize("path", INTERFACES, ids=lambda path: path.stem)
def test_an_interface_is_for_any_project(path: Path) -> None:
    source = path.read_text()
    assert licence(source) == "MIT"
    assert pragmas(source) == ["^0.8.24"]
    assert all(target.startswith("./I") for target in re.findall(r'^import .*"(.+)";$', source, re.MULTILINE))


@pytest.mark.parametrize("path", IMPLEMENTATIONS, ids=lambda path: path.stem)
def test_an_implementation_is_compiled_by_the_pinned_compiler(path: Path) -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["solc"]
    source = path.read_text()
    assert licence(source) == "GPL-3.0-or-later"
    assert pragmas(source) == [pinned]
