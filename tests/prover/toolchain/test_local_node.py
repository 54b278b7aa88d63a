"""Programs that use the local chain at once wait for each other, and say so."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prover.toolchain import _local_node, local_node
from prover.toolchain._local_node import local_chain_lock
from verifier import ChainError


@contextmanager
def held(folder: Path) -> Iterator[threading.Event]:
    """The local chain in the hands of another program, until the event is set."""
    taken, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with local_chain_lock(folder):
            taken.set()
            enough.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert taken.wait(60)
        yield enough
    finally:
        enough.set()
        thread.join()


def test_a_program_that_waits_says_for_which_and_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(_local_node, "SILENT_SECONDS", 0.01)
    with held(tmp_path) as enough:

        def info(words: str, *values: object) -> None:
            told.append(words % values)
            enough.set()

        monkeypatch.setattr(logging.getLogger("prover.toolchain"), "info", info)
        with local_chain_lock(tmp_path):
            pass
    (words,) = told
    assert f"waiting for another command (process {os.getpid()}) that uses the local chain" in words


def test_a_local_chain_that_is_not_let_go_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_local_node, "local_chain_folder", lambda: tmp_path)
    monkeypatch.setattr(_local_node, "SILENT_SECONDS", 0.01)
    monkeypatch.setattr(_local_node, "LONGEST_SECONDS", 0.05)
    with (
        held(tmp_path),
        pytest.raises(ChainError, match=f"process {os.getpid()}.*let it end, or end it, and run this one again"),
        local_node(),
    ):
        pass


def test_nothing_is_said_when_no_other_program_is_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "prover.toolchain")
    for _ in range(2):
        with local_chain_lock(tmp_path):
            pass
    assert not caplog.records
