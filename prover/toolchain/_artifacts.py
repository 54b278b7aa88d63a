"""Everything that proving an instance takes, built once and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from prover.toolchain._cache import Cache
from prover.toolchain._circuits import CircuitInstance, find_instance
from prover.toolchain._compile import CompiledCircuit, compile_circuits, find_compiled, load_compiled
from prover.toolchain._core import has_core
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._installed import installed_folder
from prover.toolchain._node import NodeProcess
from prover.toolchain._parallel import in_parallel
from prover.toolchain._progress import ProgressSink, ignore_progress
from verifier import InputError, VerificationError, VerifyingKey


@dataclass(frozen=True, slots=True)
class Artifacts:
    """A compiled instance and its keys.

    Attributes:
        circuit: the compiled instance.
        zkey: proving key.
        verification_key: file of the verifying key.
        key: the verifying key, one of this instance.
    """

    circuit: CompiledCircuit
    zkey: Path
    verification_key: Path
    key: VerifyingKey

    @classmethod
    def load(cls, circuit: CompiledCircuit, folder: Path) -> Self:
        """A compiled instance with the keys in a folder.

        Args:
            circuit: the compiled instance.
            folder: with circuit.zkey and verification_key.json.

        Raises:
            InputError: the folder lacks a key, or the verifying key is malformed.
            VerificationError: `wrong-key` or `wrong-number-of-signals`, when the verifying key is one of another
                instance; `key-without-contribution`.
        """
        zkey, verification_key = folder / "circuit.zkey", folder / "verification_key.json"
        if not (zkey.is_file() and verification_key.is_file()):
            raise InputError(f"{folder} holds no circuit.zkey and verification_key.json")
        key = VerifyingKey.load(verification_key)
        key.require(circuit.instance.statement, circuit.instance.n)
        if key.public_count != circuit.public_count:
            raise VerificationError(
                "wrong-number-of-signals",
                f"{circuit.instance.name} has {circuit.public_count} public signals, the key takes {key.public_count}",
            )
        return cls(circuit, zkey, verification_key, key)

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

    What `install_archive` has installed comes first, with its keys, and takes no tool. Without the native core, powers
    of tau are made once, of the largest domain among the instances that lack keys.

    Args:
        names: names of instances, such as margin-13.
        progress: receives each step, by several threads; of nothing when all comes from the cache.

    Raises:
        InputError: an unknown name.
        ToolError: a tool is missing or failed, or the cache cannot be written.
    """
    installed = {name: find_installed(name) for name in names}
    built = _build([name for name, found in installed.items() if found is None], progress)
    return {name: found or built[name] for name, found in installed.items()}


def _build(names: Sequence[str], progress: ProgressSink) -> dict[str, Artifacts]:
    circuits = compile_circuits(names, progress=progress)
    with NodeProcess("keys.mjs") as node:
        keys = UnsafeDevelopmentKeys(Cache(cache_dir()), node, progress, natively=has_core())
        folders = {name: keys.find(circuit) for name, circuit in circuits.items()}
        missing = [name for name, found in folders.items() if found is None]
        power = max((circuits[name].domain_log2 for name in missing), default=0)
        made = dict(zip(missing, in_parallel(lambda name: keys.make(circuits[name], power), missing), strict=True))
        return {name: Artifacts.load(circuits[name], found or made[name]) for name, found in folders.items()}


def find_built(name: str) -> Artifacts | None:
    """What `build` would find; None where it would compile or make a key. Builds nothing.

    Raises:
        InputError: an unknown name.
        ToolError: a tool is missing whose version is part of what the entries are built from.
    """
    installed = find_installed(name)
    if installed is not None:
        return installed
    cache = Cache(cache_dir())
    circuit = find_compiled(find_instance(name), find_home() / "circuits", cache)
    if circuit is None:
        return None
    folder = UnsafeDevelopmentKeys(cache, NodeProcess("keys.mjs"), ignore_progress, natively=has_core()).find(circuit)
    return Artifacts.load(circuit, folder) if folder is not None else None


def find_installed(name: str) -> Artifacts | None:
    """An instance that `install_archive` has installed, or None.

    Raises:
        InputError: an unknown name.
    """
    instance = find_instance(name)
    folder = installed_folder(instance)
    return Artifacts.load(load_compiled(instance, folder), folder) if folder is not None else None


def load_keys(name: str, folder: Path, *, progress: ProgressSink = ignore_progress) -> Artifacts:
    """An instance with the keys that `Ceremony.export` or `import_key` wrote to a folder, not development keys.

    Args:
        name: name of the instance.
        folder: with circuit.zkey and verification_key.json.
        progress: receives the compilation of the circuit.

    Raises:
        InputError: an unknown name, or as `Artifacts.load`.
        VerificationError: as `Artifacts.load`.
        ToolError: as `build`.
    """
    installed = find_installed(name)
    circuit = installed.circuit if installed is not None else compile_circuits([name], progress=progress)[name]
    return Artifacts.load(circuit, folder.resolve())
