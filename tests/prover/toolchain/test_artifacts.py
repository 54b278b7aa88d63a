import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from prover.toolchain import Artifacts, Progress, build, compile_circuits, find_built
from verifier import InputError, VerifyingKey

pytestmark = pytest.mark.full


def test_a_second_build_builds_nothing(artifacts: Mapping[str, Artifacts]) -> None:
    reports: list[Progress] = []
    assert build(list(artifacts), progress=reports.append) == artifacts
    assert reports == []


def test_every_instance_has_files_and_keys_of_its_size(artifacts: Mapping[str, Artifacts]) -> None:
    for name, one in artifacts.items():
        assert one.instance.name == name
        assert all(path.is_file() for path in (one.r1cs, one.wasm, one.sym, one.zkey, one.verification_key))
        assert (
            VerifyingKey.load(one.verification_key).public_count == one.circuit.public_count == 3 + 3 * one.instance.n
        )


def test_what_is_built_is_found_and_what_is_not_is_not_built(
    artifacts: Mapping[str, Artifacts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {name: find_built(name) for name in artifacts} == artifacts
    circuit = artifacts["margin-lean-13"].r1cs.parent

    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    assert find_built("margin-lean-13") is None
    assert not (tmp_path / "cache").exists()
    shutil.copytree(circuit, tmp_path / "cache" / circuit.name)
    assert compile_circuits(["margin-lean-13"])["margin-lean-13"].r1cs.is_relative_to(tmp_path)
    assert find_built("margin-lean-13") is None


def test_an_unknown_instance_is_refused() -> None:
    with pytest.raises(InputError, match="no circuit instance"):
        build(["margin-13", "margin-14"])
