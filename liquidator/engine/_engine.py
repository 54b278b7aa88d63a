"""An engine that is ready to run."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from liquidator.engine._checks import Check
from liquidator.engine._jobs import Jobs
from liquidator.engine._loop import Loop
from liquidator.engine._reporting import Reporting
from liquidator.engine._server import StatusServer
from liquidator.engine._telemetry import Telemetry
from verifier import InputError

if TYPE_CHECKING:
    from liquidator.engine._predictor import Predictor

_LOG: Final = structlog.get_logger("liquidator")


class NotReadyError(InputError):
    """A check before the start has failed."""


@dataclass(frozen=True)
class Engine:
    """The loop with its roles, and what it needs.

    Attributes:
        checks: made before the start.
        loop: looks, and lets the roles act.
        jobs: proofs and transactions.
        sending: lasts as long as transactions may be sent.
        telemetry: what it tells.
        port: of loopback, for the status; 0 for any free one.
        reporting: the reporter; None where it is no role.
        predictor: makes forecasts beside the loop; None where none are wanted.
    """

    checks: Sequence[Check]
    loop: Loop
    jobs: Jobs
    sending: AbstractContextManager[object]
    telemetry: Telemetry
    port: int
    reporting: Reporting | None = None
    predictor: "Predictor | None" = None

    def require_ready(self) -> None:
        """Refuse to start where a check has failed.

        Raises:
            NotReadyError: with every problem.
        """
        problems = [f"{check.name}: {check.problem}" for check in self.checks if check.is_fatal]
        if problems:
            raise NotReadyError("the engine does not start: " + "; ".join(problems))

    def run(self, stop: threading.Event) -> None:
        """Look and act until the event is set. Jobs that run are waited for.

        Raises:
            NotReadyError: a check has failed.
            InputError: the port of the status is taken, or another process sends with the key.
            OtherChainError: the node serves another chain now.
        """
        self.require_ready()
        with self.sending, StatusServer(self.port, self.telemetry.metrics, self.telemetry.status) as server:
            _LOG.info("started", port=server.port, **self._facts())
            reporter = (
                None
                if self.reporting is None
                else threading.Thread(target=self.reporting.run, args=(stop,), name="reporter")
            )
            if reporter is not None:
                reporter.start()
            try:
                self.loop.run(stop)
            finally:
                stop.set()
                self.jobs.close()
                if reporter is not None:
                    reporter.join()
                _LOG.info("stopped")

    def once(self) -> dict[str, Any]:
        """Look once, and wait for what it leads to.

        Returns:
            The status afterwards.

        Raises:
            NotReadyError: a check has failed.
            ChainError, InputError, ToolError: as `run` and `Loop.step`.
        """
        self.require_ready()
        with self.sending:
            if self.reporting is not None:
                self.reporting.once()
            self.loop.step()
            self.jobs.settle()
            if self.predictor is not None:
                self.predictor.settle()
        return self.telemetry.status()

    def _facts(self) -> dict[str, Any]:
        return dict(_known(self.telemetry))


def _known(telemetry: Telemetry) -> Iterator[tuple[str, Any]]:
    for name in ("version", "chain", "roles"):
        value = telemetry.status().get(name)
        if value is not None:
            yield name, value
