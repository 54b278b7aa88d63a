"""Provers kept open in one process: proofs, witnesses, verification, throughput."""

import importlib
import importlib.util
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from prover.toolchain import SnarkjsBackend
from tools.bench._cases import Case
from tools.bench._native import Opened, has_native, native, open_provers
from tools.bench._rapidsnark import RapidsnarkLibrary
from tools.bench._ratios import THROUGHPUT, WARM, WARM_ALL
from tools.bench._rows import Row, cores
from tools.bench._timing import interleaved, milliseconds
from verifier import Proof, verify

RAPIDSNARK_LIBRARY: Final = "BENCH_RAPIDSNARK_LIBRARY"
ROUNDS: Final = 4
BURST: Final = 4
VERIFY_ROUNDS: Final = 2
BATCH: Final = 40

Contestant = tuple[str, int | None]
"""Backend and threads."""


def measure_warm(case: Case, snarkjs: SnarkjsBackend, folder: Path) -> Iterator[Row]:
    """Every figure of provers that keep their key open.

    Args:
        case: what is proven.
        snarkjs: kept open.
        folder: for tables, compiled calculators and a witness file.
    """
    yield case.row("circom", "constraints", "", [case.artifacts.constraints])
    opened = open_provers(case.artifacts, folder) if has_native() else []
    from_inputs: dict[Contestant, Callable[[], object]] = {
        (one.backend, one.threads): partial(one.prover.prove, case.inputs) for one in opened
    }
    from_inputs["snarkjs worker", cores()] = partial(snarkjs.prove, case.artifacts, case.inputs)
    with ExitStack() as stack:
        from_witness: dict[Contestant, Callable[[], object]] = {
            (one.backend, one.threads): partial(one.prover.prove_witness, case.witness) for one in opened
        }
        from_witness["snarkjs worker", cores()] = partial(snarkjs.prove_witness, case.artifacts, case.witness)
        from_witness |= _groth16py(case, folder) | _rapidsnark(case, stack)
        yield from _rows(case, WARM, from_witness)
    yield from _rows(case, WARM_ALL, from_inputs)

    witness: dict[Contestant, Callable[[], object]] = {
        ("snarkjs worker", None): partial(snarkjs.witness, case.artifacts, case.inputs)
    }
    if opened:
        witness["native", None] = partial(opened[0].prover.witness, case.inputs)
    yield from _rows(case, "witness, warm", witness)
    yield from _rows(case, "verification, warm", _verifiers(case, snarkjs), VERIFY_ROUNDS)
    if opened:
        yield case.row("native", "tables", "MB", [opened[0].prover.table_bytes / 1e6])
        yield from _throughput(case, opened)


def _rows(
    case: Case, metric: str, contestants: dict[Contestant, Callable[[], object]], rounds: int = ROUNDS
) -> Iterator[Row]:
    for (backend, threads), samples in interleaved(contestants, rounds=rounds, burst=BURST, warm=True).items():
        yield case.row(backend, metric, "ms", samples, threads)


def _groth16py(case: Case, folder: Path) -> dict[Contestant, Callable[[], object]]:
    if importlib.util.find_spec("groth16py") is None:
        return {}
    groth16py: Any = importlib.import_module("groth16py")
    key, _ = groth16py.import_zkey(str(case.artifacts.zkey))
    file = folder / f"{case.name}.wtns"
    file.write_bytes(case.witness)
    return {("groth16py", cores()): partial(groth16py.prove_wtns, key, str(file))}


def _rapidsnark(case: Case, stack: ExitStack) -> dict[Contestant, Callable[[], object]]:
    path = os.environ.get(RAPIDSNARK_LIBRARY)
    if not path:
        return {}
    key = case.artifacts.key
    library = stack.enter_context(RapidsnarkLibrary(Path(path), case.artifacts.zkey, key.public_count))
    proof, signals = library.prove(case.witness)
    verify(key, list(map(int, signals)), Proof.from_json(proof))
    return {("rapidsnark library", cores()): partial(library.prove, case.witness)}


def _verifiers(case: Case, snarkjs: SnarkjsBackend) -> dict[Contestant, Callable[[], object]]:
    made, signals = snarkjs.prove(case.artifacts, case.inputs)
    key = case.artifacts.key
    public, proof = list(map(int, signals)), Proof.from_json(made)
    verifiers: dict[Contestant, Callable[[], object]] = {
        ("snarkjs worker", None): partial(snarkjs.verify, key, signals, made),
        ("py_ecc", None): partial(verify, key, public, proof),
    }
    if has_native():
        core = native().NativeVerifier(key.to_json())
        verifiers["native", None] = partial(core.verify, made, signals)
    return verifiers


def _throughput(case: Case, opened: Sequence[Opened]) -> Iterator[Row]:
    """Proofs a second of the native core's default arithmetic, witnesses included."""
    samples: dict[tuple[str, int], list[float]] = {}
    best = [one for one in opened if one.backend == opened[0].backend]
    for _, one in itertools.product(range(ROUNDS), best):
        taken = milliseconds(partial(_prove_batch, one.prover, case))
        samples.setdefault((one.backend, one.threads), []).append(1000 * BATCH / taken)
    for (backend, threads), values in samples.items():
        yield case.row(backend, THROUGHPUT, "proofs/s", values, threads)


def _prove_batch(prover: Any, case: Case) -> None:
    """Take the proofs one by one, as a caller would."""
    for _ in prover.prove_many(itertools.repeat(case.inputs, BATCH)):
        pass
