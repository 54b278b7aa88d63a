"""Notices of slow requests."""

import threading
import time

import pytest

from prover.chain import _slow_requests
from prover.chain._slow_requests import SlowRequests


def watching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "slow requests"]


def wait_for_none() -> None:
    deadline = time.monotonic() + 30
    while watching():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_slow_request_is_noticed_once_and_a_fast_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slow_requests, "_TICK", 0.01)
    slow, told, noticed = SlowRequests(), list[str](), threading.Event()

    def tell() -> None:
        told.append("slow")
        noticed.set()

    with slow.notice(60, lambda: told.append("fast")), slow.notice(0.02, tell):
        assert noticed.wait(30)
        time.sleep(0.1)
    assert told == ["slow"]


def test_the_thread_ends_after_the_last_request_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slow_requests, "_IDLE_SECONDS", 0.0)
    monkeypatch.setattr(_slow_requests, "_TICK", 0.01)
    wait_for_none()
    slow = SlowRequests()
    for _ in range(2):
        with slow.notice(60, lambda: None):
            assert len(watching()) == 1
            time.sleep(0.05)
            assert len(watching()) == 1
        wait_for_none()
