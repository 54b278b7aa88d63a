"""Development keys: by the native core, and by the ceremony that snarkjs needs."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prover.toolchain import find_node, find_package
from tools.bench._cases import Case
from tools.bench._native import has_native, native
from tools.bench._rows import Row
from tools.bench._timing import milliseconds

RUNS: Final = 3
METRIC: Final = "development key"


def measure_native_key(case: Case) -> Iterator[Row]:
    """From constraints to proving and verifying key."""
    if not has_native():
        return
    with tempfile.TemporaryDirectory(prefix="zksolvency-bench-") as folder:
        zkey = Path(folder) / "circuit.zkey"
        samples = [
            milliseconds(lambda: native().unsafe_development_key(case.artifacts.r1cs, zkey)) for _ in range(RUNS)
        ]
    yield case.row("native", METRIC, "ms", samples)


def measure_ceremony(case: Case) -> Iterator[Row]:
    """The same with snarkjs: powers of tau with one contribution, then a phase 2 with one. Once: it takes long."""
    with tempfile.TemporaryDirectory(prefix="zksolvency-bench-") as name:
        yield case.row("snarkjs CLI", METRIC, "ms", [milliseconds(lambda: _ceremony(case, Path(name)))])


def _ceremony(case: Case, folder: Path) -> None:
    power, r1cs = str(case.artifacts.circuit.domain_log2), str(case.artifacts.r1cs)
    program = [str(find_node()), str(find_package("snarkjs") / "build" / "cli.cjs")]
    # The entropy is no secret here: this key is thrown away.
    for step in (
        ["powersoftau", "new", "bn128", power, "0.ptau"],
        ["powersoftau", "contribute", "0.ptau", "1.ptau", "--name=benchmark", "-e=benchmark"],
        ["powersoftau", "prepare", "phase2", "1.ptau", "2.ptau"],
        ["groth16", "setup", r1cs, "2.ptau", "0.zkey"],
        ["zkey", "contribute", "0.zkey", "1.zkey", "--name=benchmark", "-e=benchmark"],
        ["zkey", "export", "verificationkey", "1.zkey", "key.json"],
    ):
        subprocess.run([*program, *step], check=True, capture_output=True, cwd=folder)
