"""The compiled statements that create states."""

import pytest

from prover.toolchain import CompiledCircuit, compile_circuits
from verifier import STATEMENTS, StatementName

_SMALLEST, *_LARGER = STATEMENTS["update"].sizes
SIZES = (_SMALLEST, *(pytest.param(n, marks=pytest.mark.deep) for n in _LARGER))
"""To parametrise with: the template is the same, so larger sizes are of the deep tier."""


def compiled(statement: StatementName, n: int) -> CompiledCircuit:
    """One of them, compiled or from the cache."""
    name = f"{statement}-{n}"
    return compile_circuits([name])[name]
