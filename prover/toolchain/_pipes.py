"""Lines to and from a child process, with time limits in both directions."""

import os
import selectors
from subprocess import Popen
from typing import IO, Final, cast

_CHUNK: Final = 1 << 16


class PipeClosedError(Exception):
    """The child closed its end: it has exited."""


class PipeTimeoutError(Exception):
    """The child did not read or write in time."""


class LinePipes:
    """The standard input and output of a child process as a channel of lines.

    Either side may be slow; a call gives up when nothing has moved for `timeout` seconds.
    """

    def __init__(self, process: Popen[bytes]) -> None:
        self._input = cast(IO[bytes], process.stdin).fileno()
        self._output = cast(IO[bytes], process.stdout).fileno()
        self._unread = bytearray()
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)

    def send(self, line: bytes, timeout: float) -> None:
        """Send a line; it must hold no newline.

        Raises:
            PipeTimeoutError: the child does not read.
            PipeClosedError: the child died.
        """
        unsent = memoryview(line + b"\n")
        while unsent:
            _wait(self._input, selectors.EVENT_WRITE, timeout)
            try:
                unsent = unsent[os.write(self._input, unsent[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise PipeClosedError from None

    def receive(self, timeout: float) -> bytes:
        """The next line, without its newline.

        Raises:
            PipeTimeoutError: the child writes nothing.
            PipeClosedError: the child died.
        """
        while b"\n" not in self._unread:
            _wait(self._output, selectors.EVENT_READ, timeout)
            data = os.read(self._output, _CHUNK)
            if not data:
                raise PipeClosedError
            self._unread += data
        line, _, rest = self._unread.partition(b"\n")
        self._unread = bytearray(rest)
        return bytes(line)


def _wait(descriptor: int, event: int, timeout: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        if not selector.select(timeout):
            raise PipeTimeoutError
