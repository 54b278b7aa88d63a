"""The local chain: one node that keeps its state, and that one program at a time starts and stops."""

import contextlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from prover.toolchain._anvil import Anvil
from prover.toolchain._home import cache_dir
from verifier import ChainError

_LOG: Final = logging.getLogger("prover.toolchain")

SILENT_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 120.0
"""How long to wait after the log has named the program that holds the local chain."""


def local_chain_folder() -> Path:
    """Where the local chain keeps its state and the records of its deployments."""
    return cache_dir() / "local-chain"


@contextmanager
def local_node() -> Iterator[Anvil]:
    """The node of the local chain, for as long as the context. Other programs wait.

    Raises:
        ChainError: another program holds the local chain for too long.
        ToolError: anvil is missing or does not start.
        InputError: the user has no cache folder.
    """
    folder = local_chain_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with local_chain_lock(folder), Anvil(state=folder / "anvil.json") as node:
        yield node


@contextmanager
def local_chain_lock(folder: Path) -> Iterator[None]:
    """Lock the local chain, after the program that holds it has released it.

    Args:
        folder: of the local chain.

    Raises:
        ChainError: another program holds it for too long.
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
    _LOG.info("waiting for %s that uses the local chain: does it wait for an answer in another terminal?", other)
    try:
        lock.acquire(timeout=LONGEST_SECONDS)
    except Timeout:
        raise ChainError(
            f"{other} holds the local chain for too long: let it end, or end it, and run this one again"
        ) from None
