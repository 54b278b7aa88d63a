"""The stubs say exactly what the compiled module has."""

import subprocess
import sys


def test_stubs_are_the_module() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "zksolvency_native._native"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
