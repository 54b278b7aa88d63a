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


def _open_in_child(circuit: Circuit, inputs: dict[str, Any], out: Any) -> None:
    out.put(tuple(circuit.prover(portable=True).prove(inputs)))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_opens_a_prover_of_its_own(margin: Circuit) -> None:
    prover = margin.prover()
    list(prover.prove_many(margin.inputs[:4]))
    context = multiprocessing.get_context("fork")
    out = context.Queue()
    children = [context.Process(target=_open_in_child, args=(margin, inputs, out)) for inputs in margin.inputs[:2]]
    for child in children:
        child.start()
    for _ in children:
        prover.verify(*out.get(timeout=120))
    for child in children:
        child.join(10)
        assert child.exitcode == 0
    prover.verify(*prover.prove(margin.inputs[0]))


_BATCH = """
import itertools, json, sys
from zksolvency_native import NativeProver
zkey, wasm, r1cs, cache, path = sys.argv[1:]
prover = NativeProver(zkey, wasm, r1cs_path=r1cs, cache_folder=cache)
inputs = json.loads(open(path).read())
try:
    for _ in prover.prove_many(itertools.repeat(inputs)):
        print("proved", flush=True)
except KeyboardInterrupt:
    prover.verify(*prover.prove(inputs))
    prover.verify(*next(prover.prove_many([inputs])))
    print("works", flush=True)
    raise
"""


def test_interrupt_ends_a_batch(margin: Circuit, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(json.dumps(margin.inputs[0]))
    command = [sys.executable, "-c", _BATCH, margin.zkey, margin.wasm, margin.r1cs, margin.cache, tmp_path / "in"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as batch:
        try:
            assert batch.stdout is not None
            assert batch.stdout.readline() == "proved\n"
            batch.send_signal(signal.SIGINT)
            # Without an end to the items nothing but the interrupt ends it.
            output, errors = batch.communicate(timeout=30)
        finally:
            batch.kill()
    assert batch.returncode != 0
    assert output.endswith("works\n")
    assert "KeyboardInterrupt" in errors


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _grown(prove: Callable[[int], object], count: int) -> int:
    """Resident bytes that `count` proofs add, after as many as it takes to fill what is kept."""
    for k in range(50):
        prove(k)
    gc.collect()
    before = _resident()
    for k in range(count):
        prove(k)
    gc.collect()
    return _resident() - before


FLAT_PROOFS = int(os.environ.get("FLAT_PROOFS", "250"))


@pytest.mark.parametrize("name", ["margin-lean-13", "margin-13"])
def test_memory_stays_flat(circuit: Callable[[str], Circuit], name: str) -> None:
    """Over witnesses that are there; each proof would leak 26 kB of wires or more."""
    prover = circuit(name).prover()
    wires = [prover.witness(inputs) for inputs in circuit(name).inputs[:5]]
    assert _grown(lambda k: prover.prove_witness(wires[k % 5]), FLAT_PROOFS) < 4 << 20


def test_memory_stays_flat_with_the_calculator(circuit: Callable[[str], Circuit]) -> None:
    this = circuit("margin-lean-13")
    prover = this.prover()

    def prove(k: int) -> None:
        if k % 10 == 9:
            with pytest.raises(ProvingError):
                prover.prove(this.inputs[0] | {"healthy": "2"})
        else:
            prover.prove(this.inputs[k % 30])

    assert _grown(prove, FLAT_PROOFS) < 4 << 20


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
