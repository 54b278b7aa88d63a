"""Development keys: made on this machine, so whoever made them could forge proofs. Never for real money."""

import json
from pathlib import Path
from typing import Any, Final

from prover.toolchain._cache import Cache, Key, file_digest
from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._node import NodeProcess, NodeRefusalError
from prover.toolchain._progress import Progress, ProgressSink
from prover.toolchain._tools import package_version
from verifier import ToolError

_MAX_POWER: Final = 20
_SILENCE_SECONDS: Final = 600.0


class UnsafeDevelopmentKeys:
    """Makes powers of tau and proving keys, one contribution each, and keeps them in the cache."""

    def __init__(self, cache: Cache, node: NodeProcess, progress: ProgressSink) -> None:
        self._cache = cache
        self._node = node
        self._progress = progress

    def find(self, circuit: CompiledCircuit) -> Path | None:
        """The folder with circuit.zkey and verification_key.json, when they are in the cache."""
        return self._cache.find(_key_label(circuit), _key_of(circuit))

    def make(self, circuit: CompiledCircuit, power: int) -> Path:
        """As `find`, made first when missing.

        Args:
            circuit: what the keys are for.
            power: log2 size of the powers of tau to make when the cache holds none that are large enough.

        Raises:
            ToolError: Node is missing or failed, or the cache cannot be written.
        """

        def build(folder: Path) -> None:
            ptau = self._powers_of_tau(circuit.domain_log2, power)
            paths = {"r1cs": str(circuit.r1cs), "ptau": str(ptau), "zkey": str(folder / "circuit.zkey")}
            verification_key = self._run("provingKey", paths, f"proving key {circuit.instance.name}")
            verification_key["origin"] = "development"
            (folder / "verification_key.json").write_text(json.dumps(verification_key, indent=1))

        return self._cache.get(_key_label(circuit), _key_of(circuit), build)

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
    """The constraint system decides, not its source: a changed comment does not change keys."""
    return {"r1cs": file_digest(circuit.r1cs), "snarkjs": package_version("snarkjs")}
