"""Everything that proving an instance takes, built once and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.toolchain._cache import Cache
from prover.toolchain._circuits import CircuitInstance, find_instance
from prover.toolchain._compile import CompiledCircuit, compile_circuits, find_compiled
from prover.toolchain._core import has_core
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._node import NodeProcess
from prover.toolchain._parallel import in_parallel
from prover.toolchain._progress import ProgressSink, ignore_progress
from verifier import InputError


@dataclass(frozen=True, slots=True)
class Artifacts:
    """A compiled instance and its keys.

    Attributes:
        circuit: the compiled instance.
        zkey: proving key.
        verification_key: verifying key in snarkjs' JSON, with its `origin`.
    """

    circuit: CompiledCircuit
    zkey: Path
    verification_key: Path

    @property
    def instance(self) -> CircuitInstance:
        """The instance."""
        return self.circuit.instance

    @property
    def r1cs(self) -> Path:
        """Constraint system."""
        return self.circuit.r1cs

    @property
    def wasm(self) -> Path:
        """Witness calculator."""
        return self.circuit.wasm

    @property
    def sym(self) -> Path:
        """Names of wires."""
        return self.circuit.sym

    @property
    def constraints(self) -> int:
        """Number of constraints."""
        return self.circuit.constraints


def build(names: Sequence[str], *, progress: ProgressSink = ignore_progress) -> dict[str, Artifacts]:
    """Compile instances and make development keys, or take them from the cache.

    Without the native core, powers of tau are made once, of the largest domain among the instances that lack keys.

    Args:
        names: names of instances, such as margin-13.
        progress: is told of each step, by several threads; of nothing when all comes from the cache.

    Raises:
        InputError: an unknown name.
        ToolError: a tool is missing or failed, or the cache cannot be written.
    """
    circuits = compile_circuits(names, progress=progress)
    with NodeProcess("keys.mjs") as node:
        keys = UnsafeDevelopmentKeys(Cache(cache_dir()), node, progress, natively=has_core())
        folders = {name: keys.find(circuit) for name, circuit in circuits.items()}
        missing = [name for name, found in folders.items() if found is None]
        power = max((circuits[name].domain_log2 for name in missing), default=0)
        made = dict(zip(missing, in_parallel(lambda name: keys.make(circuits[name], power), missing), strict=True))
        return {name: _artifacts(circuits[name], found or made[name]) for name, found in folders.items()}


def find_built(name: str) -> Artifacts | None:
    """What `build` would find in the cache; None where it would compile or make a key. Builds nothing.

    Raises:
        InputError: an unknown name.
        ToolError: a tool is missing whose version is part of what the entries are built from.
    """
    cache = Cache(cache_dir())
    circuit = find_compiled(find_instance(name), find_home() / "circuits", cache)
    if circuit is None:
        return None
    folder = UnsafeDevelopmentKeys(cache, NodeProcess("keys.mjs"), ignore_progress, natively=has_core()).find(circuit)
    return _artifacts(circuit, folder) if folder is not None else None


def load_keys(name: str, folder: Path, *, progress: ProgressSink = ignore_progress) -> Artifacts:
    """An instance with the keys that `Ceremony.export` wrote to a folder, in place of development keys.

    Args:
        name: name of the instance.
        folder: with circuit.zkey and verification_key.json.
        progress: is told when the circuit is compiled.

    Raises:
        InputError: an unknown name, or the folder lacks a key.
        ToolError: as `build`.
    """
    folder = folder.resolve()
    artifacts = _artifacts(compile_circuits([name], progress=progress)[name], folder)
    if not (artifacts.zkey.is_file() and artifacts.verification_key.is_file()):
        raise InputError(f"{folder} holds no circuit.zkey and verification_key.json")
    return artifacts


def _artifacts(circuit: CompiledCircuit, folder: Path) -> Artifacts:
    return Artifacts(circuit, folder / "circuit.zkey", folder / "verification_key.json")
