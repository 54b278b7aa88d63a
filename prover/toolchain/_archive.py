"""Circuits and keys as one file: packed where they are built, installed where no compiler is.

An archive is a zip file. Its manifest names each file with size and SHA-256, and says of each instance what circuit it
was compiled from. So the digest of the manifest identifies the whole archive. Names in the archive never become paths:
an installation asks for the files that it knows.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from prover.formats import R1CS, ProvingKeyFile
from prover.storage import FileModel, validate_model
from prover.toolchain._artifacts import Artifacts
from prover.toolchain._cache import Builder, Cache, file_digest
from prover.toolchain._circuits import INSTANCES, find_instance
from prover.toolchain._compile import WARNINGS_FILE, load_compiled
from prover.toolchain._home import cache_dir
from prover.toolchain._installed import circuit_digest, installed_key, installed_label
from prover.toolchain._storage import new_file
from prover.toolchain._version import own_version
from verifier import InputError, VerificationError, open_input_file, parse_json

_FORMAT: Final = "zksolvency/artifacts/1"
_MANIFEST: Final = "manifest.json"
_MANIFEST_LIMIT: Final = 1 << 20
_FILE_LIMIT: Final = 1 << 28
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_FILES: Final = ("circuit.r1cs", "circuit.sym", "circuit.wasm", "circuit.zkey", "verification_key.json", WARNINGS_FILE)
_SCRATCH: Final = "installing"

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _PackedFile(FileModel):
    size: int = Field(ge=0, le=_FILE_LIMIT)
    sha256: _Digest


class _PackedInstance(FileModel):
    circuit: _Digest
    origin: Literal["development", "ceremony"]
    key: str
    files: dict[str, _PackedFile]


class _Manifest(FileModel):
    format: Literal["zksolvency/artifacts/1"]
    version: str
    instances: dict[str, _PackedInstance]


@dataclass(frozen=True, slots=True)
class PackedKeys:
    """The keys of one instance in an archive.

    Attributes:
        name: of the instance.
        origin: "ceremony" or "development".
        digest: of the verifying key.
    """

    name: str
    origin: str
    digest: str


def pack_archive(artifacts: Sequence[Artifacts], out: Path) -> str:
    """Write circuits and keys into an archive.

    Args:
        artifacts: the instances, each once.
        out: file to write; must not exist.

    Returns:
        The archive's digest: equal for equal contents.

    Raises:
        InputError: the file exists, or no instance is given.
        ToolError: the disk is full, or the folder may not be written.
    """
    packed = {item.instance.name: item for item in artifacts}
    if not packed:
        raise InputError("an archive holds one instance at least")
    files = {name: _files_of(item) for name, item in packed.items()}
    manifest = _Manifest(
        format=_FORMAT,
        version=own_version(),
        instances={
            name: _PackedInstance(
                circuit=circuit_digest(item.instance),
                origin=item.key.origin,
                key=item.key.digest(),
                files={
                    file: _PackedFile(size=path.stat().st_size, sha256=file_digest(path))
                    for file, path in files[name].items()
                },
            )
            for name, item in packed.items()
        },
    )
    content = json.dumps(manifest.model_dump(), indent=1, sort_keys=True).encode()
    with new_file(out) as partial, zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(_member(_MANIFEST), content)
        for name in sorted(files):
            for file, path in files[name].items():
                archive.writestr(_member(f"{name}/{file}"), path.read_bytes())
    return _digest(content)


class ArtifactArchive:
    """An archive that is open, and whose manifest is read.

    Attributes:
        digest: of its manifest, and so of everything that it holds. Its maker publishes it: an archive of another
            maker could hold a proving key whose proofs tell of the account.
        version: of the zksolvency that packed it.
        keys: what it holds.
    """

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self._archive = archive
        self._where = where
        content = self._content(_MANIFEST, _MANIFEST_LIMIT)
        self.digest = _digest(content)
        self._manifest = validate_model(_Manifest, parse_json(content, where), where)
        self.version = self._manifest.version
        self.keys = [PackedKeys(name, item.origin, item.key) for name, item in self._manifest.instances.items()]
        self._require_names()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[ArtifactArchive]":
        """Open an archive.

        Raises:
            InputError: no file, no archive, one of another format, or one with other files than its manifest names.
        """
        where = f"archive {path}"
        with open_input_file(path, where) as file:
            with _damage_told(where):
                archive = zipfile.ZipFile(file)
            with archive:
                yield cls(archive, where)

    def install(self, *, digest: str) -> list[str]:
        """Check every file, then take circuits and keys into the cache folder, in place of earlier ones.

        Args:
            digest: what the archive's maker says that its digest is.

        Returns:
            The names of the instances. `build` finds them.

        Raises:
            InputError: another digest, circuits that are not those of this installation, an altered file, or files that
                do not belong together; nothing is installed.
            VerificationError: a verifying key that must not be used; nothing is installed.
            ToolError: the cache cannot be written.
        """
        if digest.lower() != self.digest:
            raise InputError(f"{self._where} has the digest {self.digest}, not {digest}: take it from its maker again")
        for name, item in self._manifest.instances.items():
            if item.circuit != circuit_digest(INSTANCES[name]):
                raise InputError(
                    f"{self._where} was packed by zksolvency {self.version}, whose circuit {name} is another than that "
                    f"of this installation ({own_version()}): take the archive of this version"
                )
        cache = Cache(cache_dir())
        with cache.scratch(_SCRATCH) as scratch:
            for name in self._manifest.instances:
                self._unpack(name, scratch / name)
            for name in self._manifest.instances:
                instance = INSTANCES[name]
                cache.replace(installed_label(instance), installed_key(instance), _mover(scratch / name))
        return list(self._manifest.instances)

    def _unpack(self, name: str, folder: Path) -> None:
        """Write the files of an instance into a new folder, each checked, and check that they belong together."""
        item = self._manifest.instances[name]
        folder.mkdir()
        for file, told in item.files.items():
            (folder / file).write_bytes(self._checked(f"{name}/{file}", told))
        made = Artifacts.load(load_compiled(INSTANCES[name], folder), folder)
        if (made.key.origin, made.key.digest()) != (item.origin, item.key):
            raise InputError(f"{self._where}: the verifying key of {name} is not the one that the manifest names")
        key_file = ProvingKeyFile.load(made.zkey)
        if not key_file.has(made.key):
            raise VerificationError("key-refused", f"{self._where}: proving and verifying key of {name} do not match")
        if not key_file.is_of(R1CS.load(made.r1cs)):
            raise VerificationError("key-refused", f"{self._where}: the proving key of {name} is of another circuit")

    def _checked(self, member: str, told: _PackedFile) -> bytes:
        content = self._content(member, told.size)
        if (len(content), _digest(content)) != (told.size, told.sha256):
            raise InputError(f"{self._where}: {member} was altered: take the archive from its maker again")
        return content

    def _content(self, member: str, limit: int) -> bytes:
        """A member's bytes, at most one more than the limit."""
        try:
            with _damage_told(self._where), self._archive.open(member) as file:
                return file.read(limit + 1)
        except KeyError:
            raise InputError(f"{self._where}: it holds no {member}") from None

    def _require_names(self) -> None:
        """The manifest names known instances with all their files, and the archive holds these files and no others."""
        for name, item in self._manifest.instances.items():
            find_instance(name)
            if sorted(item.files) != sorted(_FILES):
                raise InputError(f"{self._where}: {name} has other files than {', '.join(_FILES)}")
        expected = [_MANIFEST, *(f"{name}/{file}" for name in self._manifest.instances for file in _FILES)]
        if not self._manifest.instances or sorted(self._archive.namelist()) != sorted(expected):
            raise InputError(f"{self._where}: it holds other files than its manifest names")
        if any(item.external_attr != _MODE for item in self._archive.infolist()):
            raise InputError(f"{self._where}: it holds a link, a folder or a program")


def remove_installed(name: str) -> bool:
    """Remove an instance that an archive brought. What was built here is used again.

    Returns:
        Whether there was one.

    Raises:
        InputError: an unknown name.
        ToolError: the cache cannot be written.
    """
    instance = find_instance(name)
    return Cache(cache_dir()).remove(installed_label(instance), installed_key(instance))


def _files_of(item: Artifacts) -> dict[str, Path]:
    paths = (item.r1cs, item.sym, item.wasm, item.zkey, item.verification_key, item.r1cs.with_name(WARNINGS_FILE))
    return dict(zip(_FILES, paths, strict=True))


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _DATE)
    member.external_attr, member.compress_type = _MODE, zipfile.ZIP_DEFLATED
    return member


def _mover(source: Path) -> Builder:
    def move(folder: Path) -> None:
        for path in source.iterdir():
            path.rename(folder / path.name)

    return move


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _damage_told(where: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{where}: damaged, or no archive of zksolvency: take it from its maker again") from error
