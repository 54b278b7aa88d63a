"""Verifiers in a folder, with all that they import. `tests/cli/test_contract.py` compiles such folders."""

from dataclasses import replace
from pathlib import Path

import pytest
from simulated import SimulatedKey

from prover.toolchain import export_solidity, find_home, verifier_file
from verifier import VerificationError, VerifyingKey


@pytest.fixture(scope="module")
def key() -> VerifyingKey:
    return SimulatedKey.generate(42).verifying_key()


def test_a_verifier_comes_with_its_imports_alone(key: VerifyingKey, tmp_path: Path) -> None:
    out = tmp_path / "new" / "verifiers"
    written = export_solidity([key], out)
    assert {str(path.relative_to(out)) for path in out.rglob("*.sol")} == set(written.files)
    assert str(verifier_file(key)) == "generated/Margin13Verifier.sol"
    assert {"generated/Margin13Verifier.sol", "groth16/Groth16Verifier.sol"} <= set(written.files)
    assert not any(path.startswith("interfaces/I") and "Gate" in path for path in written.files)


def test_interfaces_come_with_the_packages_that_they_import(key: VerifyingKey, tmp_path: Path) -> None:
    written = export_solidity([key], tmp_path, interfaces=True)
    ours = {f"interfaces/{path.name}" for path in (find_home() / "contracts" / "src" / "interfaces").glob("*.sol")}
    assert ours <= set(written.files)
    assert any(path.startswith("@openzeppelin/contracts/") for path in written.files)


def test_the_remapping_is_seen_from_the_project_around_the_folder(key: VerifyingKey, tmp_path: Path) -> None:
    npm = "@openzeppelin/contracts/"
    assert export_solidity([key], tmp_path / "alone").remapping == f"{npm}={npm}"
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "foundry.toml").touch()
    assert export_solidity([key], tmp_path / "project" / "src" / "zk").remapping == f"{npm}=src/zk/{npm}"


def test_a_key_that_must_not_be_deployed_writes_nothing(key: VerifyingKey, tmp_path: Path) -> None:
    weak = replace(key, delta=key.gamma)
    with pytest.raises(VerificationError, match="gamma = delta"):
        export_solidity([key, weak], tmp_path / "out")
    assert not (tmp_path / "out").exists()
