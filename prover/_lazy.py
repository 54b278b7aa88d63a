"""Packages whose names are imported when they are used (PEP 562), so that a program loads only what it needs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def lazy_names(
    package: str, names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package that imports nothing itself.

    Type checkers do not see what these find: the package also imports the names under `TYPE_CHECKING`. A test compares
    the two lists.

    Args:
        package: its name.
        names: the public names by the module that they are imported from, such as "._account".
    """
    modules = {name: module for module, listed in names.items() for name in listed}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(modules[name], package), name)
        setattr(sys.modules[package], name, value)  # the next use finds it without this function
        return value

    return find, lambda: sorted({*vars(sys.modules[package]), *modules})
