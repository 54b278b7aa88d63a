import errno
import os
from pathlib import Path

import pytest

from prover.toolchain._storage import atomic_write, storage_errors
from verifier import ToolError


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "key"
    with atomic_write(target) as partial:
        partial.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "keys"
    with atomic_write(target) as partial:
        partial.mkdir()
        (partial / "key").write_bytes(b"whole")
        assert not target.exists()
    assert (target / "key").read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("folder", [False, True])
def test_nothing_is_left_of_what_failed(tmp_path: Path, error: type[BaseException], folder: bool) -> None:
    def write(target: Path) -> None:
        with atomic_write(target) as partial:
            if folder:
                partial.mkdir()
            (partial / "key" if folder else partial).write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room left to write in /there: free some space, or go elsewhere"),
        (errno.EDQUOT, "no room left to write in /there: free some space, or go elsewhere"),
        (errno.EROFS, "/there may not be written: change its permissions, or go elsewhere"),
        (errno.EACCES, "/there may not be written: change its permissions, or go elsewhere"),
        (errno.EIO, "cannot write in /there (Input/output error): go elsewhere"),
    ],
)
def test_disk_errors_say_what_to_do(code: int, message: str) -> None:
    with pytest.raises(ToolError) as raised, storage_errors(Path("/there"), "go elsewhere"):
        raise OSError(code, os.strerror(code))
    assert str(raised.value) == message
