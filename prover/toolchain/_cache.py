"""A store of built files, each entry named by everything that it was built from.

An entry is a flat folder with a manifest: name, size and SHA-256 of every file. It is written beside its place,
forced to disk and renamed, so a reader sees a whole entry or none; and it is checked on every read, so an entry
that was damaged later is built again.
"""

import hashlib
import json
import logging
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prover.toolchain._storage import storage_errors, sync_content, sync_entry

if TYPE_CHECKING:
    from filelock import FileLock

_LOG: Final = logging.getLogger("prover.toolchain")
_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_PARTIAL: Final = ".partial-"
_SECONDS_BEFORE_NOTICE: Final = 1.0

Key = Mapping[str, object]
"""What an entry is built from, as JSON values."""

Builder = Callable[[Path], None]
"""Fills an empty folder with the files of an entry; no subfolders."""


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A content-addressed store below one folder, safe for several processes at once.

    Attributes:
        root: the folder; made, for its owner only, at the first write.
    """

    root: Path

    def find(self, label: str, key: Key) -> Path | None:
        """The folder of an entry, or None when it is missing or damaged. Writes nothing.

        Args:
            label: kind of entry, for people who look into the folder; part of the key.
            key: everything that the entry is built from.
        """
        name = _entry_name(label, key)
        folder = self.root / name
        if not folder.is_dir():
            return None
        damage = _damage(folder)
        if damage is None:
            return folder
        _LOG.warning("cache entry %s is damaged (%s)", name, damage)
        return None

    def get(self, label: str, key: Key, build: Builder) -> Path:
        """The folder of an entry, built first when it is missing or damaged.

        Of several processes that want an entry at once, one builds and the others wait for it.

        Args:
            label: as for `find`.
            key: as for `find`.
            build: makes the files of the entry.

        Raises:
            ToolError: the folder cannot be written, or the disk is full.
        """
        found = self.find(label, key)
        if found is not None:
            return found
        name = _entry_name(label, key)
        with self._guard():
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked(name):
                found = self.find(label, key)
                if found is not None:
                    return found
                self._discard_abandoned()
                return self._build(name, build)

    def replace(self, label: str, key: Key, build: Builder) -> Path:
        """The folder of an entry, built whether or not it is there already. Raises as `get`.

        Args:
            label: as for `find`.
            key: as for `find`.
            build: makes the files of the entry.
        """
        name = _entry_name(label, key)
        with self._guard():
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked(name):
                return self._build(name, build)

    def remove(self, label: str, key: Key) -> bool:
        """Remove an entry. Raises as `get`.

        Args:
            label: as for `find`.
            key: as for `find`.

        Returns:
            Whether it was there.
        """
        name = _entry_name(label, key)
        folder = self.root / name
        if not folder.is_dir():
            return False
        with self._guard(), self._locked(name):
            folder.rename(self._partial(name))
            self._discard(name)
        return True

    @contextmanager
    def scratch(self, label: str) -> Iterator[Path]:
        """An empty folder beside the entries, removed at the end; what a killed process left is removed too.

        Args:
            label: what the folder is for. Of several processes that want one, each waits for the one before.

        Raises:
            ToolError: as `get`.
        """
        with self._guard():
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked(label):
                self._discard(label)
                folder = self._partial(label)
                folder.mkdir(mode=0o700)
                try:
                    yield folder
                finally:
                    self._discard(label)

    def _build(self, name: str, build: Builder) -> Path:
        folder = self.root / name
        partial = self._partial(name)
        partial.mkdir(mode=0o700)
        try:
            build(partial)
            _write_manifest(partial)
            sync_content(partial)
            if folder.exists():
                folder.rename(self._partial(name))
            partial.rename(folder)
            sync_entry(self.root)
        finally:
            self._discard(name)
        return folder

    def _partial(self, name: str) -> Path:
        return self.root / f"{_PARTIAL}{name}.{secrets.token_hex(4)}"

    def _discard(self, name: str) -> None:
        """Remove the unfinished folders of one entry; its lock is held."""
        for path in self.root.glob(f"{_PARTIAL}{name}.*"):
            shutil.rmtree(path, ignore_errors=True)

    def _discard_abandoned(self) -> None:
        """Remove the unfinished folders of killed builders: those of entries without a lock."""
        for path in self.root.glob(f"{_PARTIAL}*"):
            name = path.name.removeprefix(_PARTIAL).rpartition(".")[0]
            try:
                with self._lock(name).acquire(timeout=0):
                    self._discard(name)
            except TimeoutError:
                continue  # its builder is alive

    def _lock(self, name: str) -> "FileLock":
        from filelock import FileLock  # noqa: PLC0415 - slow to import, and for those who build

        return FileLock(self.root / f"{name}.lock", mode=0o600)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        lock = self._lock(name)
        try:
            lock.acquire(timeout=_SECONDS_BEFORE_NOTICE)
        except TimeoutError:
            _LOG.info("another process is building %s: waiting for it", name)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with storage_errors(self.root, "set ZKSOLVENCY_CACHE to another folder"):
            yield


def _entry_name(label: str, key: Key) -> str:
    text = json.dumps({"format": _FORMAT, "label": label, "key": key}, sort_keys=True)
    return f"{label}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _write_manifest(folder: Path) -> None:
    files = {}
    for path in sorted(folder.iterdir()):
        files[path.name] = {"size": path.stat().st_size, "sha256": file_digest(path)}
    (folder / _MANIFEST).write_text(json.dumps({"files": files}, indent=1))


def _damage(folder: Path) -> str | None:
    """What is wrong with an entry, or None when it is whole."""
    try:
        files = json.loads((folder / _MANIFEST).read_bytes())["files"]
        expected = {name: (entry["size"], entry["sha256"]) for name, entry in files.items()}
        return _difference(folder, expected)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "its manifest is malformed"
    except OSError:
        return "a file cannot be read"


def _difference(folder: Path, expected: Mapping[str, tuple[int, str]]) -> str | None:
    if expected.keys() | {_MANIFEST} != {path.name for path in folder.iterdir()}:
        return "files are missing or do not belong to it"
    for name, (size, digest) in expected.items():
        path = folder / name
        if path.stat().st_size != size:
            return f"{name} has another size"
        if file_digest(path) != digest:
            return f"{name} has another content"
    return None
