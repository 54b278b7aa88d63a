import hashlib
import json
from pathlib import Path

import pytest

from prover.formats import R1CS, ProvingKeyFile
from prover.toolchain import Artifacts, CompiledCircuit, NativeBackend, Progress, SnarkjsBackend, load_keys
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._node import NodeProcess
from prover.toolchain._progress import ignore_progress
from verifier import InputError, Proof, VerifyingKey, verify

pytestmark = pytest.mark.full

POWER = 5


def test_the_verifying_key_is_marked_and_sane(keys: Artifacts) -> None:
    key = keys.key
    instance = keys.instance
    assert (key.statement, key.n, key.origin) == (instance.statement, instance.n, "development")
    assert key.public_count == 1
    assert key.gamma != key.delta


def test_proofs_with_the_keys_verify_here_and_with_snarkjs(keys: Artifacts, backend: SnarkjsBackend) -> None:
    proof, signals = backend.prove(keys, {"square": "144", "root": "12"})
    assert signals == ["144"]
    key = keys.key
    assert backend.verify(key, signals, proof)
    assert not backend.verify(key, ["145"], proof)
    verify(key, [144], Proof.from_json(proof))


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


def make(circuit: CompiledCircuit, cache: Path, power: int = POWER, *, natively: bool) -> Path:
    with NodeProcess("keys.mjs") as node:
        return UnsafeDevelopmentKeys(Cache(cache), node, ignore_progress, natively=natively).make(circuit, power)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("circuit.zkey", "verification_key.json")}


@pytest.mark.parametrize("natively", [False, True])
def test_a_circuit_has_the_same_key_wherever_it_is_made(
    square: CompiledCircuit, tmp_path: Path, natively: bool
) -> None:
    """Spec ZS-33: so its secrets are public."""
    if natively:
        pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    one = make(square, tmp_path / "one", natively=natively)
    other = make(square, tmp_path / "other", POWER + 1, natively=natively)
    assert contents(one) == contents(other)


@pytest.mark.parametrize("natively", [False, True])
def test_another_circuit_has_another_key(square: CompiledCircuit, tmp_path: Path, natively: bool) -> None:
    if natively:
        pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    circuits = tmp_path / "circuits"
    circuits.mkdir()
    source = (Path(__file__).parent / "square.circom").read_text()
    (circuits / "square.circom").write_text(source.replace("root * root", "root * root + 1"))
    other = compile_instance(square.instance, circuits, Cache(tmp_path))
    ours, theirs = (
        VerifyingKey.load(make(circuit, tmp_path, natively=natively) / "verification_key.json")
        for circuit in (square, other)
    )
    assert ours.delta != theirs.delta


def test_the_derivation_of_snarkjs_keys_is_pinned(keys: Artifacts) -> None:
    """A change of it needs another `_SCHEME`: the cache would go on with the keys that it has."""
    key = keys.key
    points = json.dumps([key.alpha.to_json(), key.beta.to_json(), key.delta.to_json()])
    digest = hashlib.sha256(points.encode()).hexdigest()
    assert digest == "b19595b5969f03e1438468bce4cdd6245cbbe825b21fe253ce3cf8f106eb4f2b"


@pytest.fixture(scope="module")
def core_keys(square: CompiledCircuit, tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """Keys that the native core made."""
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    keys = UnsafeDevelopmentKeys(
        Cache(tmp_path_factory.mktemp("keys")), NodeProcess("keys.mjs"), ignore_progress, natively=True
    )
    folder = keys.make(square, POWER)
    return Artifacts.load(square, folder)


def test_snarkjs_proves_and_verifies_with_the_keys_of_the_core(core_keys: Artifacts, backend: SnarkjsBackend) -> None:
    assert core_keys.key.origin == "development"
    proof, signals = backend.prove(core_keys, {"square": "144", "root": "12"})
    key = core_keys.key
    assert backend.verify(key, signals, proof)
    assert not backend.verify(key, ["145"], proof)
    verify(key, [144], Proof.from_json(proof))


def test_the_core_proves_with_the_keys_of_snarkjs(keys: Artifacts, backend: SnarkjsBackend) -> None:
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    with NativeBackend() as native:
        proof, signals = native.prove(keys, {"square": "144", "root": "12"})
        key = keys.key
        assert native.verify(key, signals, proof)
    assert backend.verify(key, signals, proof)


@pytest.mark.parametrize("maker", ["keys", "core_keys"])
def test_the_proving_key_of_either_maker_tells_circuit_and_verifying_key(
    square: CompiledCircuit, maker: str, request: pytest.FixtureRequest
) -> None:
    made: Artifacts = request.getfixturevalue(maker)
    file = ProvingKeyFile.load(made.zkey)
    assert file.is_of(R1CS.load(square.r1cs))
    assert file.has(made.key)


def test_keys_of_the_other_maker_are_not_used(square: CompiledCircuit, core_keys: Artifacts) -> None:
    cache = Cache(core_keys.zkey.parent.parent)
    finder = UnsafeDevelopmentKeys(cache, NodeProcess("keys.mjs"), ignore_progress, natively=False)
    assert finder.find(square) is None


def test_a_folder_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no circuit\.zkey"):
        load_keys("margin-lean-13", tmp_path)
