"""`zksolvency oracle run` as a process of its own."""

import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from cli.harness import ENVIRONMENT, PROGRAM

PATIENCE: Final = 90.0


class ReporterProcess:
    """A running reporter, look by look.

    Args:
        options: of `oracle run`.
    """

    def __init__(self, options: list[object]) -> None:
        arguments = [*PROGRAM, "oracle", "run", "--json", "--interval", "0.7", "--stagger", "1", *map(str, options)]
        self._process = subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._said: list[str] = []
        self._readers = [threading.Thread(target=self._read, args=[name], daemon=True) for name in ("stdout", "stderr")]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        for line in getattr(self._process, name):
            self._said.append(line)
            if name == "stdout":
                self._lines.put(line)

    def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next event that meets a condition."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                content: dict[str, Any] = json.loads(self._lines.get(timeout=max(deadline - time.monotonic(), 0)))
            except queue.Empty:
                raise AssertionError("".join(self._said[-20:])) from None
            if condition(content):
                return content

    def drain(self) -> None:
        """Forget what was told so far."""
        while not self._lines.empty():
            self._lines.get()

    def kill(self) -> None:
        """End it with no chance to clean up."""
        self._process.kill()
        self._join()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it with a signal, and return its exit code and everything that it said."""
        self._process.send_signal(number)
        code = self._process.wait(timeout=PATIENCE)
        self._join()
        return code, "".join(self._said)

    def _join(self) -> None:
        self._process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join(timeout=PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
