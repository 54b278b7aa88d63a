"""Node is needed only where it is needed: the core and what is cached prove, verify and deploy without it."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import ROUND_1, Outcome, Run

from prover.onchain import gate_code
from prover.toolchain import Artifacts, compile_contracts, find_node, has_core
from verifier import ToolError

pytestmark = [pytest.mark.full, pytest.mark.skipif(not has_core(), reason="the native core is not built")]


@pytest.fixture
def without_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, artifacts: Mapping[str, Artifacts]) -> None:
    """What is built stays; PATH leads to every program but Node."""
    gate_code(13)
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            if program.name not in ("node", "nodejs") and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(ToolError):
        find_node()
    assert shutil.which("sh")


@pytest.mark.usefixtures("without_node")
def test_an_account_is_proven_verified_and_exported_without_node(run: Run, account_file: Path, tmp_path: Path) -> None:
    def ok(*words: object) -> Outcome:
        result = run(*words)
        assert result.code == 0, result
        return result

    proof = tmp_path / "proof.json"
    ok("setup", "--statement", "margin", "--book", "perps-13")
    ok("prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", proof)
    ok("verify", proof, "--round", ROUND_1, "--with", "native")
    ok("contract", "export", "--statement", "margin", "--book", "perps-13", "--out", tmp_path / "verifiers")
    refused = run("verify", proof, "--round", ROUND_1, "--with", "snarkjs", "--json")
    assert (refused.code, refused.error["kind"]) == (4, "tool")
    assert "Node is not on PATH" in refused.error["message"]


@pytest.mark.usefixtures("without_node")
def test_a_gate_is_deployed_and_read_without_node(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """anvil is a program of its own, and the contracts are cached."""
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    assert run("chain", "deploy").code == 0
    assert run("chain", "post-round", "--round", ROUND_1).code == 0
    assert run("chain", "show", "--json").json["latest_round"] == 1
    assert run("round", "fetch", "--out", tmp_path / "fetched.json").code == 0


@pytest.mark.usefixtures("without_node")
def test_the_demo_does_without_the_second_opinion_of_snarkjs(run: Run) -> None:
    result = run("demo", "--json")
    assert result.code == 0, result
    assert "without the second opinion of snarkjs: Node is not on PATH" in " ".join(result.stderr.split())


@pytest.mark.usefixtures("without_node")
def test_compiling_names_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ToolError, match="Node is not on PATH"):
        compile_contracts()
