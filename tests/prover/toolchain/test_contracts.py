"""What contracts are compiled from decides when they are compiled again; forge itself runs in other tests."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from prover.toolchain import ContractSuite, compile_contracts
from verifier import ToolError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the contracts, and an empty cache."""
    for folder in ("src", "examples"):
        shutil.copytree(ROOT / "contracts" / folder, tmp_path / "contracts" / folder)
    shutil.copy(ROOT / "contracts" / "foundry.toml", tmp_path / "contracts")
    (tmp_path / "tools").mkdir(exist_ok=True)
    shutil.copy(ROOT / "tools" / "solc", tmp_path / "tools")
    monkeypatch.setattr("prover.toolchain._contracts.find_home", lambda: tmp_path)
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[Path, str]]:
    """The sources of each compilation."""
    seen: list[Mapping[Path, str]] = []

    def forge(sources: Mapping[Path, str], wanted: Sequence[str], folder: Path) -> None:
        seen.append(sources)
        for name in wanted:
            (folder / f"{name}.json").write_text('{"abi": [], "bytecode": "0x"}')

    monkeypatch.setattr("prover.toolchain._contracts._forge", forge)
    return seen


def test_a_suite_is_compiled_from_what_it_imports(home: Path, compiled: list[Mapping[Path, str]]) -> None:
    code = compile_contracts([ContractSuite.GATE])
    assert code.keys() == {"IGroth16Verifier", "OwnerPriceRounds", "RegistrarGate"}
    (sources,) = compiled
    names = {str(path) for path in sources}
    assert {"contracts/foundry.toml", "contracts/src/gate/SolvencyGate.sol", "tools/solc"} <= names
    assert "node_modules/@openzeppelin/contracts/access/Ownable2Step.sol" in names
    assert "contracts/src/book/MarginBook.sol" not in names


@pytest.mark.parametrize("file", ["contracts/src/gate/SolvencyGate.sol", "contracts/foundry.toml", "tools/solc"])
def test_a_change_of_anything_that_a_suite_takes_compiles_it_again(
    home: Path, compiled: list[Mapping[Path, str]], file: str
) -> None:
    compile_contracts([ContractSuite.GATE])
    (home / "contracts" / "src" / "book" / "MarginBook.sol").write_text("// changed, but no gate imports it")
    compile_contracts([ContractSuite.GATE])
    assert len(compiled) == 1
    with (home / file).open("a") as source:
        source.write("\n")
    compile_contracts([ContractSuite.GATE])
    assert len(compiled) == 2


def test_the_environment_does_not_choose_the_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile for tests has no optimiser, and the entry would be taken for the optimised contract."""
    forge = home / "forge"
    forge.write_text('#!/bin/sh\n[ "$1" = --version ] && echo 1.0.0 && exit\nenv\nexit 1\n')
    forge.chmod(0o700)
    monkeypatch.setattr("prover.toolchain._contracts.find_foundry", lambda _: forge)
    monkeypatch.setenv("FOUNDRY_PROFILE", "test")
    with pytest.raises(ToolError, match="PATH=") as caught:
        compile_contracts([ContractSuite.GATE])
    assert "FOUNDRY_PROFILE" not in str(caught.value)
