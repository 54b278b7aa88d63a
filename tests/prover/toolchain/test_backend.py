"""Which backend is taken, and what says so where there is no native core."""

import importlib.metadata
import importlib.util
import sys

import pytest

from prover.toolchain import (
    BackendName,
    NativeBackend,
    SnarkjsBackend,
    default_backend,
    has_core,
    inspect_tools,
    open_backend,
)


@pytest.fixture
def no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the package."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "zksolvency_native" else find_spec(name)
    )
    monkeypatch.setitem(sys.modules, "zksolvency_native", None)


def test_the_native_core_is_taken_where_it_is_installed() -> None:
    pytest.importorskip("zksolvency_native", reason="the native core is not installed")
    assert has_core()
    assert default_backend() is BackendName.NATIVE
    assert isinstance(open_backend(), NativeBackend)


@pytest.mark.usefixtures("no_core")
def test_snarkjs_is_taken_where_it_is_not() -> None:
    assert default_backend() is BackendName.SNARKJS
    assert isinstance(open_backend(), SnarkjsBackend)


def test_a_backend_is_taken_by_name() -> None:
    assert isinstance(open_backend(BackendName.SNARKJS), SnarkjsBackend)
    assert isinstance(open_backend(BackendName.NATIVE), NativeBackend)


@pytest.mark.full
@pytest.mark.usefixtures("no_core")
def test_a_missing_core_is_no_fault_but_how_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", _not_found)
    core = next(tool for tool in inspect_tools() if tool.name == "native core")
    assert core.is_optional
    assert "install Rust" in str(core.problem)


def _not_found(name: str) -> str:
    raise importlib.metadata.PackageNotFoundError(name)
