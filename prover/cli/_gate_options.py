"""Which gate a command is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._node_options import NodeOptions, SenderOptions, record_path
from prover.cli._progress import progress
from prover.onchain import DeploymentKind, DeploymentRecord, RegistrarGate
from prover.toolchain import compile_contracts


@dataclass(frozen=True)
class GateOptions(NodeOptions):
    """Which gate a command reads.

    Attributes:
        deployment: record of the gate's deployment; None for the local chain's.
    """

    deployment: Annotated[
        Path | None,
        typer.Option("--deployment", metavar="FILE", help="Record of a deployment.  [default: the local chain's]"),
    ] = None

    @contextmanager
    def open(self) -> Iterator[RegistrarGate]:
        """The gate, for as long as the context.

        Raises:
            InputError: there is no such record, or it is one of another chain.
            ToolError, ChainError: as for `open_chain`.
        """
        path = record_path(self.deployment, self.rpc, DeploymentKind.GATE)
        record = DeploymentRecord.load(path, DeploymentKind.GATE)
        with progress() as sink:
            code = compile_contracts(progress=sink)
        with self.open_chain(code, reads_only=False) as chain:  # `chain show` is about the sender by default
            yield record.open_gate(chain)


@dataclass(frozen=True)
class GateSenderOptions(SenderOptions, GateOptions):
    """Which gate a command sends transactions to, and who signs them."""
