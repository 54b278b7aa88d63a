"""Finding the external tools: Node, the packages from npm, circom, and Foundry's binaries."""

import json
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from prover.toolchain._home import find_home
from prover.toolchain._install import installed_modules
from verifier import ToolError

MIN_NODE: Final = 20
CIRCOM_VERSION: Final = "2.2.3"

_FOUNDRY_PLATFORMS: Final = {
    ("linux", "x86_64"): "linux-amd64",
    ("linux", "aarch64"): "linux-arm64",
    ("darwin", "x86_64"): "darwin-amd64",
    ("darwin", "arm64"): "darwin-arm64",
}
_PROBE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Circom:
    """A circom compiler.

    Attributes:
        program: the compiler, or the script that runs it in Node.
        identity: name and version, for cache keys.
    """

    program: Path
    identity: str

    def command(self) -> tuple[str, ...]:
        """The argv prefix that runs it.

        Raises:
            ToolError: it runs in Node, which is missing or too old.
        """
        node = (str(find_node()),) if self.program.suffix == ".js" else ()
        return (*node, str(self.program))


def find_node() -> Path:
    """Node, version 20 or later.

    Raises:
        ToolError: not on PATH, or too old.
    """
    found = shutil.which("node")
    if found is None:
        raise ToolError(f"Node is not on PATH: install Node {MIN_NODE} or later")
    version = program_version(found)
    if int(version.partition(".")[0]) < MIN_NODE:
        raise ToolError(f"{found} is Node {version}: install Node {MIN_NODE} or later")
    return Path(found)


def find_modules() -> Path:
    """The node_modules folder with the pinned packages: next to the sources, or in the cache.

    Raises:
        ToolError: they are in neither.
    """
    for folder in (find_home() / "node_modules", installed_modules()):
        if (folder / "snarkjs" / "package.json").is_file():
            return folder
    raise ToolError(
        "the pinned npm packages are missing: run `zksolvency toolchain install`, or `make install` in a checkout; "
        "to prove without them, `zksolvency artifacts install FILE` takes circuits and keys from an archive"
    )


def find_package(name: str) -> Path:
    """The folder of one npm package.

    Raises:
        ToolError: it is not installed.
    """
    modules = find_modules()
    if not (modules / name / "package.json").is_file():
        raise ToolError(f"the npm package {name} is missing from {modules}: run `npm ci` in {modules.parent}")
    return modules / name


def package_version(name: str) -> str:
    """The version of an installed npm package. Raises as `find_package`."""
    return str(json.loads((find_package(name) / "package.json").read_bytes())["version"])


def find_foundry(tool: str) -> Path:
    """A Foundry tool: the pinned binary that npm installed, or else, on platforms without one, that on PATH.

    Args:
        tool: "anvil" or "forge".

    Raises:
        ToolError: neither is there.
    """
    platform_name = _FOUNDRY_PLATFORMS.get((sys.platform, platform.machine()))
    package = find_modules() / "@foundry-rs" / f"{tool}-{platform_name}"
    if (package / "bin" / tool).is_file():
        return package / "bin" / tool
    found = shutil.which(tool)
    if found is None:
        raise ToolError(
            f"{tool} is missing: run `npm ci` in {find_modules().parent}; "
            f"where npm has no binary, install Foundry, so that {tool} is on PATH"
        )
    return Path(found)


def find_circom() -> Circom:
    """The pinned circom: a native one on PATH if it is of that version, else the one in WebAssembly from npm.

    Raises:
        ToolError: neither is there.
    """
    native = shutil.which("circom")
    if native is not None and program_version(native) == CIRCOM_VERSION:
        return Circom(Path(native), f"circom {CIRCOM_VERSION}")
    return Circom(find_package("circom2") / "cli.js", f"circom2 {package_version('circom2')}")


@cache
def program_version(program: str) -> str:
    """The version that a program reports on `--version`: the first dotted number in its answer.

    Raises:
        ToolError: it does not run, or its answer holds no version.
    """
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        raise ToolError(f"{program} does not run: install it again") from None
    match = re.search(r"\d+(\.\d+)+", answer)
    if match is None:
        raise ToolError(f"{program} --version names no version: install it again")
    return match.group()
