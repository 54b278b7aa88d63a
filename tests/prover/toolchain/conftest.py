"""A small circuit, its development keys and a cache, shared by the tests of the toolchain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from taus import make_tau

from prover.toolchain import Artifacts, CircuitInstance, CompiledCircuit, SnarkjsBackend, compile_circuits
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from prover.toolchain._devkeys import UnsafeDevelopmentKeys
from prover.toolchain._node import NodeProcess
from prover.toolchain._progress import ignore_progress

POWER = 5
SQUARE = CircuitInstance(
    name="square", file="square.circom", template="Square", params=(), public=("square",), statement="margin", n=1
)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("toolchain") / "cache")


@pytest.fixture(scope="session")
def square(shared_cache: Cache) -> CompiledCircuit:
    return compile_instance(SQUARE, Path(__file__).parent, shared_cache)


@pytest.fixture(scope="session")
def keys(square: CompiledCircuit, shared_cache: Cache) -> Artifacts:
    """snarkjs' own: the core's are in test_devkeys.py."""
    with NodeProcess("keys.mjs") as node:
        folder = UnsafeDevelopmentKeys(shared_cache, node, ignore_progress, natively=False).make(square, POWER)
    return Artifacts.load(square, folder)


@pytest.fixture(scope="session")
def powers_of_tau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a ceremony with one participant."""
    return make_tau(tmp_path_factory.mktemp("tau"), POWER, "contribute", "prepare")


@pytest.fixture(scope="module")
def backend() -> Iterator[SnarkjsBackend]:
    """One for all tests of a file; those of its process, its output and its environment start their own."""
    with SnarkjsBackend() as backend:
        yield backend


@pytest.fixture(scope="session")
def margin() -> CompiledCircuit:
    return compile_circuits(["margin-13"])["margin-13"]


@pytest.fixture(scope="session")
def lean() -> CompiledCircuit:
    return compile_circuits(["margin-lean-13"])["margin-lean-13"]
