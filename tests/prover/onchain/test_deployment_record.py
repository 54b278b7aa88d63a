"""The record of a deployment: read whole or refused, and moved together with the file of its book."""

import json
from pathlib import Path
from typing import Any

import pytest

from prover.account import Domain
from prover.chain import BOOK_ROLES, GATE_ROLES, OPTIONAL_BOOK_ROLES
from prover.onchain import DeploymentKind, DeploymentRecord
from prover.toolchain import find_book, load_book
from verifier import InputError

BOOK = "majors-13"
RECORD: dict[str, Any] = {
    "format": "zksolvency/deployment/4",
    "kind": "margin-book",
    "chain_id": 31337,
    "book": BOOK,
    "book_digest": load_book(BOOK).digest(),
    "first_block": 3,
    "contracts": {role: f"0x{number:040x}" for number, role in enumerate(BOOK_ROLES, 1)},
    "tokens": {"USD": "0x" + "5" * 40},
}


def write(folder: Path, content: object) -> Path:
    path = folder / "record.json"
    path.write_text(json.dumps(content))
    return path


def load(folder: Path, content: object) -> DeploymentRecord:
    return DeploymentRecord.load(write(folder, content), DeploymentKind.BOOK)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = load(tmp_path, RECORD)
    assert record.to_json() == RECORD
    assert record.domain == Domain(31337, list(BOOK_ROLES).index("book") + 1)
    record.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == RECORD


def test_a_book_may_do_without_some_contracts(tmp_path: Path) -> None:
    address = "0x" + "9" * 40
    every = RECORD | {"contracts": RECORD["contracts"] | dict.fromkeys(OPTIONAL_BOOK_ROLES, address)}
    assert load(tmp_path, every).to_json() == every
    gate = {"kind": "gate", "contracts": dict.fromkeys(GATE_ROLES, address), "tokens": {}}
    assert DeploymentRecord.load(write(tmp_path, RECORD | gate), DeploymentKind.GATE).contracts == gate["contracts"]
    with_engine = gate | {"contracts": dict.fromkeys((*GATE_ROLES, *OPTIONAL_BOOK_ROLES), address)}
    with pytest.raises(InputError, match="contracts of a gate"):
        DeploymentRecord.load(write(tmp_path, RECORD | with_engine), DeploymentKind.GATE)


@pytest.mark.parametrize("field", RECORD)
def test_a_record_without_a_field_is_refused(tmp_path: Path, field: str) -> None:
    with pytest.raises(InputError, match=field):
        load(tmp_path, {name: value for name, value in RECORD.items() if name != field})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "venue"),
        ("chain_id", 0),
        ("chain_id", "31337"),
        ("first_block", -1),
        ("contracts", RECORD["contracts"] | {"breaker": "0x12"}),
        ("contracts", RECORD["contracts"] | {"other": "0x" + "1" * 40}),
        ("contracts", {role: address for role, address in RECORD["contracts"].items() if role != "breaker"}),
        ("tokens", {"USD": "0x12"}),
        ("extra", 1),
    ],
)
def test_a_malformed_record_is_refused(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        load(tmp_path, RECORD | {field: value})


def test_the_record_of_a_gate_is_not_one_of_a_margin_book(tmp_path: Path) -> None:
    gate = RECORD | {"kind": "gate", "contracts": dict.fromkeys(GATE_ROLES, "0x" + "1" * 40), "tokens": {}}
    with pytest.raises(InputError, match="this is the record of a gate, expected a margin book"):
        load(tmp_path, gate)
    assert DeploymentRecord.load(tmp_path / "record.json", DeploymentKind.GATE).kind is DeploymentKind.GATE
    with pytest.raises(InputError, match="the contracts of a gate are rounds, verifier, gate"):
        load(tmp_path, RECORD | {"kind": "gate"})


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("zksolvency/deployment/1", "of version 1 of the format, this program reads version 4"),
        ("zksolvency/deployment/2", "of version 2 of the format, this program reads version 4"),
        ("zksolvency/book-deployment/1", "this is the record of a margin book of an earlier version"),
    ],
)
def test_a_record_of_an_earlier_version_is_called_one(tmp_path: Path, old: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(tmp_path, RECORD | {"format": old})


def test_a_missing_record_names_the_command_that_makes_it(tmp_path: Path) -> None:
    for kind, command in ((DeploymentKind.GATE, "chain deploy"), (DeploymentKind.BOOK, "book deploy")):
        with pytest.raises(InputError, match=f"run `zksolvency {command}` first"):
            DeploymentRecord.load(tmp_path / "record.json", kind)


def test_a_record_and_the_file_of_its_book_move_together(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    book_file = tmp_path / "here" / "my-book.json"
    book_file.write_text(find_book(BOOK).read_text())
    content = {name: value for name, value in RECORD.items() if name != "format"}
    record = DeploymentRecord(**content | {"kind": DeploymentKind.BOOK, "book": str(book_file)})
    record.save(tmp_path / "here" / "record.json")
    for path in (tmp_path / "here").iterdir():
        path.rename(tmp_path / "there" / path.name)
    moved = DeploymentRecord.load(tmp_path / "there" / "record.json", DeploymentKind.BOOK)
    assert moved.assets().digest() == record.book_digest
    assert Path(moved.book).parent.resolve() == tmp_path / "there"


def test_a_book_that_has_changed_is_refused(tmp_path: Path) -> None:
    record = load(tmp_path, RECORD | {"book_digest": "0" * 64})
    with pytest.raises(InputError, match="not the one that was deployed"):
        record.assets()
