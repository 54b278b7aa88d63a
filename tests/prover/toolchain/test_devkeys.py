import json
from pathlib import Path

import pytest

from prover.toolchain import Artifacts, CompiledCircuit, NativeBackend, Progress, SnarkjsBackend, load_keys
from prover.toolchain._cache import Cache
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._node import NodeProcess
from prover.toolchain._progress import ignore_progress
from verifier import InputError, Proof, VerifyingKey, verify

pytestmark = pytest.mark.full

POWER = 5


def test_the_verifying_key_is_marked_and_sane(keys: Artifacts) -> None:
    assert json.loads(keys.verification_key.read_bytes())["origin"] == "development"
    key = VerifyingKey.load(keys.verification_key)
    assert key.origin == "development"
    assert key.public_count == 1
    assert key.gamma != key.delta


def test_proofs_with_the_keys_verify_here_and_with_snarkjs(keys: Artifacts, backend: SnarkjsBackend) -> None:
    proof, signals = backend.prove(keys, {"square": "144", "root": "12"})
    assert signals == ["144"]
    key = json.loads(keys.verification_key.read_bytes())
    assert backend.verify(key, signals, proof)
    assert not backend.verify(key, ["145"], proof)
    verify(VerifyingKey.from_json(key), [144], Proof.from_json(proof))


def test_progress_rises_from_nothing_to_all(square: CompiledCircuit, tmp_path: Path) -> None:
    reports: list[Progress] = []
    with NodeProcess("keys.mjs") as node:
        keys = UnsafeDevelopmentKeys(Cache(tmp_path), node, reports.append, natively=False)
        assert keys.find(square) is None
        made = keys.make(square, POWER)
        assert keys.find(square) == made

    phases = {report.phase for report in reports}
    assert phases == {f"powers of tau 2^{POWER}", "proving key square"}
    for phase in phases:
        done = [report.done for report in reports if report.phase == phase]
        assert done == sorted(done)
        assert done[0] == 0
        assert done[-1] == 1
        assert len(done) > 2


def test_keys_are_made_once_and_larger_powers_of_tau_serve(square: CompiledCircuit, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    reports: list[Progress] = []
    with NodeProcess("keys.mjs") as node:
        keys = UnsafeDevelopmentKeys(cache, node, reports.append, natively=False)
        first = keys.make(square, square.domain_log2 + 1)
        count = len(reports)
        assert keys.make(square, square.domain_log2) == first
        assert len(reports) == count

        (first / "circuit.zkey").write_bytes(b"damaged")
        assert keys.make(square, square.domain_log2) == first
    assert {report.phase for report in reports[count:]} == {"proving key square"}


def test_every_setup_draws_secrets_of_its_own(square: CompiledCircuit, keys: Artifacts, tmp_path: Path) -> None:
    with NodeProcess("keys.mjs") as node:
        folder = UnsafeDevelopmentKeys(Cache(tmp_path), node, ignore_progress, natively=False).make(square, POWER)
    ours, theirs = VerifyingKey.load(folder / "verification_key.json"), VerifyingKey.load(keys.verification_key)
    assert ours.alpha != theirs.alpha
    assert ours.beta != theirs.beta
    assert ours.delta != theirs.delta


@pytest.fixture(scope="module")
def core_keys(square: CompiledCircuit, tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """Keys that the native core made."""
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    keys = UnsafeDevelopmentKeys(
        Cache(tmp_path_factory.mktemp("keys")), NodeProcess("keys.mjs"), ignore_progress, natively=True
    )
    folder = keys.make(square, POWER)
    return Artifacts(square, folder / "circuit.zkey", folder / "verification_key.json")


def test_snarkjs_proves_and_verifies_with_the_keys_of_the_core(core_keys: Artifacts, backend: SnarkjsBackend) -> None:
    assert VerifyingKey.load(core_keys.verification_key).origin == "development"
    proof, signals = backend.prove(core_keys, {"square": "144", "root": "12"})
    key = json.loads(core_keys.verification_key.read_bytes())
    assert backend.verify(key, signals, proof)
    assert not backend.verify(key, ["145"], proof)
    verify(VerifyingKey.from_json(key), [144], Proof.from_json(proof))


def test_the_core_proves_with_the_keys_of_snarkjs(keys: Artifacts, backend: SnarkjsBackend) -> None:
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    with NativeBackend() as native:
        proof, signals = native.prove(keys, {"square": "144", "root": "12"})
        key = json.loads(keys.verification_key.read_bytes())
        assert native.verify(key, signals, proof)
    assert backend.verify(key, signals, proof)


def test_keys_of_either_maker_are_found_by_both(square: CompiledCircuit, core_keys: Artifacts) -> None:
    cache = Cache(core_keys.zkey.parent.parent)
    finder = UnsafeDevelopmentKeys(cache, NodeProcess("keys.mjs"), ignore_progress, natively=False)
    assert finder.find(square) == core_keys.zkey.parent


def test_a_folder_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no circuit\.zkey"):
        load_keys("margin-lean-13", tmp_path)
