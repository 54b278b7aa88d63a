"""Reading and writing the project's files: validated when read, written atomically."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verifier import InputError, open_input_file, read_bounded, read_json, require_format

NaturalText = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]
"""A natural number as a decimal string: readers in other languages round JSON numbers to 53 bits."""

AddressText = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
"""An address of 20 bytes."""

_OTHERS: Final = 0o077
_TOLD: Final = 3
"""Maximum number of faults of a file in an error."""


class FileModel(BaseModel):
    """Base of every file format: exact types, no unknown names, no input values in errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


M = TypeVar("M", bound=FileModel)


def load_model(model: type[M], path: Path, what: str) -> M:
    """Read a JSON file into a model.

    Raises:
        InputError: names the file, and what it is in place of what was expected, or wrong fields; never a value.
    """
    return validate_model(model, read_json(path, what), f"{what} {path}")


def validate_model(model: type[M], value: Any, where: str) -> M:
    """Validate parsed JSON. Raises as `load_model`."""
    for expected in get_args(model.model_fields["format"].annotation) if "format" in model.model_fields else ():
        require_format(value, expected, where)
    try:
        # JSON mode: lists are accepted for tuples; types stay strict
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        more = f"; and {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
        raise InputError(f"{where}: {'; '.join(faults[:_TOLD])}{more}") from None


def read_private(path: Path, what: str, limit: int, *, pipes: bool = False) -> bytes:
    """Read a file that only its owner can open.

    Args:
        path: the file.
        what: what it should be, for the error ("wallet", "ticket").
        limit: size [bytes] from which on it is refused.
        pipes: it may be a pipe, which is waited for.

    Raises:
        InputError: missing, unreadable, not a regular file or too large; or other users can open it. ssh does so with
            its keys: a secret that others can read is no secret.
    """
    where = f"{what} {path}"
    with _open_piped(path, where) if pipes else open_input_file(path, where) as file:
        require_private(file, path, where)
        return read_bounded(file, where, limit)


def require_private(file: BinaryIO, path: Path, where: str) -> None:
    """Refuse an open file that other users can open too. Raises InputError."""
    if os.fstat(file.fileno()).st_mode & _OTHERS:
        raise InputError(f"{where}: other users can open it; run `chmod 600 {path}`")


@contextlib.contextmanager
def _open_piped(path: Path, where: str) -> Iterator[BinaryIO]:
    """As `open_input_file`, for what may come through a pipe too: `--passphrase-file <(pass show wallet)`."""
    try:
        is_pipe = path.is_fifo()
        with path.open("rb") if is_pipe else open_input_file(path, where) as file:
            yield file
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}") from None


def write_private(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a file that only its owner can read (0600). Raises as `write_file`."""
    write_file(path, text, mode=0o600, overwrite=overwrite)


def write_file(path: Path, text: str, *, mode: int = 0o644, overwrite: bool = True) -> None:
    """Write a file atomically: to a temporary file in its folder, synced, then renamed.

    Args:
        path: target; its folder must exist.
        text: content.
        mode: permissions, set before anything is written.
        overwrite: False refuses to replace an existing file.

    Raises:
        InputError: the target exists, or the folder or disk does not take it. An old file is kept.
    """
    try:
        with _replacing(path, mode, overwrite=overwrite) as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path}: exists already; name another file, or remove it first") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


@contextlib.contextmanager
def _replacing(path: Path, mode: int, *, overwrite: bool) -> Iterator[Any]:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # created 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            yield file
            file.flush()
            os.fsync(descriptor)
        if overwrite:
            Path(name).replace(path)
        else:
            _place_new(Path(name), path)
        _sync_folder(path.parent)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()


def _place_new(made: Path, path: Path) -> None:
    """Give a finished file its name, which no other file may have. Raises FileExistsError and other OSErrors."""
    try:
        path.hardlink_to(made)  # fails when the target exists, with no moment between check and act
    except FileExistsError:
        raise
    except OSError:  # FAT, some network and FUSE mounts have no hard links, and refuse them with various numbers
        _place_without_link(made, path)


def _place_without_link(made: Path, path: Path) -> None:
    """Take the name with an empty file, which fails when the target exists, and put the finished file in its place.

    A reader sees an empty file for a moment, or the whole content, and never a part of it.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        made.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            if path.lstat().st_size == 0:  # an interruption may come when the finished file is in place
                path.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Sync a new name to disk: without it a power cut may restore the old file, and lose the key of an account."""
    with contextlib.suppress(OSError):  # not every file system can, and the file itself is written
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
