"""`prove` and `verify` on the real circuits: what is proven is accepted by both checkers, and nothing else is made."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from cli.harness import (
    ENVIRONMENT,
    PROGRAM,
    ROUND_1,
    ROUND_2,
    Run,
    amount_texts,
    assert_hidden,
    invoke,
    key_json,
    key_texts,
)
from simulated import SimulatedKey

from prover import Account
from prover.cli._output import as_hex
from prover.toolchain import Artifacts, default_backend, has_core
from verifier import BASE_MODULUS, ProofEnvelope, VectorKind

pytestmark = pytest.mark.full

KEEPER = "0x52908400098527886E0F7030069857D2E4169EE7"
NATIVE = pytest.param("native", marks=pytest.mark.skipif(not has_core(), reason="the native core is not installed"))
CHECKERS = pytest.mark.parametrize("checker", ["py_ecc", NATIVE, "snarkjs"])


@pytest.fixture(scope="module")
def account_path(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("account") / "account.json"
    account.save(path)
    return path


@pytest.fixture(scope="module")
def prove(
    account_path: Path, artifacts: Mapping[str, Artifacts], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    def prove(round_: Path, *options: str) -> Path:
        out = tmp_path_factory.mktemp("proof") / "proof.json"
        result = invoke("prove", "margin", "--account", account_path, "--round", round_, "--out", out, *options)
        assert result.code == 0, result.stderr
        return out

    return prove


@pytest.fixture(scope="module")
def solvent(prove: Callable[..., Path]) -> Path:
    return prove(ROUND_1)


@pytest.fixture(scope="module")
def liquidatable(prove: Callable[..., Path]) -> Path:
    return prove(ROUND_2, "--liquidatable", "--recipient", KEEPER)


@pytest.mark.parametrize("backend", [None, NATIVE, "snarkjs"])
def test_the_backend_is_the_one_that_was_asked_for(
    run: Run, account_path: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path, backend: str | None
) -> None:
    out = tmp_path / "proof.json"
    options = [] if backend is None else ["--backend", backend]
    result = run("prove", "margin", "--account", account_path, "--round", ROUND_1, "--out", out, *options, "--json")
    assert result.json["backend"] == (backend or default_backend())
    assert run("verify", out, "--round", ROUND_1).code == 0


def test_a_proof_about_the_overdraft_is_made_and_demanded_by_its_kind(
    run: Run, prove: Callable[..., Path], account_path: Path
) -> None:
    """Spec ZS-77. The example account owes more than its spot backs at round 2."""
    proof = prove(ROUND_2, "--liquidatable", "--kind", "overdraft")
    assert ProofEnvelope.load(proof).kind is VectorKind.OVERDRAFT
    words = ["verify", proof, "--round", ROUND_2, "--liquidatable"]
    assert run(*words, "--kind", "overdraft").code == 0
    assert run(*words, "--json").error["reason"] == "wrong-kind"
    options = ["--account", account_path, "--round", ROUND_2, "--out", proof.parent / "other.json"]
    refused = run("prove", "margin", *options, "--kind", "overdraft")
    assert (refused.code, "below overdraft margin" in refused.stderr) == (5, True)
    assert run("prove", "margin", *options, "--kind", "initial").code == 3


@CHECKERS
def test_a_solvency_proof_is_accepted(run: Run, account: Account, solvent: Path, checker: str) -> None:
    commitment = as_hex(account.commitment())
    result = run("verify", solvent, "--round", ROUND_1, "--commitment", commitment, "--with", checker, "--json")
    assert result.code == 0
    assert (result.json["healthy"], result.json["commitment"]) == (True, commitment)
    assert int(result.json["recipient"], 16) == 0


@CHECKERS
def test_a_liquidation_proof_is_accepted_with_its_recipient(run: Run, liquidatable: Path, checker: str) -> None:
    result = run(
        "verify", liquidatable, "--round", ROUND_2, "--liquidatable", "--recipient", KEEPER, "--with", checker, "--json"
    )
    assert result.code == 0
    assert result.json["healthy"] is False
    assert result.json["recipient"] == KEEPER.lower()


@CHECKERS
@pytest.mark.parametrize(
    ("round_", "options", "reason"),
    [
        (ROUND_2, [], "wrong-round"),
        (ROUND_1, ["--liquidatable"], "wrong-side"),
        (ROUND_1, ["--commitment", "1"], "wrong-commitment"),
        (ROUND_1, ["--recipient", KEEPER], "wrong-recipient"),
        (ROUND_1, ["--statement", "margin-lean"], "wrong-statement"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_refused_as_a_proof_of_anything_else(
    run: Run, solvent: Path, checker: str, round_: Path, options: list[str], reason: str
) -> None:
    result = run("verify", solvent, "--round", round_, *options, "--with", checker, "--json")
    assert (result.code, result.error["reason"]) == (1, reason)


@CHECKERS
def test_a_tampered_claim_or_proof_is_refused(run: Run, solvent: Path, tmp_path: Path, checker: str) -> None:
    tampered = tmp_path / "tampered.json"
    original = json.loads(solvent.read_text())

    def reason() -> str:
        result = run("verify", tampered, "--round", ROUND_1, "--with", checker, "--json")
        assert (result.code, result.stdout.count('"verified"')) == (1, 0)
        return result.error["reason"]

    for index in (0, 2):  # another account; another recipient
        content = json.loads(solvent.read_text())
        content["publicSignals"][index] = str(int(original["publicSignals"][index]) + 1)
        tampered.write_text(json.dumps(content))
        assert reason() == "proof-does-not-verify"
    content = json.loads(solvent.read_text())
    content["proof"]["pi_a"], content["proof"]["pi_c"] = content["proof"]["pi_c"], content["proof"]["pi_a"]
    tampered.write_text(json.dumps(content))
    assert reason() == "proof-does-not-verify"
    content = json.loads(solvent.read_text())
    content["proof"]["pi_b"][1][0] = str(int(original["proof"]["pi_b"][1][0]) + BASE_MODULUS)
    tampered.write_text(json.dumps(content))
    assert reason() == "coordinate-not-in-field"


def test_margin_lean_is_proven_and_refused_by_default(run: Run, prove: Callable[..., Path]) -> None:
    lean = prove(ROUND_1, "--statement", "margin-lean")
    assert run("verify", lean, "--round", ROUND_1, "--json").error["reason"] == "wrong-statement"
    assert run("verify", lean, "--round", ROUND_1, "--statement", "margin-lean").code == 0


def test_keys_from_a_folder_take_the_place_of_the_built_ones(
    run: Run, prove: Callable[..., Path], artifacts: Mapping[str, Artifacts]
) -> None:
    folder = artifacts["margin-13"].zkey.parent
    proof = prove(ROUND_1, "--keys", str(folder))
    assert run("verify", proof, "--round", ROUND_1, "--key", folder / "verification_key.json").code == 0


def test_a_key_of_another_size_is_refused(run: Run, solvent: Path, tmp_path: Path) -> None:
    key = tmp_path / "verification_key.json"
    key.write_text(key_json(SimulatedKey.generate(3 + 3 * 28).verifying_key()))
    assert run("verify", solvent, "--round", ROUND_1, "--key", key, "--json").error["reason"] == "wrong-key"


def test_the_proof_file_and_all_output_hide_amounts_and_keys(
    run: Run, secret_account: Account, account_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "proof.json"
    secrets = amount_texts(secret_account) | key_texts(secret_account)
    words = ["prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", out]
    for flags in ([], ["--json"]):
        result = run(*words, *flags)
        assert result.code == 0
        assert_hidden(secrets, result.stdout, result.stderr, out.read_text())
    envelope = ProofEnvelope.load(out)
    assert envelope.claim().commitment == secret_account.commitment()
    assert result.json["commitment"] == as_hex(secret_account.commitment())
    assert result.json["key"] == {"origin": "development", "digest": envelope.key}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["account.json", "proof.json"]


@pytest.mark.parametrize(("round_", "options"), [(ROUND_2, []), (ROUND_1, ["--liquidatable"])])
def test_the_wrong_side_cannot_be_proven_and_leaves_no_file(
    run: Run, secret_account: Account, account_file: Path, tmp_path: Path, round_: Path, options: list[str]
) -> None:
    out = tmp_path / "proof.json"
    result = run("prove", "margin", "--account", account_file, "--round", round_, "--out", out, *options, "--json")
    assert (result.code, result.error["kind"]) == (5, "proving")
    assert not out.exists()
    assert_hidden(amount_texts(secret_account) | key_texts(secret_account), result.stdout, result.stderr)


def test_ctrl_c_while_proving_ends_node_and_leaves_no_file(
    artifacts: Mapping[str, Artifacts], account_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "proof.json"
    arguments = ["prove", "margin", "--account", str(account_path), "--round", str(ROUND_1), "--out", str(out)]
    arguments += ["--backend", "snarkjs"]
    process = subprocess.Popen(
        [*PROGRAM, *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    node = _wait_for_node(process.pid)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    psutil.wait_procs([node], timeout=30)
    assert not node.is_running()
    assert list(tmp_path.iterdir()) == []


def _wait_for_node(pid: int) -> psutil.Process:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(pid).children():
            with suppress(psutil.NoSuchProcess):  # a probe for a version
                if any(word.endswith("worker.mjs") for word in child.cmdline()):
                    return child
        time.sleep(0.01)
    raise AssertionError("Node was not started")


def test_no_secret_is_in_the_command_line_or_environment_of_any_process(
    artifacts: Mapping[str, Artifacts], secret_account: Account, account_file: Path, tmp_path: Path
) -> None:
    arguments = ["prove", "margin", "--account", str(account_file), "--round", str(ROUND_1), "--backend", "snarkjs"]
    process = subprocess.Popen(
        [*PROGRAM, *arguments, "--out", str(tmp_path / "proof.json")],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    node = _wait_for_node(process.pid)
    secrets = amount_texts(secret_account) | key_texts(secret_account)
    seen = 0
    while process.poll() is None:
        for pid in (process.pid, node.pid):
            try:
                places = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
            except (FileNotFoundError, ProcessLookupError):
                continue
            seen += len(places[0]) > 0
            assert_hidden(secrets, *places)
        time.sleep(0.05)
    assert process.returncode == 0
    assert seen > 1
