import time
from threading import Barrier

import pytest

from prover.toolchain._parallel import in_parallel
from verifier import ToolError

WAIT_SECONDS = 30.0


def test_the_work_is_done_at_once_and_the_results_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    both = Barrier(2)

    def work(item: int) -> int:
        both.wait(WAIT_SECONDS)
        return -item

    assert in_parallel(work, [1, 2, 3, 4]) == [-1, -2, -3, -4]


def test_after_an_error_no_further_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ToolError("circom is missing")
        time.sleep(0.05)

    with pytest.raises(ToolError, match="circom is missing"):
        in_parallel(work, range(1000))
    assert len(begun) < 1000
