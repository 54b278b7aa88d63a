"""Writing files of ours: whole or absent, private from the start, and never over another file.

A file system without hard links is simulated: `os.link` refuses as FAT, some network and some FUSE mounts do.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path

import pytest

from prover.storage import write_file, write_private
from verifier import InputError

REFUSALS = [errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV, errno.EINVAL]

pytestmark = pytest.mark.parametrize("refusal", [None, *REFUSALS], ids=lambda code: errno.errorcode.get(code, "links"))


@pytest.fixture(autouse=True)
def _links(refusal: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        assert refusal is not None
        raise OSError(refusal, os.strerror(refusal))

    if refusal is not None:
        monkeypatch.setattr(os, "link", refuse)


def test_a_new_file_is_written_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "content")
    assert path.read_text() == "content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    write_file(tmp_path / "public", "content", overwrite=False)
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644


@pytest.mark.parametrize("kind", ["file", "empty", "link", "dangling", "folder"])
def test_what_exists_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / "secret", tmp_path / "other"
    other.write_text("other")
    match kind:
        case "folder":
            path.mkdir()
        case "link" | "dangling":
            path.symlink_to(other if kind == "link" else tmp_path / "absent")
        case _:
            path.write_text("old" if kind == "file" else "")
    before = path.lstat()
    with pytest.raises(InputError, match="exists already"):
        write_private(path, "content")
    assert os.path.samestat(before, path.lstat())
    assert before.st_size == path.lstat().st_size
    assert other.read_text() == "other"
    assert sorted(tmp_path.iterdir()) == [other, path]


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_file_that_cannot_be_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(Path, "hardlink_to", fail)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((InputError, KeyboardInterrupt)):
        write_private(tmp_path / "secret", "content")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_does_not_remove_a_file_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def replace_then_stop(made: Path, path: Path) -> None:
        replace(made, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", replace_then_stop)
    path = tmp_path / "secret"
    with contextlib.suppress(KeyboardInterrupt):
        write_private(path, "content")
    assert path.read_text() == "content"
    assert list(tmp_path.iterdir()) == [path]
