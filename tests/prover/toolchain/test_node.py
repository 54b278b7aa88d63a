import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from prover.toolchain._cache import Cache
from prover.toolchain._node import NodeProcess, NodeRefusalError
from verifier import ToolError

pytestmark = pytest.mark.full

INTERRUPTED = """
import sys
from pathlib import Path
from prover.toolchain._cache import Cache
from prover.toolchain._node import NodeProcess

def build(folder):
    with NodeProcess("keys.mjs") as node:
        parameters = {"power": 10, "seed": "00" * 32, "path": str(folder / "powers.ptau")}
        node.request("powersOfTau", parameters, timeout=60,
                     progress=lambda done, total: print(node.pid, flush=True))

Cache(Path(sys.argv[1])).get("tau", {}, build)
"""


def test_a_refusal_leaves_the_process_alive(tmp_path: Path) -> None:
    with NodeProcess("ceremony.mjs") as node:
        (tmp_path / "no.ptau").write_bytes(b"")
        for _ in range(2):
            with pytest.raises(NodeRefusalError) as raised:
                node.request("verifyTau", {"ptau": str(tmp_path / "no.ptau")}, timeout=60)
            assert raised.value.kind == "refused"
        pid = node.pid
        assert pid is not None
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


def test_an_unknown_operation_is_an_error_and_not_a_silence() -> None:
    with NodeProcess("worker.mjs") as node, pytest.raises(NodeRefusalError) as raised:
        node.request("nonsense", {}, timeout=60)
    assert raised.value.kind == "internal"


def test_a_full_disk_reaches_python_as_what_it_is(tmp_path: Path) -> None:
    """/dev/full refuses every write for want of room."""

    def build(_: Path) -> None:
        node.request("powersOfTau", {"power": 1, "seed": "00" * 32, "path": "/dev/full"}, timeout=60)

    with NodeProcess("keys.mjs") as node:
        with pytest.raises(OSError, match="ENOSPC") as raised:
            build(tmp_path)
        assert raised.value.errno == errno.ENOSPC
        with pytest.raises(ToolError, match="no room left"):
            Cache(tmp_path / "cache").get("tau", {}, build)


def test_packages_that_do_not_load_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "snarkjs").mkdir()
    (tmp_path / "snarkjs" / "package.json").write_text('{"module": "gone.js"}')
    monkeypatch.setattr("prover.toolchain._node.find_modules", lambda: tmp_path)
    with NodeProcess("keys.mjs") as node, pytest.raises(ToolError, match=r"cannot load .*gone\.js.* run `npm ci`"):
        node.request("powersOfTau", {}, timeout=60)


@pytest.mark.parametrize("to_group", [False, True], ids=["kill -INT", "Ctrl-C at a terminal"])
def test_ctrl_c_during_a_long_step_stops_node_and_leaves_nothing(tmp_path: Path, to_group: bool) -> None:
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", INTERRUPTED, str(cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as python:
        assert python.stdout is not None
        node = int(python.stdout.readline())
        if to_group:
            os.killpg(python.pid, signal.SIGINT)
        else:
            python.send_signal(signal.SIGINT)
        _, complaints = python.communicate()
    assert python.returncode != 0
    assert b"KeyboardInterrupt" in complaints
    assert not [path for path in cache.iterdir() if path.is_dir()]
    wait_for_end(node)


def wait_for_end(pid: int) -> None:
    for _ in range(100):
        if not psutil.pid_exists(pid):
            return
        time.sleep(0.1)
    pytest.fail("Node outlived its Python")
