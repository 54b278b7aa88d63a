"""An interface documents every function, event and error, and the meaning of every value.

The linter's rule for this knows no errors, and nothing of return values without a name.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from solidity import SOURCES, describe

INTERFACES = SOURCES / "interfaces"
NAMES = sorted(path.stem for path in INTERFACES.glob("*.sol"))
SECTIONS = {"function": "methods", "event": "events", "error": "errors"}


@cache
def compiled() -> Mapping[str, Any]:
    return describe([INTERFACES / f"{name}.sol" for name in NAMES], ["abi", "devdoc", "userdoc"])


def canonical(value: Mapping[str, Any]) -> str:
    """The type of a value as in a signature: a struct is the tuple of its members."""
    if not value["type"].startswith("tuple"):
        return str(value["type"])
    return f"({','.join(map(canonical, value['components']))}){value['type'].removeprefix('tuple')}"


def first(entry: Any) -> Mapping[str, Any]:
    """Errors stand in lists: an interface may inherit one from several others."""
    found: Mapping[str, Any] = entry[0] if isinstance(entry, list) else entry
    return found


def missing(contract: Mapping[str, Any]) -> Iterator[str]:
    """Every tag that is not there, as `signature: tag`."""
    if not contract["devdoc"].get("title"):
        yield "@title"
    if not contract["userdoc"].get("notice"):
        yield "@notice"
    for item in contract["abi"]:
        signature = f"{item['name']}({','.join(map(canonical, item['inputs']))})"
        section = SECTIONS[item["type"]]
        notice = first(contract["userdoc"].get(section, {}).get(signature, {})).get("notice")
        tags = first(contract["devdoc"].get(section, {}).get(signature, {}))
        if not notice:
            yield f"{signature}: @notice"
        for value in item["inputs"]:
            if not tags.get("params", {}).get(value["name"]):
                yield f"{signature}: @param {value['name']}"
        for place, value in enumerate(item.get("outputs", [])):
            if not tags.get("returns", {}).get(value["name"] or f"_{place}"):
                yield f"{signature}: @return {value['name']}"


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_an_interface_is_documented(name: str) -> None:
    assert list(missing(compiled()[name])) == []


def test_a_missing_tag_is_found() -> None:
    contract = json.loads(json.dumps(compiled()["ICircuitBreaker"]))
    del contract["devdoc"]["methods"]["level()"]["returns"]
    del contract["devdoc"]["errors"]["NotLower(uint8,uint8)"][0]["params"]["given"]
    del contract["userdoc"]["events"]["LevelLowered(uint8,uint8)"]
    assert set(missing(contract)) == {
        "level(): @return ",
        "NotLower(uint8,uint8): @param given",
        "LevelLowered(uint8,uint8): @notice",
    }


def test_an_error_has_one_selector_in_all_interfaces() -> None:
    signatures: dict[str, set[str]] = {}
    for contract in compiled().values():
        for item in contract["abi"]:
            if item["type"] == "error":
                signatures.setdefault(item["name"], set()).add(",".join(map(canonical, item["inputs"])))
    assert {name: inputs for name, inputs in signatures.items() if len(inputs) > 1} == {}
