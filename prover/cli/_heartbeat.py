"""A sign of life on a terminal: a command that is at work for more than three seconds says so."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

FIRST_SECONDS: Final = 3.0
"""Until the first sign; each later one comes after twice the time."""


class Heartbeat:
    """Prints signs of life on stderr while a command runs, and none while it is quiet.

    Safe for several threads.
    """

    def __init__(self, first_seconds: float) -> None:
        self._first = first_seconds
        self._lock = threading.Lock()
        self._quiet = 0
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Beat for as long as the context."""
        thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Print nothing for as long as the context: a question waits for its answer, or bars show what is done."""
        with self._lock:
            self._quiet += 1
        try:
            yield
        finally:
            with self._lock:
                self._quiet -= 1

    def sign(self, seconds: float) -> None:
        """Print a sign of life, unless it is quiet.

        Args:
            seconds: how long the command has been at work.
        """
        with self._lock:  # held while it prints: a question that comes now waits for the end of the line
            if not self._quiet:
                print(f"still at work, for {seconds:.0f} s", file=sys.stderr, flush=True)  # noqa: T201

    def _beat(self) -> None:
        started, pause = time.monotonic(), self._first
        while not self._ended.wait(pause):
            self.sign(time.monotonic() - started)
            pause = time.monotonic() - started


_running: list[Heartbeat] = []


@contextmanager
def heartbeat() -> Iterator[None]:
    """Show signs of life for as long as the context, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    beat = Heartbeat(FIRST_SECONDS)
    _running.append(beat)
    try:
        with beat.running():
            yield
    finally:
        _running.remove(beat)


@contextmanager
def quietly() -> Iterator[None]:
    """No signs of life for as long as the context."""
    with _running[-1].quiet() if _running else nullcontext():
        yield
