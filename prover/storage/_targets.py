"""Files to be written, checked before any work goes into what they will hold."""

import os
import tempfile
from pathlib import Path

from verifier import InputError


def require_target(path: Path, *inputs: Path) -> None:
    """Refuse a file that cannot be written, before any work goes into it.

    Args:
        path: the file to be written.
        inputs: files that must not be overwritten with it.

    Raises:
        InputError: there is no such folder, or the path is a folder or one of the inputs.
    """
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file")
    if any(path.exists() and file.exists() and path.samefile(file) for file in inputs):
        raise InputError(f"{path}: is one of the files to be read; name another one to write")


def require_new_target(path: Path) -> None:
    """Refuse a file to be written that is there already, before anything is asked or paid for.

    Raises:
        InputError: it exists, or there is no such folder.
    """
    require_target(path)
    if os.path.lexists(path):  # a link to nowhere too
        raise InputError(f"{path}: exists already; name another file, or remove it first")


def require_writable(path: Path) -> None:
    """Refuse a file in a folder that takes none. It is tried: permissions do not tell of read-only mounts.

    Raises:
        InputError: the folder takes no file.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
