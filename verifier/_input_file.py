"""Opening the files that a user names: regular files alone, so that nothing waits for a pipe or reads a device."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from verifier._errors import InputError

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK, opening a pipe waits for its writer. The last one is of Windows, the two before are not."""


@contextlib.contextmanager
def open_input_file(path: Path, where: str) -> Iterator[BinaryIO]:
    """A regular file, open for reading.

    Args:
        path: the file, or a link to it.
        where: names it in the error ("proof file proof.json").

    Raises:
        InputError: missing, unreadable, or a folder, pipe, socket or device. Also for an OSError of the body.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, descriptor)
            _require_regular(descriptor, where)
            yield stack.enter_context(os.fdopen(descriptor, "rb", closefd=False))
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from None


def read_input_file(path: Path, where: str, limit: int | None = None) -> bytes:
    """The content of a regular file.

    Args:
        path: the file, or a link to it.
        where: names it in the error.
        limit: largest size [bytes].

    Raises:
        InputError: as `open_input_file`, or larger than `limit`.
    """
    with open_input_file(path, where) as file:
        return read_bounded(file, where, limit)


def read_bounded(file: BinaryIO, where: str, limit: int | None) -> bytes:
    """What is left of an open file.

    Raises:
        InputError: more than `limit`.
    """
    if limit is None:
        return file.read()
    data = file.read(limit + 1)
    if len(data) > limit:
        raise InputError(f"{where}: larger than {limit} bytes")
    return data


def _require_regular(descriptor: int, where: str) -> None:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise InputError(f"{where}: {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a regular file")


_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
