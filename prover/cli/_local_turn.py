"""The local chain is one node that a command starts and stops: commands that want it at once take turns."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from prover.cli._output import note
from verifier import ChainError

SILENT_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 120.0
"""How long to wait once that was told."""


@contextmanager
def local_turn(folder: Path) -> Iterator[None]:
    """Hold the local chain, once whoever else holds it lets go.

    Args:
        folder: of the local chain.

    Raises:
        ChainError: another command holds it for too long.
    """
    lock, holder = FileLock(folder / "lock"), folder / "holder"
    try:
        lock.acquire(timeout=SILENT_SECONDS)
    except Timeout:
        _wait(lock, holder)
    try:
        holder.write_text(str(os.getpid()))
        yield
    finally:
        lock.release()


def _wait(lock: FileLock, holder: Path) -> None:
    other = "another command"
    with contextlib.suppress(OSError):  # it may not have written it yet
        other += f" (process {holder.read_text()})"
    note(f"waiting for {other} that uses the local chain: does it stand at a question in another terminal?")
    try:
        lock.acquire(timeout=LONGEST_SECONDS)
    except Timeout:
        raise ChainError(
            f"{other} holds the local chain for too long: let it end, or end it, and run this one again"
        ) from None
