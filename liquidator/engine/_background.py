"""Work for a process of its own, at the least priority: what computes for long must not hold the loop up."""

import contextlib
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar, cast

from verifier import ToolError, ZkSolvencyError

_SPAWN: Final = multiprocessing.get_context("spawn")  # a fork would have the locks of other threads
_NICENESS: Final = 19

_T = TypeVar("_T")


class BackgroundProcess:
    """A process that is started at the first call, and again after one that failed. One thread uses it.

    What is passed reaches it by a pipe. It gets no key, and ends with this process.
    """

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Connection[Any, Any] | None = None
        self._is_stopped = False

    def call(self, seconds: float, function: Callable[..., _T], *arguments: object) -> _T:
        """Call a function there.

        Args:
            seconds: for which the answer is waited for; then the process is ended.
            function: of a module; its arguments and its result can be pickled.
            arguments: its arguments.

        Raises:
            ToolError: the process does not start, ends, is late, or meets a bug.
            ZkSolvencyError: as the function.
        """
        try:
            is_done, result = self._answer(seconds, (function, arguments))
        except (OSError, EOFError) as error:
            self.close()
            raise ToolError(f"the process that predicts has ended ({type(error).__name__})") from None
        except ToolError:
            self.close()
            raise
        if not is_done:
            raise cast("ZkSolvencyError", result)
        return cast("_T", result)

    def stop(self) -> None:
        """End the process, from any thread: a call that waits fails, and so does every later one."""
        self._is_stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()

    def _answer(self, seconds: float, question: object) -> tuple[bool, object]:
        pipe = self._started()
        _send(pipe, question)
        if not pipe.poll(seconds):
            raise ToolError(f"the process that predicts has not answered within {seconds:g} s")
        answer: tuple[bool, object] = pipe.recv()
        return answer

    def _started(self) -> "Connection[Any, Any]":
        if self._is_stopped:
            raise ToolError("the process that predicts was ended")
        if self._pipe is None or not self._process.is_alive():
            self.close()
            self._pipe, theirs = _SPAWN.Pipe()
            self._process = _SPAWN.Process(target=_serve, args=(theirs,), name="prediction", daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe


def _send(pipe: "Connection[Any, Any]", question: object) -> None:
    """Send arrays as they are: pickled with the rest they would be copied, while no other thread can run."""
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(question, protocol=5, buffer_callback=arrays.append)
    pipe.send(len(arrays))
    parts: list[bytes | memoryview] = [head, *(array.raw() for array in arrays)]
    for part in parts:
        pipe.send_bytes(part)


def _receive(pipe: "Connection[Any, Any]") -> Any:
    count = pipe.recv()
    head, *arrays = (pipe.recv_bytes() for _ in range(1 + count))
    return pickle.loads(head, buffers=arrays)  # noqa: S301 - of the process that started this one


def _serve(pipe: "Connection[Any, Any]") -> None:
    """Answer calls until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the engine ends its process
    os.nice(_NICENESS)
    with contextlib.suppress(EOFError, OSError):
        while True:
            function, arguments = _receive(pipe)
            try:
                answer: tuple[bool, object] = (True, function(*arguments))
            except ZkSolvencyError as error:
                answer = (False, error)
            except Exception as error:  # noqa: BLE001 - its words may hold secrets
                answer = (False, ToolError(f"a bug in the prediction: unexpected {type(error).__name__}"))
            pipe.send(answer)
