import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from prover.toolchain import cache_dir
from prover.toolchain._cache import Cache
from verifier import InputError

KEY = {"source": "abc"}
BUILDER_PROCESS = """
import os, sys, time
from pathlib import Path
from prover.toolchain._cache import Cache

root, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])

def build(folder):
    (folder / "data").write_bytes(b"half")
    with log.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(seconds)
    (folder / "data").write_bytes(b"whole")

print(Cache(root).get("thing", {"source": "abc"}, build))
"""


class CountingBuilder:
    """Writes two files, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "data").write_bytes(b"whole")
        (folder / "more").write_bytes(b"x" * 1000)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def builder() -> CountingBuilder:
    return CountingBuilder()


def spawn_builder(root: Path, log: Path, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", BUILDER_PROCESS, str(root), str(log), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("the other process never came so far")


def unfinished(root: Path) -> list[Path]:
    return list(root.glob(".partial-*"))


def test_an_entry_is_built_once(cache: Cache, builder: CountingBuilder) -> None:
    first = cache.get("thing", KEY, builder)
    assert (first / "data").read_bytes() == b"whole"
    assert cache.get("thing", KEY, builder) == first == cache.find("thing", KEY)
    assert builder.calls == 1


def test_another_key_or_label_is_another_entry(cache: Cache, builder: CountingBuilder) -> None:
    folders = {
        cache.get("thing", KEY, builder),
        cache.get("thing", {"source": "abd"}, builder),
        cache.get("other", KEY, builder),
    }
    assert len(folders) == builder.calls == 3


def test_the_cache_belongs_to_its_owner_alone(cache: Cache, builder: CountingBuilder) -> None:
    folder = cache.get("thing", KEY, builder)
    assert cache.root.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == 0o700


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / "more").read_bytes())
    data[500] ^= 1
    (folder / "more").write_bytes(data)


def truncate(folder: Path) -> None:
    os.truncate(folder / "more", 999)


def delete(folder: Path) -> None:
    (folder / "more").unlink()


def add(folder: Path) -> None:
    (folder / "stranger").write_bytes(b"")


def empty_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"")


def truncate_manifest(folder: Path) -> None:
    os.truncate(folder / "manifest.json", 40)


def delete_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def replace_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"files": ["data", "more"]}))


def replace_file_by_folder(folder: Path) -> None:
    (folder / "more").unlink()
    (folder / "more").mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_bit,
        truncate,
        delete,
        add,
        empty_manifest,
        truncate_manifest,
        delete_manifest,
        replace_manifest,
        replace_file_by_folder,
    ],
)
def test_a_damaged_entry_is_reported_and_built_again(
    cache: Cache, builder: CountingBuilder, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    folder = cache.get("thing", KEY, builder)
    damage(folder)
    assert cache.find("thing", KEY) is None
    assert "is damaged" in caplog.text

    assert cache.get("thing", KEY, builder) == folder
    assert builder.calls == 2
    assert cache.find("thing", KEY) == folder
    assert {path.name for path in folder.iterdir()} == {"data", "more", "manifest.json"}
    assert not unfinished(cache.root)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_builder_that_stops_leaves_nothing(cache: Cache, error: type[BaseException]) -> None:
    def build(folder: Path) -> None:
        (folder / "data").write_bytes(b"half")
        raise error

    with pytest.raises(error):
        cache.get("thing", KEY, build)
    assert cache.find("thing", KEY) is None
    assert not unfinished(cache.root)


def test_processes_that_build_at_once_build_once(tmp_path: Path) -> None:
    root, log = tmp_path / "cache", tmp_path / "log"
    builders = [spawn_builder(root, log, 0.5) for _ in range(4)]
    answers = [process.communicate() for process in builders]
    assert [process.returncode for process in builders] == [0] * 4, answers
    assert len({out for out, _ in answers}) == 1
    assert len(log.read_text().splitlines()) == 1


def test_a_killed_builder_is_cleaned_up_after(cache: Cache, builder: CountingBuilder, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn_builder(cache.root, log, 600)
    wait_until(log.exists)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(unfinished(cache.root)) == 1
    assert cache.find("thing", KEY) is None

    cache.get("other", KEY, builder)
    assert not unfinished(cache.root)
    assert (cache.get("thing", KEY, builder) / "data").read_bytes() == b"whole"


def test_the_work_of_a_living_builder_is_left_alone(cache: Cache, builder: CountingBuilder, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn_builder(cache.root, log, 1.5)
    wait_until(log.exists)
    cache.get("other", KEY, builder)
    assert len(unfinished(cache.root)) == 1
    _, complaints = process.communicate()
    assert process.returncode == 0, complaints
    assert cache.find("thing", KEY) is not None


def test_a_builder_interrupted_by_ctrl_c_leaves_nothing(cache: Cache, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn_builder(cache.root, log, 600)
    wait_until(log.exists)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate()
    assert process.returncode != 0
    assert b"KeyboardInterrupt" in complaints
    assert not unfinished(cache.root)
    assert cache.find("thing", KEY) is None


def run_with_mount(options: str, folder: Path, script: str) -> str:
    """Run a Python script where a folder is a mount point, in a namespace that ends with it; what it prints."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if unshare is None or subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets no user make a mount of their own")
    shell = f'mount {options} "$1" && exec "$0" -c "$2" "$1"'
    done = subprocess.run(
        [*command, shell, sys.executable, str(folder), CACHE_SCRIPT + script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CACHE_SCRIPT = """
import sys
from pathlib import Path
from prover.toolchain._cache import Cache
from verifier import ToolError
folder = Path(sys.argv[1])
cache = Cache(folder)
"""


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    script = """
try:
    cache.get("thing", {}, lambda folder: (folder / "data").write_bytes(b"x" * 1000000))
except ToolError as error:
    print(error, "| left:", *folder.glob(".partial-*"), *folder.glob("thing-*/"))
"""
    said = run_with_mount("-t tmpfs -o size=64k tmpfs", tmp_path, script)
    assert said == (
        f"no room left to write in {tmp_path}: free some space, or set ZKSOLVENCY_CACHE to another folder | left:\n"
    )


def test_a_read_only_cache_serves_what_it_has_and_says_what_to_do(cache: Cache, builder: CountingBuilder) -> None:
    cache.get("thing", KEY, builder)
    script = """
print((cache.get("thing", {"source": "abc"}, None) / "data").read_text())
try:
    cache.get("other", {}, lambda folder: print("building"))
except ToolError as error:
    print(error)
"""
    said = run_with_mount(f'--bind -o ro "{cache.root}"', cache.root, script)
    assert said.splitlines() == [
        "whole",
        f"{cache.root} may not be written: change its permissions, or set ZKSOLVENCY_CACHE to another folder",
    ]


def test_a_file_size_limit_is_treated_like_a_full_disk(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from prover.toolchain._cache import Cache
from verifier import ToolError
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    Cache(Path(sys.argv[1])).get("thing", {}, lambda folder: (folder / "data").write_bytes(b"x" * 9999))
except ToolError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert "no room left" in done.stdout
    assert not unfinished(tmp_path)


def test_the_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "elsewhere"))
    assert cache_dir() == tmp_path / "elsewhere"


def test_a_cache_that_other_users_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path))
    tmp_path.chmod(0o777)
    with pytest.raises(InputError, match="all users can write"):
        cache_dir()


