"""Development keys: their secrets follow from public seeds, so that proofs can be forged. Never for real money.

In return a circuit has the same key on every machine, as long as the same maker makes it: the native core derives all
secrets from the constraint system, snarkjs takes public beacons, and the two give different keys.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from prover.toolchain._cache import Cache, Key, file_digest
from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._core import core_cache, native_core
from prover.toolchain._node import NodeProcess, NodeRefusalError
from prover.toolchain._progress import Progress, ProgressSink
from prover.toolchain._tools import package_version
from verifier import ToolError, VerifyingKey

_MAX_POWER: Final = 20
_SILENCE_SECONDS: Final = 600.0

_NAME: Final = "zksolvency development key: unsafe"

_SCHEME: Final = 2
"""Version of how secrets are derived and files written. Cache entries are named by it, so a change makes new keys."""


class UnsafeDevelopmentKeys:
    """Makes proving keys and keeps them in the cache.

    The native core makes one in well under a second. Without it snarkjs does, by powers of tau and a phase 2 of one
    beacon each. A key that the other maker left in the cache is not used: which key a circuit has would depend on it.

    Args:
        cache: where keys are kept.
        node: runs snarkjs; started only where it is needed.
        progress: receives each step.
        natively: whether the native core makes the keys.
    """

    def __init__(self, cache: Cache, node: NodeProcess, progress: ProgressSink, *, natively: bool) -> None:
        self._cache = cache
        self._node = node
        self._progress = progress
        self._make = self._make_natively if natively else self._make_by_beacons
        self._maker = "native core" if natively else _snarkjs()

    def find(self, circuit: CompiledCircuit) -> Path | None:
        """The folder with circuit.zkey and verification_key.json, when they are in the cache."""
        return self._cache.find(_key_label(circuit), self._key_of(circuit))

    def make(self, circuit: CompiledCircuit, power: int) -> Path:
        """As `find`, made first when missing.

        Args:
            circuit: what the keys are for.
            power: log2 size of the powers of tau to make when the cache holds none that are large enough.

        Raises:
            ToolError: the native core, or Node where there is none, failed; or the cache cannot be written.
        """

        def build(folder: Path) -> None:
            made = self._make(circuit, power, folder / "circuit.zkey")
            instance = circuit.instance
            key = VerifyingKey.from_snarkjs(made, instance.statement, instance.n, "development")
            (folder / "verification_key.json").write_text(json.dumps(key.to_json(), indent=1))

        return self._cache.get(_key_label(circuit), self._key_of(circuit), build)

    def _key_of(self, circuit: CompiledCircuit) -> Key:
        """Constraint system, statement and maker decide: a changed comment in the circuit's source changes no key."""
        return {
            "r1cs": file_digest(circuit.r1cs),
            "statement": circuit.instance.statement,
            "n": circuit.instance.n,
            "maker": self._maker,
            "scheme": _SCHEME,
        }

    def _make_natively(self, circuit: CompiledCircuit, _: int, zkey: Path) -> dict[str, Any]:
        """Opens the key too, so that its tables and the compiled witness calculator are there for the first proof."""
        phase = f"proving key {circuit.instance.name}"
        self._progress(Progress(phase, 0, 2))
        with native_core() as core:
            verification_key: dict[str, Any] = json.loads(core.unsafe_development_key(circuit.r1cs, zkey))
            self._progress(Progress(phase, 1, 2))
            core.NativeProver(zkey, circuit.wasm, r1cs_path=circuit.r1cs, cache_folder=core_cache())
        self._progress(Progress(phase, 2, 2))
        return verification_key

    def _make_by_beacons(self, circuit: CompiledCircuit, power: int, zkey: Path) -> dict[str, Any]:
        parameters = {
            "r1cs": str(circuit.r1cs),
            "ptau": str(self._powers_of_tau(circuit.domain_log2, power)),
            "seed": _public_seed("delta", file_digest(circuit.r1cs)),
            "zkey": str(zkey),
        }
        verification_key: dict[str, Any] = self._run("provingKey", parameters, f"proving key {circuit.instance.name}")
        return verification_key

    def _powers_of_tau(self, least: int, power: int) -> Path:
        """Of any sufficient size: the seed decides on tau, alpha and beta, so all sizes give the same keys."""
        for size in range(least, _MAX_POWER + 1):
            found = self._cache.find(_tau_label(size), _tau_key())
            if found is not None:
                return found / "powers.ptau"

        def build(folder: Path) -> None:
            parameters = {"power": power, "seed": _TAU_SEED, "path": str(folder / "powers.ptau")}
            self._run("powersOfTau", parameters, f"powers of tau 2^{power}")

        return self._cache.get(_tau_label(power), _tau_key(), build) / "powers.ptau"

    def _run(self, op: str, parameters: dict[str, Any], phase: str) -> Any:
        self._progress(Progress(phase, 0, 1))
        try:
            result = self._node.request(
                op,
                parameters,
                timeout=_SILENCE_SECONDS,
                progress=lambda done, total: self._progress(Progress(phase, done, total)),
            )
        except NodeRefusalError as error:
            raise ToolError(f"{phase}: {error}") from None
        self._progress(Progress(phase, 1, 1))
        return result


def _tau_label(power: int) -> str:
    return f"powers-of-tau-{power}"


def _tau_key() -> Key:
    return {"maker": _snarkjs(), "seed": _TAU_SEED}


def _snarkjs() -> str:
    return f"snarkjs {package_version('snarkjs')}"


def _key_label(circuit: CompiledCircuit) -> str:
    return f"development-key-{circuit.instance.name}"


def _public_seed(*parts: str) -> str:
    """A beacon in hex. It is public, and determines every secret of the key."""
    return hashlib.sha256("|".join((_NAME, *parts)).encode()).hexdigest()


_TAU_SEED: Final = _public_seed("powers of tau")
