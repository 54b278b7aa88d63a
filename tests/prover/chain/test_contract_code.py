"""Contracts that forge has compiled."""

import json
from pathlib import Path

import pytest

from prover.chain import ContractCode
from verifier import InputError

ABI = [{"type": "function", "name": "gate", "inputs": [], "outputs": [], "stateMutability": "view"}]


def artifact(folder: Path, code: object, **more: object) -> Path:
    path = folder / "Venue.json"
    path.write_text(json.dumps({"abi": ABI, "bytecode": {"object": code}, "metadata": {}} | more))
    return path


def test_an_artifact_of_forge_is_read(tmp_path: Path) -> None:
    code = ContractCode.from_foundry(artifact(tmp_path, "0x6000"))
    assert (code.name, code.abi, code.bytecode) == ("Venue", ABI, "0x6000")


@pytest.mark.parametrize("code", ["", "0x"])
def test_an_interface_has_nothing_to_deploy(tmp_path: Path, code: str) -> None:
    with pytest.raises(InputError, match="an interface or an abstract contract"):
        ContractCode.from_foundry(artifact(tmp_path, code))


def test_a_library_must_be_linked_first(tmp_path: Path) -> None:
    """As solc marks the place of its address."""
    with pytest.raises(InputError, match="link it with forge"):
        ContractCode.from_foundry(artifact(tmp_path, "0x60__$fb58009a6b1ecea3b9d99bedd645df4ec3$__6000"))


@pytest.mark.parametrize(
    "changes", [{"abi": None}, {"bytecode": "0x6000"}, {"bytecode": {}}, {"bytecode": {"object": 7}}]
)
def test_another_file_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="not what forge writes"):
        ContractCode.from_foundry(artifact(tmp_path, "0x6000", **changes))
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InputError, match="not what forge writes"):
        ContractCode.from_foundry(tmp_path / "list.json")
    with pytest.raises(InputError, match="No such file"):
        ContractCode.from_foundry(tmp_path / "none.json")
