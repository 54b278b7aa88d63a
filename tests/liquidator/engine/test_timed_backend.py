"""Proofs that take turns."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from liquidator.engine import _timed_backend
from liquidator.engine._timed_backend import TimedBackend
from tests.liquidator.engine.fake_clock import FakeClock


class CountingBackend:
    """Says how many proofs were made at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.go = threading.Event()

    def prove(self, _: object, __: object) -> tuple[dict[str, object], list[str]]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(0.02)
        with self.lock:
            self.now -= 1
        return {}, []


def test_no_more_proofs_are_made_at_once_than_there_are_cores() -> None:
    inner, told = CountingBackend(), list[float]()
    backend = TimedBackend(cast("Any", inner), FakeClock(), told.append)
    count = 4 * _timed_backend._AT_ONCE
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda _: backend.prove(cast("Any", None), cast("Any", None)), range(count)))
    assert inner.most == _timed_backend._AT_ONCE
    assert len(told) == count
