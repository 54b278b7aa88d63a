import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from prover.toolchain import SnarkjsBackend, find_foundry, find_node, find_package, inspect_tools
from prover.toolchain._tools import find_circom, find_modules, package_version
from verifier import ToolError, VerifyingKey

PACKAGES = json.loads((Path(__file__).parents[3] / "package.json").read_bytes())
PINNED = PACKAGES["dependencies"] | PACKAGES.get("optionalDependencies", {})
FOUNDRY = {
    tool: version for name, version in PINNED.items() for tool in ("anvil", "forge") if f"@foundry-rs/{tool}" in name
}


def script(path: Path, answer: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of one folder, without any tool."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources for which `npm ci` has never run."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "package-lock.json").write_text("{}")
    monkeypatch.setattr("prover.toolchain._tools.find_home", lambda: home)
    monkeypatch.setattr("prover.toolchain._install.find_home", lambda: home)
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    return home


def test_everything_pinned_is_here() -> None:
    found = {status.name: status for status in inspect_tools()}
    assert {name: status.problem for name, status in found.items() if status.problem} == {}
    for name in ("snarkjs", "circomlib", "solc"):
        assert found[name].version == PINNED[name]
    for name in ("anvil", "forge"):
        assert found[name].version == FOUNDRY[name]


@pytest.mark.usefixtures("empty_path")
def test_missing_node_says_what_to_install() -> None:
    with pytest.raises(ToolError, match="Node is not on PATH: install Node 20 or later"):
        find_node()
    with pytest.raises(ToolError, match="Node is not on PATH"), SnarkjsBackend() as backend:
        backend.verify(*proof_of_nothing())


def proof_of_nothing() -> tuple[VerifyingKey, list[str], dict[str, object]]:
    g1, g2 = ["1", "2", "1"], [["1", "2"], ["3", "4"], ["1", "0"]]
    other = [["5", "6"], ["7", "8"], ["1", "0"]]
    key: dict[str, object] = {"protocol": "groth16", "curve": "bn128", "nPublic": 0, "vk_alpha_1": g1, "IC": [g1]}
    key |= {"vk_beta_2": g2, "vk_gamma_2": g2, "vk_delta_2": other}
    parsed = VerifyingKey.from_snarkjs(key, "margin", 13, "development")
    return parsed, [], {"pi_a": g1, "pi_b": g2, "pi_c": g1, "protocol": "groth16", "curve": "bn128"}


def test_an_old_node_is_refused(empty_path: Path) -> None:
    script(empty_path / "node", "v18.19.0")
    with pytest.raises(ToolError, match=r"is Node 18\.19\.0: install Node 20 or later"):
        find_node()


def test_a_node_that_does_not_run_is_refused(empty_path: Path) -> None:
    script(empty_path / "node", "").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ToolError, match="does not run"):
        find_node()


@pytest.mark.usefixtures("bare_home")
def test_missing_packages_say_how_to_get_them_and_how_to_do_without() -> None:
    with pytest.raises(ToolError, match=r"`zksolvency toolchain install`.*`zksolvency artifacts install FILE`"):
        find_modules()


def test_one_missing_package_is_named(bare_home: Path) -> None:
    (bare_home / "node_modules" / "snarkjs").mkdir(parents=True)
    (bare_home / "node_modules" / "snarkjs" / "package.json").write_text('{"version": "0.7.6"}')
    assert package_version("snarkjs") == "0.7.6"
    with pytest.raises(ToolError, match="the npm package circomlib is missing"):
        find_package("circomlib")


@pytest.mark.usefixtures("bare_home")
def test_the_doctor_reports_what_is_missing_and_goes_on() -> None:
    problems = {status.name: status.problem for status in inspect_tools() if status.problem}
    assert {"snarkjs", "circomlib", "solc", "anvil", "forge"} <= problems.keys()


def test_a_native_circom_of_the_pinned_version_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    native = script(tmp_path / "circom", "circom compiler 2.2.3")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_circom().command() == (str(native),)
    assert find_circom().identity == "circom 2.2.3"


def test_a_native_circom_of_another_version_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "circom", "circom compiler 2.1.9")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_circom().identity == f"circom2 {PINNED['circom2']}"


@pytest.mark.parametrize("tool", ["anvil", "forge"])
def test_foundry_binaries_run(tool: str) -> None:
    done = subprocess.run([find_foundry(tool), "--version"], capture_output=True, text=True, check=True)
    assert FOUNDRY[tool] in done.stdout


def test_a_platform_for_which_npm_has_no_binary_uses_that_on_path(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ToolError, match="install Foundry, so that anvil is on PATH"):
        find_foundry("anvil")
    installed = script(empty_path / "anvil", "anvil Version: 1.7.1")
    assert find_foundry("anvil") == installed
