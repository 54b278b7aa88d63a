"""`doctor`: finds what is there, names what is missing, builds nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import Run

from prover.toolchain import INSTANCES, Artifacts, BackendName, ToolStatus, cache_dir


def test_a_complete_installation_is_fine(run: Run) -> None:
    result = run("doctor", "--json")
    assert result.code == 0
    assert result.json["ok"] is True
    tools = {tool["name"]: tool for tool in result.json["tools"]}
    assert {"node", "circom", "snarkjs", "forge", "anvil"} <= set(tools)
    assert all(tool["version"] and not tool["problem"] for tool in tools.values())
    assert "nothing is missing" in run("doctor").stdout


def test_what_is_missing_is_named_with_what_to_do(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    result = run("doctor", "--json")
    assert (result.code, result.json["ok"]) == (1, False)
    node = next(tool for tool in result.json["tools"] if tool["name"] == "node")
    assert (node["version"], node["path"]) == (None, None)
    assert "install Node 20 or later" in node["problem"]
    for_people = run("doctor")
    assert for_people.code == 1
    assert "missing" in for_people.stdout
    assert "install Node 20 or later" in for_people.stdout


def test_a_problem_of_several_tools_is_told_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [ToolStatus(name, problem="no packages") for name in ("circom", "solc")]
    monkeypatch.setattr("prover.cli.doctor.inspect_tools", lambda: [*missing, ToolStatus("node", problem="no Node")])
    lines = run("doctor").stdout.splitlines()
    assert [line for line in lines if "no packages" in line] == ["circom, solc: no packages"]
    assert [line for line in lines if line.startswith("node: no Node")]


@pytest.mark.parametrize(("native", "built", "code"), [(True, True, 0), (True, False, 1), (False, True, 1)])
def test_node_is_not_missed_where_the_core_proves_what_is_built(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool, built: bool, code: int
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("prover.cli.doctor.find_built", lambda _: built or None)
    backend = BackendName.NATIVE if native else BackendName.SNARKJS
    monkeypatch.setattr("prover.cli.doctor.default_backend", lambda: backend)
    assert run("doctor").code == code


@pytest.mark.parametrize(("native", "code"), [(True, 0), (False, 1)])
def test_no_tool_is_missed_where_the_core_proves_what_an_archive_brought(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool, code: int
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = [ToolStatus(name, problem=f"no {name}") for name in ("node", "circom", "anvil")]
    monkeypatch.setattr("prover.cli.doctor.inspect_tools", lambda: missing)
    monkeypatch.setattr("prover.cli.doctor.find_installed", lambda name: name == "margin-13" or None)
    monkeypatch.setattr("prover.cli.doctor.find_built", lambda name: name == "margin-13" or None)
    backend = BackendName.NATIVE if native else BackendName.SNARKJS
    monkeypatch.setattr("prover.cli.doctor.default_backend", lambda: backend)
    shown = run("doctor", "--json")
    assert (shown.code, shown.json["installed"]) == (code, ["margin-13"])
    assert "by an archive" in run("doctor").stdout


def test_an_empty_cache_is_no_fault_and_stays_empty(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(cache))
    result = run("doctor", "--json")
    assert result.code == 0
    assert result.json["cache"] == {"path": str(cache), "bytes": 0}
    assert set(result.json["built"].values()) == {False}
    assert not cache.exists()


@pytest.mark.full
def test_what_is_built_is_told(run: Run, artifacts: Mapping[str, Artifacts]) -> None:
    shown = run("doctor", "--json").json
    assert list(shown["built"]) == list(INSTANCES)
    assert all(shown["built"][name] for name in artifacts)
    assert shown["cache"]["path"] == str(cache_dir())
    assert shown["cache"]["bytes"] > sum(item.zkey.stat().st_size for item in artifacts.values())
