"""Installing the pinned npm packages where there is no checkout to hold them."""

import hashlib
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Final

from prover.toolchain._home import cache_dir, find_home
from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
from prover.toolchain._storage import storage_errors
from verifier import ToolError

_LOG: Final = logging.getLogger("prover.toolchain")
_FILES: Final = ("package.json", "package-lock.json")
_SHOWN_LINES: Final = 5
_NPM: Final = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def installed_modules() -> Path:
    """Where `install_toolchain` puts node_modules; named after the lock file, so another release finds its own."""
    digest = hashlib.sha256((find_home() / "package-lock.json").read_bytes()).hexdigest()
    return cache_dir() / "toolchain" / digest[:16] / "node_modules"


def install_toolchain(*, progress: ProgressSink = ignore_progress) -> Path:
    """Run `npm ci` on the pinned package list, in the cache folder. Does nothing when that is done already.

    Returns:
        The node_modules folder.

    Raises:
        ToolError: npm is missing or failed, or the cache folder cannot be written.
    """
    modules = installed_modules()
    target = modules.parent  # renamed into place when npm is done, so it is whole if it is there
    if target.is_dir():
        return modules
    from filelock import FileLock  # noqa: PLC0415 - slow to import, and for those who install

    with storage_errors(target.parent, "set ZKSOLVENCY_CACHE to another folder"):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not target.is_dir():
                progress(Progress("npm packages", 0, 1))
                _install(target)
                progress(Progress("npm packages", 1, 1))
    return modules


def _install(target: Path) -> None:
    npm = shutil.which(_NPM[0])
    if npm is None:
        raise ToolError("npm is not on PATH: install Node 20 or later, which includes it")
    partial = target.with_name(f".partial-{target.name}")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed: we hold the lock
    try:
        partial.mkdir()
        for name in _FILES:
            shutil.copyfile(find_home() / name, partial / name)
        done = subprocess.run([npm, *_NPM[1:]], cwd=partial, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            _LOG.debug("npm ci: %s", done.stderr)
            raise ToolError(
                f"npm ci failed in {target.parent}:\n{_first_error(done.stderr)}\n"
                "npm downloads the packages: check the network and `npm config get registry`, and run this again"
            )
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _first_error(report: str) -> str:
    """The first errors of npm; the rest is help and the path of a log."""
    lines = [line for line in report.splitlines() if line.startswith("npm error ")]
    return "\n".join(lines[:_SHOWN_LINES]) or report.strip()
