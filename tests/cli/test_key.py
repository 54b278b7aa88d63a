"""`key import`: a key of snarkjs gets the name of a statement that it is a key of."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import ROUND_1, Run

from prover.toolchain import Artifacts

pytestmark = pytest.mark.full


@pytest.fixture
def raw_key(artifacts: Mapping[str, Artifacts], tmp_path: Path) -> Path:
    """The verifying key of margin-lean-13 as snarkjs writes it."""
    content = artifacts["margin-lean-13"].key.to_json()
    for name in ("format", "statement", "n", "origin"):
        del content[name]
    path = tmp_path / "raw.json"
    path.write_text(json.dumps(content))
    return path


def test_an_imported_key_proves_and_verifies(
    run: Run, artifacts: Mapping[str, Artifacts], raw_key: Path, account_file: Path, tmp_path: Path
) -> None:
    lean = artifacts["margin-lean-13"]
    folder, proof = tmp_path / "keys", tmp_path / "proof.json"
    words = ("key", "import", "--statement", "margin-lean", "--key", raw_key, "--zkey", lean.zkey, "--out", folder)
    result = run(*words, "--json")
    assert result.code == 0
    assert "development key" in result.stderr
    assert result.json == {
        "folder": str(folder),
        "key": {"instance": "margin-lean-13", "origin": "development", "digest": lean.key.digest()},
    }
    proving = ("--statement", "margin-lean", "--round", ROUND_1)
    assert run("prove", "margin", "--account", account_file, *proving, "--keys", folder, "--out", proof).code == 0
    assert run("verify", proof, *proving, "--key", folder / "verification_key.json").code == 0


def test_a_key_of_another_statement_is_refused(
    run: Run, artifacts: Mapping[str, Artifacts], raw_key: Path, tmp_path: Path
) -> None:
    zkey, folder = artifacts["margin-lean-13"].zkey, tmp_path / "keys"
    words = ("key", "import", "--statement", "margin", "--key", raw_key, "--zkey", zkey, "--out", folder, "--json")
    result = run(*words)
    assert (result.code, result.error["reason"]) == (1, "key-refused")
    assert not folder.exists()
