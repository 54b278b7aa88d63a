"""`zksolvency guardian watch` as a process of its own."""

import json
import queue
import subprocess
import threading
from typing import Any, Final

from cli.harness import ENVIRONMENT, PROGRAM

PATIENCE: Final = 60.0


class Watch:
    """A running `guardian watch --json`, line by line."""

    def __init__(self, options: list[object]) -> None:
        arguments = [*PROGRAM, "guardian", "watch", "--json", "--interval", "0.2", *map(str, options)]
        self._process = subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.seen: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def next(self) -> dict[str, Any]:
        """What is told next, soon."""
        line = self._lines.get(timeout=PATIENCE)
        self.seen.append(line)
        content: dict[str, Any] = json.loads(line)
        return content

    def stop(self) -> tuple[int, str]:
        """Interrupt it, and return its exit code and everything that it said."""
        self._process.send_signal(2)
        code = self._process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        while not self._lines.empty():
            self.seen.append(self._lines.get())
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        said = "".join([*self.seen, self._process.stderr.read()])
        self._process.stdout.close()
        self._process.stderr.close()
        return code, said
