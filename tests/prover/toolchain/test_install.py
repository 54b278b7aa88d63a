import json
import shutil
from pathlib import Path

import pytest

from prover.toolchain import Progress, install_toolchain
from prover.toolchain import _install as install
from verifier import ToolError

LOCK = {"name": "bare", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "bare"}}}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources that need no package, so that npm needs no network."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "package.json").write_text(json.dumps({"name": "bare"}))
    (home / "package-lock.json").write_text(json.dumps(LOCK))
    monkeypatch.setattr(install, "find_home", lambda: home)
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    return home


@pytest.mark.usefixtures("home")
def test_npm_runs_once() -> None:
    reports: list[Progress] = []
    modules = install_toolchain(progress=reports.append)
    assert modules.parent.is_dir()
    assert [(report.done, report.total) for report in reports] == [(0, 1), (1, 1)]

    assert install_toolchain(progress=reports.append) == modules
    assert len(reports) == 2


def test_another_lock_file_has_a_folder_of_its_own(home: Path) -> None:
    first = install_toolchain()
    (home / "package-lock.json").write_text(json.dumps(LOCK | {"name": "other"}))
    assert install_toolchain() != first


def test_a_failed_install_leaves_nothing(home: Path, tmp_path: Path) -> None:
    (home / "package.json").write_text(json.dumps({"name": "bare", "dependencies": {"snarkjs": "0.7.6"}}))
    with pytest.raises(ToolError, match=r"npm ci failed in .*\n(npm error .*\n)*npm error Missing: snarkjs"):
        install_toolchain()
    assert not [path for path in (tmp_path / "cache" / "toolchain").iterdir() if path.is_dir()]


@pytest.mark.usefixtures("home")
def test_what_a_killed_install_left_is_no_hindrance() -> None:
    partial = install.installed_modules().parent
    partial = partial.with_name(f".partial-{partial.name}")
    (partial / "node_modules").mkdir(parents=True)
    assert install_toolchain().parent.is_dir()
    assert not partial.exists()


@pytest.mark.usefixtures("home")
def test_missing_npm_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("npm") is None
    with pytest.raises(ToolError, match="npm is not on PATH: install Node 20 or later"):
        install_toolchain()
