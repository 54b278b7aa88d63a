"""Notices of requests that take long, from one thread for all: a timer for each would take as long as the request."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_TICK: Final = 0.05
_IDLE_SECONDS: Final = 10.0
"""Without a request, after which the thread ends."""


class SlowRequests:
    """Calls back, once, for each request that takes longer than it is said to."""

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[float, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._idle_since = 0.0

    @contextmanager
    def notice(self, seconds: float, tell: Callable[[], None]) -> Iterator[None]:
        """The time of a request.

        Args:
            seconds: after which it is noticed, to a twentieth.
            tell: what to do then, in another thread.
        """
        key = object()
        with self._lock:
            self._waiting[key] = (time.monotonic() + seconds, tell)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="slow requests", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(key, None)
                self._idle_since = time.monotonic()

    def _watch(self) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            with self._lock:
                due = [key for key, (until, _) in self._waiting.items() if until <= now]
                told = [self._waiting.pop(key)[1] for key in due]
                if not self._waiting and not told and now > self._idle_since + _IDLE_SECONDS:
                    self._thread = None
                    return
            for tell in told:
                tell()
