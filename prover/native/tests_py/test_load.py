"""A prover under load: threads, forks, long batches, interrupts, memory."""

import gc
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from native_circuits import Circuit
from zksolvency_native import NativeProver, NativeVerifier, ProvingError


def test_threads_share_a_prover(margin: Circuit) -> None:
    prover = margin.prover()
    with ThreadPoolExecutor(6) as pool:
        proofs = list(pool.map(prover.prove, margin.inputs[:30]))
    NativeVerifier(margin.verification_key).verify_batch(proofs)
    assert [p.public_signals[0] for p in proofs] == [i["commitment"] for i in margin.inputs[:30]]


def _prove_in_child(prover: NativeProver, inputs: dict[str, Any], out: Any) -> None:
    out.put(tuple(prover.prove(inputs)))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_inherits_a_prover(margin: Circuit) -> None:
    prover = margin.prover()
    prover.prove(margin.inputs[0])
    context = multiprocessing.get_context("fork")
    out = context.Queue()
    child = context.Process(target=_prove_in_child, args=(prover, margin.inputs[1], out))
    child.start()
    prover.verify(*out.get(timeout=60))
    child.join(10)
    assert child.exitcode == 0


def test_prove_many_takes_no_more_than_it_needs(margin: Circuit) -> None:
    taken = 0

    def endless() -> Iterator[dict[str, Any]]:
        nonlocal taken
        while True:
            taken += 1
            yield margin.inputs[taken % len(margin.inputs)]

    prover = margin.prover(threads=2)
    results = prover.prove_many(endless())
    for _ in range(5):
        prover.verify(*next(results))
    assert taken <= 5 + 2 * prover.threads
    results.close()


def test_prove_many_reports_the_item_that_fails(margin: Circuit) -> None:
    items = [margin.inputs[0], margin.inputs[1] | {"healthy": "2"}, margin.inputs[2]]
    results = margin.prover().prove_many(items)
    next(results)
    with pytest.raises(ProvingError):
        next(results)


_BATCH = """
import itertools, json, sys
from zksolvency_native import NativeProver
zkey, wasm, r1cs, cache, inputs = sys.argv[1:]
prover = NativeProver(zkey, wasm, r1cs_path=r1cs, cache_folder=cache)
for _ in prover.prove_many(itertools.repeat(json.loads(open(inputs).read()))):
    print("proved", flush=True)
"""


def test_interrupt_ends_a_batch(margin: Circuit, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(json.dumps(margin.inputs[0]))
    command = [sys.executable, "-c", _BATCH, margin.zkey, margin.wasm, margin.r1cs, margin.cache, tmp_path / "in"]
    batch = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert batch.stdout is not None
    assert batch.stdout.readline() == "proved\n"
    batch.send_signal(signal.SIGINT)
    _, errors = batch.communicate(timeout=30)
    assert batch.returncode != 0
    assert "KeyboardInterrupt" in errors


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_memory_stays_flat(circuit: Callable[[str], Circuit]) -> None:
    this = circuit("margin-lean-13")
    prover = this.prover()
    wires = prover.witness(this.inputs[0])
    count = int(os.environ.get("FLAT_PROOFS", "1000"))
    for _ in range(50):
        prover.prove_witness(wires)
    gc.collect()
    before = _resident()
    for _ in range(count):
        prover.prove_witness(wires)
    gc.collect()
    assert _resident() - before < 4 << 20


def test_the_interpreter_runs_while_a_proof_is_made(margin: Circuit) -> None:
    prover = margin.prover(threads=1)
    wires = prover.witness(margin.inputs[0])
    ticks = 0
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(lambda: [prover.prove_witness(wires) for _ in range(50)])
        while not work.done():
            ticks += 1
            time.sleep(0.001)
    assert ticks > 10
