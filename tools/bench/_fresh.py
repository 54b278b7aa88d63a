"""A fresh process a proof, from start to proof file: its time and its memory."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from prover.toolchain import find_node, find_package
from tools.bench._cases import Case
from tools.bench._native import PORTABLE, has_native, open_provers
from tools.bench._ratios import FRESH, FRESH_ALL
from tools.bench._rows import Row
from tools.bench._timing import interleaved, milliseconds

RAPIDSNARK: Final = "BENCH_RAPIDSNARK"
ROUNDS: Final = 6
MEMORY_RUNS: Final = 2

# Linux passes on a process's peak to the child that it starts, so the child is started by something small.
_LAUNCHER: Final = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""

Commands = dict[str, list[str]]
"""Of each backend."""


def measure_fresh(case: Case, cache: Path) -> Iterator[Row]:
    """Time and peak memory of one proof by each prover, from inputs and from a witness.

    Args:
        case: what is proven.
        cache: where the native core finds its tables and compiled calculators.
    """
    with tempfile.TemporaryDirectory(prefix="zksolvency-bench-") as name:
        folder = Path(name)
        (folder / "inputs.json").write_text(json.dumps(case.inputs))
        (folder / "case.wtns").write_bytes(case.witness)
        variants = _variants(case, cache)
        for commands, metric, peak in (
            (_from_inputs(case, folder, cache, variants), FRESH_ALL, "peak memory, proof from inputs"),
            (_from_witness(case, folder, cache, variants), FRESH, "peak memory, proof from a witness"),
        ):
            runs = {backend: partial(_run, command) for backend, command in commands.items()}
            for backend, samples in interleaved(runs, rounds=ROUNDS, warm=False).items():
                yield case.row(backend, metric, "ms", samples)
            for backend, command in commands.items():
                yield case.row(backend, peak, "MB", [_peak_megabytes(command) for _ in range(MEMORY_RUNS)])
        if variants:
            yield from _first(case, folder, variants[0])


def _variants(case: Case, cache: Path) -> list[str]:
    """The arithmetics that run here, the default first. Fills the cache."""
    return list(dict.fromkeys(one.backend for one in open_provers(case.artifacts, cache))) if has_native() else []


def _from_inputs(case: Case, folder: Path, cache: Path, variants: Sequence[str]) -> Commands:
    source, wasm = str(folder / "inputs.json"), str(case.artifacts.wasm)
    outputs = [str(folder / "proof.json"), str(folder / "public.json")]
    commands = {"snarkjs CLI": [*_snarkjs("fullprove"), source, wasm, str(case.artifacts.zkey), *outputs]}
    return commands | _native(case, ["--inputs", source, "--wasm", wasm], folder, cache, variants)


def _from_witness(case: Case, folder: Path, cache: Path, variants: Sequence[str]) -> Commands:
    witness, zkey, proof = str(folder / "case.wtns"), str(case.artifacts.zkey), str(folder / "proof.json")
    outputs = [proof, str(folder / "public.json")]
    commands = {"snarkjs CLI": [*_snarkjs("prove"), zkey, witness, *outputs]}
    if path := os.environ.get(RAPIDSNARK):
        commands["rapidsnark CLI"] = [path, zkey, witness, *outputs]
    if importlib.util.find_spec("groth16py") is not None:
        commands["groth16py"] = [*_once("groth16py"), "--zkey", zkey, "--witness", witness, "--proof", proof]
    return commands | _native(case, ["--witness", witness], folder, cache, variants)


def _native(case: Case, source: list[str], folder: Path, cache: Path, variants: Sequence[str]) -> Commands:
    keys = ["--zkey", str(case.artifacts.zkey), "--r1cs", str(case.artifacts.r1cs), "--cache", str(cache)]
    command = [*_once("native"), *source, *keys, "--proof", str(folder / "proof.json")]
    return {backend: command + ["--portable"] * (backend == PORTABLE) for backend in variants}


def _first(case: Case, folder: Path, variant: str) -> Iterator[Row]:
    """The first proof of all: tables are made and the witness calculator is compiled."""

    def command(cache: str) -> list[str]:
        return _from_inputs(case, folder, folder / cache, [variant])[variant]

    yield case.row(variant, "first proof of all, fresh process", "ms", [milliseconds(lambda: _run(command("empty")))])
    yield case.row(variant, "peak memory, first proof of all", "MB", [_peak_megabytes(command("empty too"))])


def _snarkjs(command: str) -> list[str]:
    return [str(find_node()), str(find_package("snarkjs") / "build" / "cli.cjs"), "groth16", command]


def _once(prover: str) -> list[str]:
    return [sys.executable, str(Path(__file__).parent / "_once.py"), prover]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _peak_megabytes(command: list[str]) -> float:
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    return int(subprocess.run(launcher, check=True, capture_output=True, text=True).stdout) * 1024 / 1e6
