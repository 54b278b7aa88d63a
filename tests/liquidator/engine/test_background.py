"""Work in another process: answers, errors, and what hangs or dies."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from liquidator.engine._background import BackgroundProcess
from verifier import InputError, ToolError


@pytest.fixture
def background() -> Iterator[BackgroundProcess]:
    made = BackgroundProcess()
    yield made
    made.close()


def refuse() -> None:
    raise InputError("too short")


def fail() -> None:
    raise ValueError("987654321 is a secret")


def test_a_call_is_answered_by_another_process_of_the_least_priority(background: BackgroundProcess) -> None:
    pid = background.call(60, os.getpid)
    assert pid != os.getpid()
    assert background.call(60, os.getpriority, os.PRIO_PROCESS, 0) == 19
    assert background.call(60, os.getpid) == pid


def test_errors_come_back_and_a_bug_shows_no_value(background: BackgroundProcess) -> None:
    with pytest.raises(InputError, match="too short"):
        background.call(60, refuse)
    with pytest.raises(ToolError, match="unexpected ValueError") as raised:
        background.call(60, fail)
    assert "987654321" not in str(raised.value)
    assert background.call(60, abs, -3) == 3


def test_what_is_late_or_dies_is_ended_and_started_again(background: BackgroundProcess) -> None:
    pid = background.call(60, os.getpid)
    with pytest.raises(ToolError, match=r"not answered within 0\.05 s"):
        background.call(0.05, time.sleep, 600)
    with pytest.raises(ToolError, match="has ended"):
        background.call(60, os._exit, 1)
    assert background.call(60, os.getpid) not in {pid, os.getpid()}


def test_a_stop_ends_a_call_that_waits(background: BackgroundProcess) -> None:
    background.call(60, abs, 1)
    threading.Timer(0.2, background.stop).start()
    with pytest.raises(ToolError, match="has ended"):
        background.call(600, time.sleep, 600)
    with pytest.raises(ToolError, match="was ended"):
        background.call(60, abs, 1)