def test_a_replaced_entry_is_built_again(cache: Cache, builder: CountingBuilder) -> None:
    folder = cache.get("thing", KEY, builder)
    assert cache.replace("thing", KEY, lambda new: (new / "data").write_bytes(b"other") and None) == folder
    assert cache.find("thing", KEY) == folder
    assert (folder / "data").read_bytes() == b"other"
    assert not (folder / "more").exists()
    assert not unfinished(cache.root)


def test_an_entry_whose_replacement_fails_stays(cache: Cache, builder: CountingBuilder) -> None:
    folder = cache.get("thing", KEY, builder)

    def fail(_: Path) -> None:
        raise InputError("refused")

    with pytest.raises(InputError, match="refused"):
        cache.replace("thing", KEY, fail)
    assert cache.find("thing", KEY) == folder
    assert not unfinished(cache.root)


def test_a_removed_entry_is_gone(cache: Cache, builder: CountingBuilder) -> None:
    folder = cache.get("thing", KEY, builder)
    assert cache.remove("thing", KEY)
    assert cache.find("thing", KEY) is None
    assert not folder.exists()
    assert not unfinished(cache.root)
    assert not cache.remove("thing", KEY)


def test_scratch_is_empty_and_ends_with_its_use(cache: Cache, builder: CountingBuilder) -> None:
    """Entries that are built meanwhile do not take it for that of a killed process; a later use removes such a one."""
    (cache.root / ".partial-work.dead").mkdir(parents=True)
    with cache.scratch("work") as folder:
        assert unfinished(cache.root) == [folder]
        (folder / "file").write_text("x")
        cache.get("thing", KEY, builder)
        assert (folder / "file").is_file()
    assert not unfinished(cache.root)
