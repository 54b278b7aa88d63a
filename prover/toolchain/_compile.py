"""Compiling an instance with circom, in a folder that holds its sources and nothing else."""

import logging
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from prover.formats import R1csHeader
from prover.toolchain._cache import Cache, Key
from prover.toolchain._circuits import CircuitInstance, find_instance
from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._parallel import in_parallel
from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
from prover.toolchain._sources import CIRCOM_FLAGS, LIBRARIES, Sources, collect_sources, sources_digest, write_sources
from prover.toolchain._tools import Circom, find_circom, find_package
from verifier import ToolError

_LOG: Final = logging.getLogger("prover.toolchain")
_OUTPUTS: Final[Mapping[str, str]] = {
    "main.r1cs": "circuit.r1cs",
    "main.sym": "circuit.sym",
    "main_js/main.wasm": "circuit.wasm",
}
WARNINGS_FILE: Final = "warnings.txt"
_TIMEOUT_SECONDS: Final = 900.0
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_WARNING: Final = re.compile(r"^warning\[.*?(?=^\S*(?:warning|error)\[|\n\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class CompiledCircuit:
    """What circom makes of an instance.

    Attributes:
        instance: the instance.
        r1cs, wasm, sym: constraint system, witness calculator and names of wires.
        constraints, wires, public_count: sizes of the constraint system.
        domain_log2: log2 of the evaluation domain that proofs need.
        warnings: what circom had to say.
    """

    instance: CircuitInstance
    r1cs: Path
    wasm: Path
    sym: Path
    constraints: int
    wires: int
    public_count: int
    domain_log2: int
    warnings: str


def compile_circuits(names: Sequence[str], *, progress: ProgressSink = ignore_progress) -> dict[str, CompiledCircuit]:
    """Compile instances, as many at once as there are processors, or take them from the cache.

    Args:
        names: names of instances, such as margin-13.
        progress: receives each compilation, by several threads.

    Raises:
        InputError: an unknown name.
        ToolError: circom is missing or refuses the circuit, or the cache cannot be written.
    """
    cache = Cache(cache_dir())
    circuits = find_home() / "circuits"
    instances = {name: find_instance(name) for name in names}
    found = {name: find_compiled(instance, circuits, cache) for name, instance in instances.items()}
    missing = [instances[name] for name, compiled in found.items() if compiled is None]
    compiled = in_parallel(lambda instance: compile_instance(instance, circuits, cache, progress), missing)
    built = {circuit.instance.name: circuit for circuit in compiled}
    return {name: known or built[name] for name, known in found.items()}


def compile_instance(
    instance: CircuitInstance, circuits: Path, cache: Cache, progress: ProgressSink = ignore_progress
) -> CompiledCircuit:
    """Compile one instance from a given folder of circuits into a given cache. Raises as `compile_circuits`."""
    circom = find_circom()
    sources = _sources(instance, circuits)

    def build(folder: Path) -> None:
        phase = f"compile {instance.name}"
        progress(Progress(phase, 0, 1))
        _run(circom, sources, folder)
        progress(Progress(phase, 1, 1))

    return load_compiled(instance, cache.get(_label(instance), _key(sources, circom), build))


def find_compiled(instance: CircuitInstance, circuits: Path, cache: Cache) -> CompiledCircuit | None:
    """What `compile_instance` would find in the cache; None where it would compile. Raises as `compile_circuits`."""
    folder = cache.find(_label(instance), _key(_sources(instance, circuits), find_circom()))
    return load_compiled(instance, folder) if folder is not None else None


def _sources(instance: CircuitInstance, circuits: Path) -> Sources:
    return collect_sources(instance.main(), circuits, {"circomlib": find_package("circomlib")})


def _label(instance: CircuitInstance) -> str:
    return f"circuit-{instance.name}"


def _key(sources: Sources, circom: Circom) -> Key:
    return {"sources": sources_digest(sources), "compiler": circom.identity, "flags": CIRCOM_FLAGS}


def load_compiled(instance: CircuitInstance, folder: Path) -> CompiledCircuit:
    """An instance whose compiled files are in a folder. Raises InputError: the constraint system is malformed."""
    header = R1csHeader.load(folder / "circuit.r1cs")
    return CompiledCircuit(
        instance=instance,
        r1cs=folder / "circuit.r1cs",
        wasm=folder / "circuit.wasm",
        sym=folder / "circuit.sym",
        constraints=header.constraints,
        wires=header.wires,
        public_count=header.public,
        domain_log2=header.domain_log2,
        warnings=(folder / WARNINGS_FILE).read_text(),
    )


def _run(circom: Circom, sources: Sources, folder: Path) -> None:
    # circom2 opens only what lies below its working directory, so the command speaks of it in relative paths.
    with tempfile.TemporaryDirectory(prefix="zksolvency-") as scratch:
        work = Path(scratch)
        write_sources(sources, work)
        (work / "out").mkdir()
        (work / LIBRARIES).mkdir(exist_ok=True)
        command = [*circom.command(), "main.circom", *CIRCOM_FLAGS, "-o", "out", "-l", str(LIBRARIES)]
        try:
            done = subprocess.run(
                command, cwd=work, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"circom did not finish in {_TIMEOUT_SECONDS:.0f} s") from None
        report = _COLOUR.sub("", f"{done.stdout}\n{done.stderr}")
        if done.returncode != 0:
            raise ToolError(f"circom refuses the circuit:\n{_first_error(report)}")
        warnings = "\n".join(match.strip() for match in _WARNING.findall(report))
        if warnings:
            _LOG.warning("circom: %s", warnings)
        (folder / WARNINGS_FILE).write_text(warnings)
        for produced, name in _OUTPUTS.items():
            shutil.move(work / "out" / PurePosixPath(produced), folder / name)


def _first_error(report: str) -> str:
    """circom's report from its first error on."""
    start = report.find("error[")
    return report[max(start, 0) :].strip()
