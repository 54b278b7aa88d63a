import json
from pathlib import Path
from typing import Any

import pytest

from prover.toolchain import load_instances
from prover.toolchain._circuits import find_instance
from verifier import InputError

ENTRY = {"file": "a.circom", "template": "A", "params": [1, 0], "public": ["x"], "statement": "margin", "n": 13}


def listing(tmp_path: Path, entry: Any, name: str = "a-13") -> Path:
    path = tmp_path / "circuits.json"
    path.write_text(json.dumps({"instances": {name: entry}}))
    return path


def test_instances_are_named_for_their_statement_and_size() -> None:
    instances = load_instances()
    margin = ["margin-13", "margin-lean-13", "margin-28", "margin-lean-28"]
    assert list(instances) == [*margin, *(f"{name}-{n}" for n in (13, 28) for name in ("open", "update", "writeoff"))]
    for name, instance in instances.items():
        assert instance.name == name == f"{instance.statement}-{instance.n}"
        validates = (int(instance.statement == "margin"),) if name in margin else ()
        assert instance.params == (instance.n, *validates)


def test_the_main_component_names_its_public_signals_in_order() -> None:
    assert find_instance("margin-lean-28").main().splitlines() == [
        "pragma circom 2.2.3;",
        'include "margin.circom";',
        "component main {public [commitment, healthy, recipient, effectivePrice, marginPerUnit]} = Margin(28, 0);",
    ]


def test_an_unknown_instance_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no circuit instance 'margin-14': choose one of margin-13,"):
        find_instance("margin-14")


def test_a_well_formed_listing_is_read(tmp_path: Path) -> None:
    (instance,) = load_instances(listing(tmp_path, ENTRY)).values()
    assert instance.params == (1, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "../a.circom"),
        ("file", "a.circom\n"),
        ("template", "A();"),
        ("params", [-1]),
        ("params", [1.5]),
        ("params", ["1"]),
        ("public", ["x]} = B("]),
        ("statement", "other"),
        ("n", 0),
        ("surplus", 1),
    ],
)
def test_a_listing_that_could_say_something_else_to_circom_is_refused(
    tmp_path: Path, field: str, value: object
) -> None:
    with pytest.raises(InputError, match=rf"circuits\.json: instances\.a-13\.{field}"):
        load_instances(listing(tmp_path, {**ENTRY, field: value}))


def test_a_name_that_could_be_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"circuits\.json"):
        load_instances(listing(tmp_path, ENTRY, name="../a"))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"instances": []}'])
def test_what_is_no_listing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "circuits.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"circuits\.json"):
        load_instances(path)


def test_a_missing_listing_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_instances(tmp_path / "circuits.json")
