"""Fixtures: each circuit is compiled and given a key once."""

import signal
from collections.abc import Callable
from functools import cache

import pytest
from native_circuits import Circuit

# A shell starts its background jobs with Ctrl-C ignored, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def circuit(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Circuit]:
    """Circuits by name."""
    keys, tables = tmp_path_factory.mktemp("keys"), tmp_path_factory.mktemp("cache")
    return cache(lambda name: Circuit(name, keys, tables))


@pytest.fixture(scope="session")
def margin(circuit: Callable[[str], Circuit]) -> Circuit:
    """`margin` of 13 assets."""
    return circuit("margin-13")
