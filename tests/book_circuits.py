"""The compiled statements that create states."""

from prover.toolchain import CompiledCircuit, compile_circuits
from verifier import StatementName

SIZES = (13, 28)


def compiled(statement: StatementName, n: int) -> CompiledCircuit:
    """One of them, compiled or from the cache."""
    name = f"{statement}-{n}"
    return compile_circuits([name])[name]
