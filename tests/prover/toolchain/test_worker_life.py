"""Crashes, time limits, and the end of the worker's process."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from prover.toolchain import Artifacts, CompiledCircuit, SnarkjsBackend
from verifier import ToolError

pytestmark = pytest.mark.full

GOOD = {"square": "144", "root": "12"}


@pytest.fixture
def backend() -> Iterator[SnarkjsBackend]:
    with SnarkjsBackend() as backend:
        yield backend


@pytest.fixture
def started(backend: SnarkjsBackend, square: CompiledCircuit) -> SnarkjsBackend:
    backend.witness(square, GOOD)
    return backend


def process_of(backend: SnarkjsBackend) -> psutil.Process:
    assert backend.pid is not None
    return psutil.Process(backend.pid)


@pytest.fixture
def stopped(started: SnarkjsBackend) -> Iterator[tuple[SnarkjsBackend, psutil.Process]]:
    """A worker that will not come to answering, so that what happens meanwhile happens in mid-request."""
    process = process_of(started)
    process.suspend()
    yield started, process
    if process.is_running():
        process.kill()


def test_node_killed_in_mid_proof_is_an_error_and_the_next_call_works(
    stopped: tuple[SnarkjsBackend, psutil.Process], keys: Artifacts
) -> None:
    backend, process = stopped
    with ThreadPoolExecutor(1) as pool:
        proof = pool.submit(backend.prove, keys, GOOD)
        time.sleep(0.2)
        assert not proof.done()
        process.kill()
        with pytest.raises(ToolError, match=r"Node \(worker.mjs\) died of SIGKILL"):
            proof.result()
    assert backend.prove(keys, GOOD)[1] == ["144"]
    assert backend.pid != process.pid


def test_a_worker_that_died_between_calls_is_replaced(started: SnarkjsBackend, square: CompiledCircuit) -> None:
    process = process_of(started)
    process.kill()
    process.wait()
    assert started.witness(square, GOOD)
    assert started.pid != process.pid


@pytest.mark.parametrize("request_bytes", [0, 1 << 20], ids=["while answering", "while reading"])
def test_a_silent_worker_is_stopped_and_replaced(square: CompiledCircuit, keys: Artifacts, request_bytes: int) -> None:
    with SnarkjsBackend(timeout=1.0) as backend:
        backend.witness(square, GOOD)
        process = process_of(backend)
        process.suspend()
        with pytest.raises(ToolError, match="said nothing for 1 s and was stopped"):
            backend.prove_witness(keys, b"x" * request_bytes)
        assert not psutil.pid_exists(process.pid)
        assert backend.witness(square, GOOD)


def test_an_interrupted_call_leaves_no_half_read_answer(
    started: SnarkjsBackend, square: CompiledCircuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C the answer of the interrupted call must never be taken for that of the next."""
    process = process_of(started)
    process.suspend()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        started.witness(square, {"square": "9", "root": "3"})
    assert not psutil.pid_exists(process.pid)
    with SnarkjsBackend() as other:
        assert started.witness(square, GOOD) == other.witness(square, GOOD)


def test_closing_ends_node_and_leaves_no_zombie(started: SnarkjsBackend, square: CompiledCircuit) -> None:
    pid = started.pid
    assert pid is not None
    started.close()
    assert started.pid is None
    assert not psutil.pid_exists(pid)
    started.close()
    assert started.witness(square, GOOD)


def test_a_forgotten_backend_ends_its_node(square: CompiledCircuit) -> None:
    backend = SnarkjsBackend()
    backend.witness(square, GOOD)
    pid = backend.pid
    assert pid is not None
    del backend
    assert not psutil.pid_exists(pid)


CHILD = """
import pickle, signal, sys, time
from prover.toolchain import SnarkjsBackend
backend = SnarkjsBackend()
backend.witness(pickle.load(sys.stdin.buffer), {"square": "144", "root": "12"})
print(backend.pid, flush=True)
sys.stdin.buffer.read()  # until the parent has found Node
if sys.argv[1] == "wait":
    time.sleep(600)
if sys.argv[1] == "handle":
    handled = []
    signal.signal(signal.SIGINT, lambda *_: handled.append(True))
    print("ready", flush=True)
    while not handled:
        time.sleep(0.05)
    time.sleep(1)  # time for Node to die, if it does
    print(backend.pid, flush=True)
"""


@pytest.fixture
def spawn(square: CompiledCircuit) -> Iterator[Callable[[str], tuple[subprocess.Popen[bytes], psutil.Process]]]:
    """Starts a Python of its own that starts a worker; tells both."""
    children: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> tuple[subprocess.Popen[bytes], psutil.Process]:
        command = [sys.executable, "-c", CHILD, mode]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        children.append(child)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(pickle.dumps(square))
        child.stdin.flush()
        node = psutil.Process(int(child.stdout.readline()))
        child.stdin.close()
        return child, node

    yield start
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_node_ends_with_its_python(spawn: Callable[[str], tuple[subprocess.Popen[bytes], psutil.Process]]) -> None:
    child, node = spawn("exit")
    assert child.wait(30) == 0
    node.wait(10)


def test_node_ends_when_its_python_is_killed(
    spawn: Callable[[str], tuple[subprocess.Popen[bytes], psutil.Process]],
) -> None:
    child, node = spawn("wait")
    assert node.is_running()
    child.kill()
    node.wait(10)


def test_ctrl_c_at_a_terminal_is_for_python_to_handle(
    spawn: Callable[[str], tuple[subprocess.Popen[bytes], psutil.Process]],
) -> None:
    child, node = spawn("handle")
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    os.killpg(child.pid, signal.SIGINT)
    assert child.stdout.readline() == b"%d\n" % node.pid
    assert child.wait(30) == 0


def test_a_forked_child_starts_a_worker_of_its_own(started: SnarkjsBackend, square: CompiledCircuit) -> None:
    parent_pid = started.pid
    expected = started.witness(square, GOOD)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        witness = started.witness(square, GOOD)
        os.write(writer, b"ok" if witness == expected and started.pid != parent_pid else b"no")
        started.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reader, 2) == b"ok"
    os.close(reader)
    os.close(writer)
    assert started.pid == parent_pid
    assert started.witness(square, GOOD) == expected


@pytest.mark.parametrize(("first", "more"), [(40, 80), pytest.param(60, 240, marks=pytest.mark.deep)])
def test_memory_stays_flat(backend: SnarkjsBackend, keys: Artifacts, first: int, more: int) -> None:
    def resident_megabytes_after(proofs: int) -> float:
        for _ in range(proofs):
            backend.prove(keys, GOOD)
        return float(process_of(backend).memory_info().rss) / 1e6

    settled = resident_megabytes_after(first)
    assert resident_megabytes_after(more) < settled + 60  # a leak of one calculator's memory would be 1 a proof
