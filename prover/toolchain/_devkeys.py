"""Development keys: made on this machine, so whoever made them could forge proofs. Never for real money."""

import json
from pathlib import Path
from typing import Any, Final

from prover.toolchain._cache import Cache, Key, file_digest
from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._core import core_cache, native_core
from prover.toolchain._node import NodeProcess, NodeRefusalError
from prover.toolchain._progress import Progress, ProgressSink
from prover.toolchain._tools import package_version
from verifier import ToolError

_MAX_POWER: Final = 20
_SILENCE_SECONDS: Final = 600.0


class UnsafeDevelopmentKeys:
    """Makes proving keys and keeps them in the cache.

    The native core makes one in well under a second. Without it snarkjs does, by powers of tau and a phase 2 of one
    contribution each.

    Args:
        cache: where keys are kept, whoever made them.
        node: runs snarkjs; started only where it is needed.
        progress: is told of each step.
        natively: whether the native core makes the keys.
    """

    def __init__(self, cache: Cache, node: NodeProcess, progress: ProgressSink, *, natively: bool) -> None:
        self._cache = cache
        self._node = node
        self._progress = progress
        self._make = self._by_the_core if natively else self._by_ceremony

    def find(self, circuit: CompiledCircuit) -> Path | None:
        """The folder with circuit.zkey and verification_key.json, when they are in the cache."""
        return self._cache.find(_key_label(circuit), _key_of(circuit))

    def make(self, circuit: CompiledCircuit, power: int) -> Path:
        """As `find`, made first when missing.

        Args:
            circuit: what the keys are for.
            power: log2 size of the powers of tau to make when the cache holds none that are large enough.

        Raises:
            ToolError: the native core, or Node where there is none, failed; or the cache cannot be written.
        """

        def build(folder: Path) -> None:
            verification_key = self._make(circuit, power, folder / "circuit.zkey") | {"origin": "development"}
            (folder / "verification_key.json").write_text(json.dumps(verification_key, indent=1))

        return self._cache.get(_key_label(circuit), _key_of(circuit), build)

    def _by_the_core(self, circuit: CompiledCircuit, _: int, zkey: Path) -> dict[str, Any]:
        """Opens the key too, so that its tables and the compiled witness calculator are there for the first proof."""
        phase = f"proving key {circuit.instance.name}"
        self._progress(Progress(phase, 0, 2))
        with native_core() as core:
            verification_key: dict[str, Any] = json.loads(core.unsafe_development_key(circuit.r1cs, zkey))
            self._progress(Progress(phase, 1, 2))
            core.NativeProver(zkey, circuit.wasm, r1cs_path=circuit.r1cs, cache_folder=core_cache())
        self._progress(Progress(phase, 2, 2))
        return verification_key

    def _by_ceremony(self, circuit: CompiledCircuit, power: int, zkey: Path) -> dict[str, Any]:
        paths = {"r1cs": str(circuit.r1cs), "ptau": str(self._powers_of_tau(circuit.domain_log2, power))}
        verification_key: dict[str, Any] = self._run(
            "provingKey", paths | {"zkey": str(zkey)}, f"proving key {circuit.instance.name}"
        )
        return verification_key

    def _powers_of_tau(self, least: int, power: int) -> Path:
        for size in range(least, _MAX_POWER + 1):
            found = self._cache.find(_tau_label(size), _tau_key())
            if found is not None:
                return found / "powers.ptau"

        def build(folder: Path) -> None:
            parameters = {"power": power, "path": str(folder / "powers.ptau")}
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
    return {"snarkjs": package_version("snarkjs")}


def _key_label(circuit: CompiledCircuit) -> str:
    return f"development-key-{circuit.instance.name}"


def _key_of(circuit: CompiledCircuit) -> Key:
    """The constraint system decides: neither a changed comment in its source nor another maker changes keys."""
    return {"r1cs": file_digest(circuit.r1cs)}
