"""`artifacts`: circuits and keys leave one machine and come to another."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import ROUND_1, Run

from prover.toolchain import Artifacts, cache_dir, has_core
from verifier import VerifyingKey

pytestmark = pytest.mark.full


@pytest.fixture
def archive(run: Run, artifacts: Mapping[str, Artifacts], tmp_path: Path) -> Path:
    path = tmp_path / "margin.zip"
    result = run("artifacts", "pack", "--out", path, "--statement", "margin", "--json")
    assert result.code == 0
    assert "development keys" in result.stderr
    (key,) = result.json["keys"]
    assert key == {"name": "margin-13", "origin": "development", "digest": artifacts["margin-13"].key.digest()}
    return path


@pytest.fixture
def other_machine(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with an empty cache, and with nothing on PATH."""
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("other_machine")
@pytest.mark.skipif(not has_core(), reason="the native core is not built")
def test_a_machine_without_tools_proves_and_verifies_with_an_archive(
    run: Run, archive: Path, account_file: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "proof.json"
    prove = ("prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", proof, "--json")
    assert run(*prove).error["kind"] == "tool"
    digest = run("artifacts", "install", archive, "--digest", "00" * 32, "--json").error["message"].split("digest ")[1]
    installed = run("artifacts", "install", archive, "--digest", digest.split(",")[0], "--json")
    assert installed.code == 0
    assert "development keys" in installed.stderr
    assert run(*prove).code == 0
    assert run("verify", proof, "--round", ROUND_1, "--json").code == 0
    assert run("artifacts", "list", "--json").json["keys"] == installed.json["keys"]
    assert run("setup", "--statement", "margin", "--json").code == 0

    assert run("artifacts", "remove", "--json").json["removed"] == ["margin-13"]
    assert run("artifacts", "remove").stdout == "nothing\n"
    assert run("artifacts", "list", "--json").json["keys"] == []
    assert run("artifacts", "list").stdout == "no archive is installed\n"
    assert run(*prove).error["kind"] == "tool"


@pytest.mark.usefixtures("other_machine")
@pytest.mark.parametrize(("answer", "code", "names"), [("y\n", 0, ["margin-13"]), ("n\n", 3, [])])
def test_the_digest_is_asked_for(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, names: list[str]
) -> None:
    monkeypatch.setattr("prover.cli.artifacts.has_terminal", lambda: True)
    result = run("artifacts", "install", archive, stdin=answer)
    assert result.code == code
    assert "does its maker publish this digest?" in result.stderr
    assert [key["name"] for key in run("artifacts", "list", "--json").json["keys"]] == names


@pytest.mark.usefixtures("other_machine")
def test_without_a_terminal_the_digest_must_be_named(run: Run, archive: Path) -> None:
    result = run("artifacts", "install", archive, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "--digest" in result.error["message"]
    assert not cache_dir().exists()


def test_the_keys_of_a_ceremony_are_packed_by_what_they_are_of(
    run: Run, artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    """Simulated: development keys with the mark of a ceremony."""
    folder, built = tmp_path / "keys", artifacts["margin-lean-13"]
    folder.mkdir()
    (folder / "circuit.zkey").write_bytes(built.zkey.read_bytes())
    marked = json.loads(built.verification_key.read_bytes()) | {"origin": "ceremony"}
    (folder / "verification_key.json").write_text(json.dumps(marked))
    packed = run("artifacts", "pack", "--out", tmp_path / "keys.zip", "--keys", folder, "--json")
    assert packed.stderr == ""
    key = VerifyingKey.load(folder / "verification_key.json")
    expected = {"name": "margin-lean-13", "origin": "ceremony", "digest": key.digest()}
    assert packed.json["keys"] == [expected]
    both = ("artifacts", "pack", "--out", tmp_path / "both.zip", "--keys", folder, "--statement", "margin", "--json")
    assert run(*both).error["kind"] == "input"
