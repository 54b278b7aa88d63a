"""The native proving core, an optional package of its own: where it is, and its errors as the project's."""

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

from prover.toolchain._home import cache_dir
from verifier import InputError, ProvingError, ToolError, VerificationError

CORE_INSTALL_HINT: Final = (
    "`pip install zksolvency-native`; in a checkout, install Rust 1.89 or later and run `make install`"
)

_PACKAGE: Final = "zksolvency_native"


def has_core() -> bool:
    """Whether the native core is installed."""
    return importlib.util.find_spec(_PACKAGE) is not None


def core_version() -> str:
    """The version of the installed core.

    Raises:
        ToolError: it is not installed.
    """
    try:
        return importlib.metadata.version(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise _missing() from None


def core_path() -> Path:
    """The folder of the installed core. Raises as `core_version`."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise _missing()
    return Path(spec.origin).parent


def core_cache() -> Path:
    """Where the core keeps tables and compiled witness calculators; apart from the entries of `Cache`."""
    return cache_dir() / "native"


@contextmanager
def native_core() -> Iterator[ModuleType]:
    """The package, with its errors turned into the project's. None of them holds a secret.

    Raises:
        ToolError: it is not installed, or it failed.
    """
    try:
        core = importlib.import_module(_PACKAGE)
    except ImportError:
        raise _missing() from None
    try:
        yield core
    except core.ProvingError as error:
        raise ProvingError(f"the statement does not hold for these inputs: {error}") from None
    except core.InputError as error:
        raise InputError(f"native core: {error}") from None
    except core.VerificationError as error:
        reason, message = error.args
        raise VerificationError(reason, message) from None
    except core.NativeError as error:
        raise ToolError(f"the native core failed: {error}") from None
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise ToolError(f"the native core cannot use its files: {what}") from None


def _missing() -> ToolError:
    return ToolError(f"the native core is not installed: {CORE_INSTALL_HINT}")
