"""Where tables and compiled circuits are kept between processes."""

import hashlib
import os
import tempfile
from os import PathLike
from pathlib import Path

from zksolvency_native._native import InputError


def private_folder(path: PathLike[str] | str) -> Path:
    """A folder that only this user can write to, made if it is missing.

    It holds machine code that is run, and tables: with tables of an attacker, proofs could reveal the witness.

    Raises:
        InputError: another user owns it, or others can write to it.
        OSError: it cannot be made.
    """
    folder = Path(path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise InputError(f"{folder}: others can write to this cache folder")
    return folder


def content_name(content: bytes) -> str:
    """A file name made of the digest of this content."""
    return hashlib.sha256(content).hexdigest()[:32]


def store(path: Path, content: bytes) -> None:
    """Write a file, for its owner only and all at once; where that fails, the next process does the work again."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
