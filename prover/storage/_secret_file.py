"""Secrets at rest: files in the age format (age-encryption.org/v1), encrypted with a passphrase.

They are ASCII-armoured, so they survive mail, paste and paper, and `age -d FILE` opens them without this project.
The key is derived by scrypt with about a second of work, at each reading and each writing: that is what a stolen file
costs per guess.
"""

import base64
import binascii
import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyrage
from filelock import FileLock, Timeout

from prover.storage._files import read_private, write_private
from prover.storage._passphrases import new_passphrase, normal_passphrase, passphrase_spellings
from verifier import InputError

MAX_BYTES: Final = 1 << 20
"""Of an encrypted file."""

MAX_WORK: Final = 22
"""log2 of the scrypt cost N: the limit of `age` itself, 4 GiB of memory; what we write has 18 to 20."""

LOCK_SECONDS: Final = 120.0

_ARMOR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_VERSION: Final = b"age-encryption.org/v1\n"
_SCRYPT: Final = re.compile(rb"-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]{0,2})\n")
_HEADER_BYTES: Final = 96  # more than version and scrypt line take, and a multiple of 3, as base64 needs


def write_secret(path: Path, content: str | bytes, passphrase: str, *, overwrite: bool = False) -> None:
    """Encrypt a file with a passphrase. It is readable by its owner alone (0600), and whole or absent.

    Args:
        path: target; its folder must exist.
        content: text is written as UTF-8.
        passphrase: a new one (see `new_passphrase`).
        overwrite: False refuses to replace an existing file.

    Raises:
        InputError: a short passphrase, too much content, the file exists, or it cannot be written. The old one, if any,
            is kept.
    """
    _write(path, content, new_passphrase(passphrase), overwrite=overwrite)


def rewrite_secret(path: Path, content: str | bytes, passphrase: str) -> None:
    """Replace a file that the passphrase opens, which may be shorter than a new one. Raises as `write_secret`."""
    _write(path, content, normal_passphrase(passphrase), overwrite=True)


def _write(path: Path, content: str | bytes, passphrase: str, *, overwrite: bool) -> None:
    data = content.encode() if isinstance(content, str) else content
    armored = pyrage.passphrase.encrypt(data, passphrase, armored=True)
    if len(armored) > MAX_BYTES:  # it could not be read again
        raise InputError(f"{path}: more than {MAX_BYTES} bytes would have to be written")
    write_private(path, armored.decode("ascii"), overwrite=overwrite)


def read_secret(path: Path, passphrase: str, what: str = "encrypted file") -> bytes:
    """Decrypt what `write_secret` or `age --passphrase` has written.

    Args:
        path: the file.
        passphrase: the one that it was written with, in any of its `passphrase_spellings`.
        what: what it should be, for the error ("wallet").

    Raises:
        InputError: missing, open to other users, too large, no age file, a wrong passphrase, or damaged.
    """
    where = f"{what} {path}"
    data = read_private(path, what, MAX_BYTES)
    spellings = passphrase_spellings(passphrase)
    _require_bounded_work(_header(data), where)
    for spelling in spellings:
        try:
            content: bytes = pyrage.passphrase.decrypt(data, spelling)
        except pyrage.DecryptError as error:
            if str(error) != "Decryption failed":  # what a wrong passphrase causes
                raise InputError(f"{where}: damaged or cut short") from None
        else:
            return content
    raise InputError(f"{where}: wrong passphrase")


@contextlib.contextmanager
def locked(path: Path, timeout: float = LOCK_SECONDS) -> Iterator[Path]:
    """Lock a file for reading and rewriting it, so that concurrent changes do not undo each other.

    The lock is a file in the same folder: `.NAME.lock`. It is released when its holder ends, even by a crash.

    Args:
        path: the file.
        timeout: how long to wait for another holder [s].

    Yields:
        The file to work on: the one that `path` leads to, if it is a link.

    Raises:
        InputError: its folder is missing or cannot be written to, or another process held the file for too long.
    """
    file = Path(os.path.realpath(path))
    if not file.parent.is_dir():
        raise InputError(f"{path}: there is no folder {file.parent}")
    lock = FileLock(file.with_name(f".{file.name}.lock"), timeout=timeout, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(f"{path}: another process is at work on it") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be locked ({error.strerror})") from None
    try:
        yield file
    finally:
        lock.release()


def _header(data: bytes) -> bytes:
    """The first bytes of the file, out of their armour if they wear it."""
    if not data.startswith(_ARMOR):
        return data[:_HEADER_BYTES]
    text = b"".join(data[len(_ARMOR) :].split(maxsplit=4)[:3])[: _HEADER_BYTES // 3 * 4]
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""


def _require_bounded_work(header: bytes, where: str) -> None:
    """Bound the cost of opening a file, which its writer chose: it could take all memory and hours."""
    if not header.startswith(_VERSION):
        raise InputError(f"{where}: not a file encrypted in the age format, or damaged")
    match = _SCRYPT.match(header, len(_VERSION))
    if match is None:
        raise InputError(f"{where}: not encrypted with a passphrase, or damaged")
    if int(match[1]) > MAX_WORK:
        raise InputError(f"{where}: its passphrase would take too much work to check (2^{match[1].decode()})")
