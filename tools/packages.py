"""Builds what users install: the wheels, and the npm package of the contracts.

`make packages` builds both into build/packages. The wheel of the native core is the one that `make install` has built,
and is left out where there is no Rust.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from prover.toolchain import INSTANCES, find_node

ROOT: Final = Path(__file__).resolve().parent.parent
CONTRACTS: Final = ROOT / "contracts"
FOLDERS: Final = ("examples", "src", "test-utils")
"""Of the contracts, in the npm package as they are here."""


def build_wheels(out: Path) -> list[Path]:
    """Build the wheels into a folder, and return them."""
    projects = (ROOT, ROOT / "verifier", ROOT / "liquidator")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(out), *map(str, projects)], cwd=out, check=True)
    for native in (ROOT / "prover" / "native" / "target" / "wheels").glob("*.whl"):
        shutil.copy(native, out)
    return sorted(out.glob("*.whl"))


def pack_npm(out: Path, scratch: Path) -> Path:
    """Pack the npm package into a folder, and return the archive.

    Args:
        out: for the archive.
        scratch: a new folder, to lay the package out in.
    """
    lay_out(scratch)
    command = ["npm", "pack", "--silent", "--pack-destination", str(out)]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=True)
    return out / done.stdout.strip()


def lay_out(target: Path) -> None:
    """Write the files of the npm package into a new folder."""
    for folder in FOLDERS:
        shutil.copytree(CONTRACTS / folder, target / folder)
    shutil.copytree(ROOT / "circuits", target / "circuits")
    shutil.copyfile(CONTRACTS / "package.json", target / "package.json")
    shutil.copyfile(CONTRACTS / "npm.md", target / "README.md")
    shutil.copyfile(ROOT / "LICENSE", target / "LICENSE")
    (target / "circuits" / "instances.json").write_text(json.dumps(instances(), indent=1) + "\n")
    (target / "bin").mkdir()
    shutil.copy(ROOT / "tools" / "solc", target / "bin" / "solc")
    (target / "abi").mkdir()
    for name, abi in abis().items():
        (target / "abi" / f"{name}.json").write_text(json.dumps(abi, indent=1) + "\n")


def abis() -> Mapping[str, Any]:
    """The ABI of each contract, by the name of its file, as solc says it without generating code."""
    paths = sorted((CONTRACTS / "src").rglob("*.sol"))
    names = {path.relative_to(ROOT).as_posix(): path.stem for path in paths}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": (ROOT / name).read_text()} for name in names},
        "settings": {
            "outputSelection": {"*": {"*": ["abi"]}},
            "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
        },
    }
    command = [str(find_node()), str(ROOT / "tools" / "solc"), "--standard-json"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(request), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert not [error for error in answer.get("errors", []) if error["severity"] == "error"], answer["errors"]
    compiled = {stem: answer["contracts"].get(name, {}).get(stem) for name, stem in names.items()}
    return {stem: contract["abi"] for stem, contract in compiled.items() if contract and contract["abi"]}


def instances() -> list[dict[str, Any]]:
    """Each instance of a circuit, with the source of its main component."""
    return [
        {"name": name, "statement": item.statement, "n": item.n, "public": item.public, "main": item.main()}
        for name, item in INSTANCES.items()
    ]


def main() -> None:
    """Build everything into a folder, in place of what it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out: Path = parser.parse_args().out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    build_wheels(out)
    pack_npm(out, out / "npm")
    shutil.rmtree(out / "npm")
    print(*(path.name for path in sorted(out.iterdir())), sep="\n")


if __name__ == "__main__":
    main()
