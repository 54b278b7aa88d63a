import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from prover import poseidon
from prover.toolchain import Artifacts, CompiledCircuit, Inputs, SnarkjsBackend, compile_circuits
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import SCALAR_MODULUS, InputError, ProvingError, ToolError, VerificationError

pytestmark = pytest.mark.full

GOOD = {"square": "144", "root": "12"}
SECRETS = {"balance": 987654321987654321, "quote": 876543219876543198, "blind": 765432198765432109876}


@pytest.fixture(scope="module")
def lean() -> CompiledCircuit:
    return compile_circuits(["margin-lean-13"])["margin-lean-13"]


@pytest.fixture(scope="module")
def margin() -> CompiledCircuit:
    return compile_circuits(["margin-13"])["margin-13"]


def margin_inputs(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """An account of one long asset, written out by hand."""
    balance = [str(SECRETS["balance"])] + ["0"] * 12
    quote, shorts, blind = SECRETS["quote"], 0, SECRETS["blind"]
    commitment = poseidon([*map(int, balance), quote, shorts, blind])
    honest: dict[str, str | list[str]] = {
        "commitment": str(commitment),
        "healthy": "1",
        "recipient": "7",
        "effectivePrice": ["10"] * 13,
        "marginPerUnit": ["1"] * 13,
        "balance": balance,
        "quote": str(quote),
        "shorts": str(shorts),
        "blind": str(blind),
    }
    return honest | changes


def say_everything(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def assert_no_secret(text: str) -> None:
    for name, value in SECRETS.items():
        assert str(value) not in text, name


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


# Answers


def test_a_witness_proves_as_its_inputs_do(backend: SnarkjsBackend, keys: Artifacts) -> None:
    witness = backend.witness(keys, GOOD)
    assert witness.startswith(b"wtns")
    proof, signals = backend.prove_witness(keys, witness)
    assert signals == ["144"]
    assert backend.verify(json.loads(keys.verification_key.read_bytes()), signals, proof)


def test_two_proofs_of_one_statement_differ(backend: SnarkjsBackend, keys: Artifacts) -> None:
    """Zero knowledge needs fresh randomness in every proof."""
    assert backend.prove(keys, GOOD)[0] != backend.prove(keys, GOOD)[0]


def test_one_process_serves_many_threads(backend: SnarkjsBackend, square: CompiledCircuit) -> None:
    roots = list(range(40))
    with ThreadPoolExecutor(8) as pool:
        witnesses = list(pool.map(lambda r: backend.witness(square, {"square": str(r * r), "root": str(r)}), roots))
        pids = {backend.pid}
    assert len(set(witnesses)) == len(roots)
    assert len(pids) == 1


def test_a_rebuilt_file_is_read_anew(backend: SnarkjsBackend, keys: Artifacts, tmp_path: Path) -> None:
    zkey = tmp_path / "circuit.zkey"
    zkey.write_bytes(keys.zkey.read_bytes())
    copy = Artifacts(keys.circuit, zkey, keys.verification_key)
    backend.prove(copy, GOOD)
    zkey.write_bytes(b"no key any more")
    with pytest.raises(ToolError, match="snarkjs failed"):
        backend.prove(copy, GOOD)


# Refusals


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"healthy": "0"}, "template Margin line"),
        ({"commitment": "1"}, "template Margin line"),
        ({"shorts": "1"}, "template ValidState line"),
        ({"quote": str(1 << 144)}, "in SymmetricBits line"),
        ({"balance": [str(1 << 80)] + ["0"] * 12}, "in ValidState line"),
    ],
)
def test_a_broken_assertion_names_template_and_line_and_no_input(
    backend: SnarkjsBackend,
    margin: CompiledCircuit,
    changes: dict[str, str | list[str]],
    where: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inputs = margin_inputs(**changes)
    if not {"healthy", "commitment"} & changes.keys():
        hidden = [*map(int, inputs["balance"]), *(int(str(inputs[name])) for name in ("quote", "shorts", "blind"))]
        inputs["commitment"] = str(poseidon(hidden))
    with pytest.raises(ProvingError, match=where) as raised:
        backend.witness(margin, inputs)
    assert_no_secret(say_everything(raised.value) + caplog.text)


def test_the_named_line_is_that_of_the_broken_constraint(backend: SnarkjsBackend, square: CompiledCircuit) -> None:
    lines = (Path(__file__).parent / "square.circom").read_text().splitlines()
    line = lines.index("    square === root * root; // (2)") + 1
    with pytest.raises(ProvingError, match=f"template Square line {line}$"):
        backend.witness(square, {"square": "143", "root": "12"})


def without(name: str) -> Inputs:
    return {key: value for key, value in margin_inputs().items() if key != name}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (without("quote"), "Not all inputs have been set"),
        (margin_inputs(balance=["1"]), "Not enough values for input signal balance"),
        (margin_inputs(balance=["1"] * 14), "Too many values for input signal balance"),
        (margin_inputs(surplus="1"), "surplus"),
        (margin_inputs(quote=str(SCALAR_MODULUS)), "quote holds a value"),
        (margin_inputs(quote="-876543219876543198"), "quote holds a value"),
        (margin_inputs(quote="0x" + str(SECRETS["quote"])), "quote holds a value"),
        (margin_inputs(quote=str(SECRETS["quote"]) + "\n"), "quote holds a value"),
        (margin_inputs(quote=str(SECRETS["quote"]) * 300), "quote holds a value"),
        (margin_inputs(balance=[str(SECRETS["balance"]) + ".0"] * 13), "balance holds a value"),
        (margin_inputs(quote=""), "quote holds a value"),
    ],
)
def test_malformed_inputs_are_named_and_not_shown(
    backend: SnarkjsBackend, lean: CompiledCircuit, inputs: Inputs, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        backend.witness(lean, inputs)
    assert_no_secret(say_everything(raised.value) + caplog.text)


@pytest.mark.parametrize("wire", [0, 2, 9], ids=["the constant 1", "an input", "a bit"])
def test_a_witness_that_breaks_a_constraint_is_not_proven(backend: SnarkjsBackend, keys: Artifacts, wire: int) -> None:
    witness = bytearray(backend.witness(keys, GOOD))
    offset = len(witness) - 32 * (keys.circuit.wires - wire)
    witness[offset : offset + 32] = (2).to_bytes(32, "little")
    with pytest.raises(ProvingError, match="does not satisfy the constraints"):
        backend.prove_witness(keys, bytes(witness))


def test_a_witness_of_another_circuit_is_not_proven(
    backend: SnarkjsBackend, keys: Artifacts, lean: CompiledCircuit
) -> None:
    for witness in (backend.witness(lean, margin_inputs()), b"", b"wtns", backend.witness(keys, GOOD)[:-1]):
        with pytest.raises(ProvingError, match="malformed, or belongs to another circuit"):
            backend.prove_witness(keys, witness)


def test_a_wrong_number_of_signals_is_not_taken_for_zeros(backend: SnarkjsBackend, keys: Artifacts) -> None:
    proof, _ = backend.prove(keys, {"square": "0", "root": "0"})
    key = json.loads(keys.verification_key.read_bytes())
    assert backend.verify(key, ["0"], proof)
    for signals in ([], ["0", "0"]):
        with pytest.raises(VerificationError) as raised:
            backend.verify(key, signals, proof)
        assert raised.value.reason == "wrong-number-of-signals"


def test_malformed_proofs_and_signals_are_input_errors(backend: SnarkjsBackend, keys: Artifacts) -> None:
    proof, signals = backend.prove(keys, GOOD)
    key = json.loads(keys.verification_key.read_bytes())
    for bad in ({}, proof | {"pi_a": ["1", "2"]}, proof | {"pi_c": "7"}, proof | {"protocol": "plonk"}):
        with pytest.raises(InputError):
            backend.verify(key, signals, bad)
    for text in ("0x90", "-144", "", "144 "):
        with pytest.raises(InputError, match="no decimal string"):
            backend.verify(key, [text], proof)
    assert not backend.verify(key, [str(144 + SCALAR_MODULUS)], proof)


def test_a_key_without_contribution_is_not_asked(backend: SnarkjsBackend, keys: Artifacts) -> None:
    key = json.loads(keys.verification_key.read_bytes())
    key["vk_delta_2"] = key["vk_gamma_2"]
    with pytest.raises(VerificationError) as raised:
        backend.verify(key, ["0"], {})
    assert raised.value.reason == "key-without-contribution"


# Crashes and time limits


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


# Life and death of the process


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
backend.witness(pickle.loads(sys.stdin.buffer.read()), {"square": "144", "root": "12"})
print(backend.pid, flush=True)
if sys.argv[1] == "wait":
    time.sleep(600)
if sys.argv[1] == "handle":
    signal.signal(signal.SIGINT, lambda *_: None)
    print("ready", flush=True)
    signal.pause()
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
        child.stdin.close()
        return child, psutil.Process(int(child.stdout.readline()))

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


def test_memory_stays_flat(backend: SnarkjsBackend, keys: Artifacts) -> None:
    def resident_megabytes_after(proofs: int) -> float:
        for _ in range(proofs):
            backend.prove(keys, GOOD)
        return float(process_of(backend).memory_info().rss) / 1e6

    settled = resident_megabytes_after(60)
    assert resident_megabytes_after(240) < settled + 60  # a leak of one calculator's memory a proof would be 240


# Secrets


def test_secrets_are_in_no_argument_environment_or_file(
    backend: SnarkjsBackend, lean: CompiledCircuit, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    os.environ["ZKSOLVENCY_TEST_SECRET"] = str(SECRETS["blind"])
    try:
        backend.witness(lean, margin_inputs())
        process = process_of(backend)
        assert_no_secret(" ".join(process.cmdline()) + repr(process.environ()) + caplog.text)
        assert [file.path for file in process.open_files() if "r" not in file.mode] == []
    finally:
        del os.environ["ZKSOLVENCY_TEST_SECRET"]


def test_the_environment_cannot_make_node_run_other_code(
    square: CompiledCircuit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    spy = tmp_path / "spy.cjs"
    spy.write_text(f"require('fs').writeFileSync({json.dumps(str(marker))}, '')")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {spy}")
    with SnarkjsBackend() as backend:
        backend.witness(square, GOOD)
    assert not marker.exists()


def test_what_a_circuit_logs_goes_nowhere(
    tmp_path: Path, square: CompiledCircuit, capfd: pytest.CaptureFixture[str], backend: SnarkjsBackend
) -> None:
    circuits = tmp_path / "circuits"
    circuits.mkdir()
    source = (Path(__file__).parent / "square.circom").read_text()
    talking = source.replace("square === root", 'log("root is", root);\n    square === root')
    (circuits / "square.circom").write_text(talking)
    chatty = compile_instance(square.instance, circuits, Cache(tmp_path / "cache"))
    backend.witness(chatty, {"square": "15129", "root": "123"})
    with pytest.raises(ProvingError) as raised:
        backend.witness(chatty, {"square": "15128", "root": "123"})
    captured = capfd.readouterr()
    assert "123" not in captured.out + captured.err + str(raised.value)
