"""A backend that tells how long its proofs take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liquidator.engine._clock import Clock
from prover.statements import Backend
from prover.toolchain import Artifacts, Inputs
from verifier import VerifyingKey


@dataclass(frozen=True)
class TimedBackend:
    """Another backend, whose proofs are timed.

    Attributes:
        backend: makes the proofs.
        clock: steady.
        tell: takes the time of each proof [s].
    """

    backend: Backend
    clock: Clock
    tell: Callable[[float], None]

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> tuple[Mapping[str, object], Sequence[str]]:
        """Prove one statement. Arguments and errors as for the other backend."""
        began = self.clock.steady()
        made = self.backend.prove(artifacts, inputs)
        self.tell(self.clock.steady() - began)
        return made

    def verify(self, key: VerifyingKey, signals: Sequence[str], proof: Mapping[str, Any]) -> bool:
        """Whether a proof satisfies the equation. Arguments and errors as for the other backend."""
        return self.backend.verify(key, signals, proof)

    def close(self) -> None:
        """Close the other backend."""
        self.backend.close()
