"""The native core, where it is installed."""

import functools
import importlib
from types import ModuleType


@functools.cache
def native_core() -> ModuleType | None:
    """The package; None where it is not installed."""
    try:
        return importlib.import_module("zksolvency_native")
    except ImportError:
        return None
