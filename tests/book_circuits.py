"""The compiled statements that create states."""

from prover.toolchain import CompiledCircuit, compile_circuits
from verifier import STATEMENTS, StatementName

SIZES = STATEMENTS["update"].sizes


def compiled(statement: StatementName, n: int) -> CompiledCircuit:
    """One of them, compiled or from the cache."""
    name = f"{statement}-{n}"
    return compile_circuits([name])[name]
