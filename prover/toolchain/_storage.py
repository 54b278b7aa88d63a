"""Atomic writes, and disk errors with a remedy."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from verifier import InputError, ToolError, open_input_file

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def storage_errors(folder: Path, remedy: str) -> Iterator[None]:
    """Turn an OSError of the body into a ToolError.

    Args:
        folder: where the body writes.
        remedy: advice when that is not possible, for instance "choose another folder".

    Raises:
        ToolError: the disk is full, or the folder may not be written, or another fault of the disk.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise ToolError(f"no room left to write in {folder}: free some space, or {remedy}") from None
        if error.errno in _REFUSED:
            raise ToolError(f"{folder} may not be written: change its permissions, or {remedy}") from None
        reason = error.strerror or type(error).__name__
        raise ToolError(f"cannot write in {folder} ({reason}): {remedy}") from None


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A temporary path for the body to fill, with a file or a folder of files.

    When the body succeeds, its output is forced to disk and renamed to `target`. When it fails or is interrupted, the
    output is removed.
    """
    partial = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        yield partial
        sync_content(partial)
        partial.rename(target)
        sync_entry(target.parent)
    finally:
        _remove(partial)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """As `atomic_write`, for a target that must not exist.

    Raises:
        InputError: it exists.
        ToolError: the disk is full, or its folder may not be written.
    """
    if target.exists():
        raise InputError(f"{target} exists already: choose another name")
    with storage_errors(target.parent, "choose another folder"), atomic_write(target) as partial:
        yield partial


def existing_file(path: Path) -> Path:
    """A file that is read, as an absolute path.

    Raises:
        InputError: there is no such file, or it is not a regular one.
    """
    with open_input_file(path, str(path)):
        return path.resolve()


def sync_content(path: Path) -> None:
    """Force a file, or a folder and the files in it, to disk."""
    for file in path.iterdir() if path.is_dir() else ():
        sync_entry(file)
    sync_entry(path)


def sync_entry(path: Path) -> None:
    """Force a file's content, or a folder's list of names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
