"""Circuits and keys by the name of their instance, made on first use.

A run without the large sizes, which belong to the deep tier, compiles none of them.
"""

from collections.abc import Callable
from typing import TypeVar

from prover.toolchain import Artifacts, CompiledCircuit, build, compile_circuits

_T = TypeVar("_T")


class OnDemand(dict[str, _T]):
    """A mapping that makes missing values.

    Args:
        make: one value, from its name.
    """

    def __init__(self, make: Callable[[str], _T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> _T:
        value = self[name] = self._make(name)
        return value


def compiled_circuits() -> OnDemand[CompiledCircuit]:
    """Every instance, compiled."""
    return OnDemand(lambda name: compile_circuits([name])[name])


def built_artifacts() -> OnDemand[Artifacts]:
    """Every instance, compiled and with development keys."""
    return OnDemand(lambda name: build([name])[name])
