"""`toolchain install`: the one command that downloads, and it says what is missing."""

import json
from pathlib import Path

import pytest
from cli.harness import Run

LOCK = {"name": "bare", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "bare"}}}


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the packages, whose npm writes down that it was called, and makes an empty folder."""
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    (home / "package.json").write_text(json.dumps({"name": "bare"}))
    (home / "package-lock.json").write_text(json.dumps(LOCK))
    program = programs / "npm"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n/bin/mkdir node_modules\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    for module in ("_install", "_tools"):
        monkeypatch.setattr(f"prover.toolchain.{module}.find_home", lambda: home)
    return tmp_path / "calls"


def test_npm_is_called_once(run: Run, npm: Path) -> None:
    first, second = run("toolchain", "install", "--json"), run("toolchain", "install", "--json")
    assert first.json == second.json
    assert Path(first.json["packages"]).is_dir()
    (call,) = npm.read_text().splitlines()
    assert call.startswith("ci ")
    assert "--ignore-scripts" in call


def test_a_machine_without_npm_is_told_what_to_install(run: Run, npm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(npm.parent / "nothing"))
    result = run("toolchain", "install", "--json")
    assert (result.code, result.error["kind"]) == (4, "tool")
    assert "install Node 20 or later" in result.error["message"]


def test_no_other_command_downloads(run: Run, npm: Path, account_file: Path, tmp_path: Path) -> None:
    for words in (
        ("setup",),
        ("contract", "export", "--out", tmp_path / "verifiers"),
        ("chain", "deploy"),
        ("doctor",),
        ("artifacts", "pack", "--out", tmp_path / "margin.zip"),
    ):
        result = run(*words)
        assert result.code != 0, words
        assert "zksolvency toolchain install" in result.stdout + result.stderr, words
    assert not npm.exists()
