"""Rules of the house that a newcomer could break without noticing."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import prover
import prover.toolchain
import verifier

ROOT = Path(__file__).parent.parent
HEAVY = {"web3", "eth_account", "pydantic", "typer", "rich", "numpy", "requests"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "verifier").rglob("*.py")), ids=lambda p: p.name)
def test_verifier_imports_nothing_else_of_the_project(path: Path) -> None:
    assert not imports(path) & {"prover", "liquidator", "tests"}


@pytest.mark.parametrize("path", sorted((ROOT / "contracts" / "examples").rglob("*.sol")), ids=lambda p: p.name)
def test_example_contracts_use_the_public_interfaces_only(path: Path) -> None:
    sources = re.findall(r'from "([^"]+)"', path.read_text())
    assert sources
    assert all(source.startswith(("@openzeppelin/contracts/", "../src/interfaces/")) for source in sources)


def test_verifying_needs_no_heavy_library() -> None:
    code = "import sys, verifier; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & HEAVY


@pytest.mark.parametrize("module", [verifier, prover, prover.toolchain], ids=lambda m: m.__name__)
def test_public_names_are_sorted_and_exist(module: object) -> None:
    names: list[str] = module.__all__
    assert names == sorted(names, key=lambda n: (not n.isupper(), n[0].islower(), n))
    assert all(hasattr(module, name) for name in names)


def test_every_error_is_one_of_the_tree() -> None:
    errors = [getattr(verifier, name) for name in verifier.__all__ if name.endswith("Error")]
    assert len(errors) >= 6
    assert all(issubclass(error, verifier.ZkSolvencyError) for error in errors)
