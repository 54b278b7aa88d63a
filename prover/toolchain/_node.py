"""A Node process that answers requests in JSON lines over pipes."""

import errno
import json
import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from prover.toolchain._home import node_script
from prover.toolchain._pipes import LinePipes, PipeClosedError, PipeTimeoutError
from prover.toolchain._tools import find_modules, find_node
from verifier import ToolError

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 2.0
_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The only environment variables that Node gets: they hold no secret, and do not change what Node runs."""

ReportProgress = Callable[[float, float], None]


class NodeRefusalError(Exception):
    """A script responded with an error message.

    Attributes:
        kind: names the error for programs.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NodeProcess:
    """One Node process that runs one of our scripts; started by the first request, and again after it died.

    Safe for several threads: requests run one at a time.
    """

    def __init__(self, script: str) -> None:
        self._script = script
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: LinePipes | None = None
        self._end: Callable[[], object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id, while the process runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def request(
        self, op: str, parameters: Mapping[str, Any], *, timeout: float, progress: ReportProgress | None = None
    ) -> Any:
        """Ask and wait for the answer.

        Args:
            op: name of the handler in the script.
            parameters: what it takes, as JSON values.
            timeout: seconds without a word from the script after which it is killed.
            progress: receives (done, total).

        Raises:
            NodeRefusalError: the script refuses.
            OSError: the script met an error of the file system.
            ToolError: Node is missing, died or did not answer in time; the next request starts it again.
        """
        with self._lock:
            pipes = self._running()
            answer = self._exchange(pipes, {"op": op, **parameters}, timeout, progress)
        return _result(answer)

    def close(self) -> None:
        """End the process. A later request starts it again."""
        with self._lock:
            self._discard()

    def _running(self) -> LinePipes:
        # A forked child has no such child of its own: there `pid` is None, and it starts its own process.
        if self._pipes is not None and self.pid is not None:
            return self._pipes
        self._discard()
        return self._start()

    def _start(self) -> LinePipes:
        command = [str(find_node()), str(node_script(self._script)), str(find_modules())]
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        try:
            # A session of its own: Ctrl-C reaches Python alone, which then ends Node.
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolError(f"{command[0]} cannot be started: {error.strerror}") from None
        pipes = LinePipes(process)
        self._process, self._pipes = process, pipes
        self._end = weakref.finalize(self, _end_process, process)
        _result(self._exchange(pipes, None, _START_SECONDS, None))
        return pipes

    def _exchange(
        self, pipes: LinePipes, request: Mapping[str, Any] | None, timeout: float, progress: ReportProgress | None
    ) -> dict[str, Any]:
        try:
            if request is not None:
                pipes.send(json.dumps(request).encode(), timeout)
            while True:
                message: dict[str, Any] = json.loads(pipes.receive(timeout))
                if "progress" not in message:
                    return message
                if progress is not None:
                    progress(message["progress"]["done"], message["progress"]["total"])
        except PipeTimeoutError:
            self._discard()
            raise ToolError(f"Node ({self._script}) said nothing for {timeout:g} s and was stopped") from None
        except PipeClosedError:
            cause = self._discard()
            raise ToolError(f"Node ({self._script}) died{cause}; the next call starts it again") from None
        except BaseException:
            self._discard()  # Ctrl-C may fall in the middle of a line: the pipes are of no more use
            raise

    def _discard(self) -> str:
        """End the process, if there is one, and say how it ended."""
        process = self._process
        if self._end is not None:
            self._end()
        self._process = self._pipes = self._end = None
        return _cause(process)


def _result(answer: Mapping[str, Any]) -> Any:
    if "error" not in answer:
        return answer["result"]
    error = answer["error"]
    if error["kind"] == "start":
        raise ToolError(f"Node cannot load its packages ({error['message']}): run `npm ci` again")
    if error["kind"] == "io":
        raise OSError(getattr(errno, error["code"], errno.EIO), error["message"])
    raise NodeRefusalError(error["kind"], error["message"])


def _end_process(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(_STOP_SECONDS)  # it ends when its stdin closes, unless it is in the middle of a proof
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cause(process: subprocess.Popen[bytes] | None) -> str:
    if process is None or process.returncode is None:
        return ""
    if process.returncode < 0:
        return f" of {signal.Signals(-process.returncode).name}"
    return f" with exit code {process.returncode}"
