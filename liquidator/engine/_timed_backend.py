"""A backend that tells how long its proofs take, and makes no more of them at once than there are cores."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from liquidator.engine._clock import Clock
from prover.statements import Backend
from prover.toolchain import Artifacts, Inputs
from verifier import VerifyingKey

_AT_ONCE: Final = os.cpu_count() or 1
"""If more share the cores, all of them end later, and perhaps all after their round was superseded."""


@dataclass(frozen=True)
class TimedBackend:
    """Another backend, whose proofs are timed and take turns.

    Attributes:
        backend: makes the proofs.
        clock: steady.
        tell: takes the time of each proof [s].
    """

    backend: Backend
    clock: Clock
    tell: Callable[[float], None]
    _turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE), init=False, repr=False)

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> tuple[Mapping[str, object], Sequence[str]]:
        """Prove one statement. Arguments and errors as for the other backend."""
        with self._turns:
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
