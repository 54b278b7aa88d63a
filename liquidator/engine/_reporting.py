"""The reporter's role: the loop of `prover.oracle`, in a thread of the engine."""

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._settings import ReporterSettings
from prover.chain import AccountSigner, RequestPolicy
from prover.onchain import MarginBook
from prover.oracle import (
    Decision,
    LookFailed,
    Mode,
    PeerReports,
    PeerUrl,
    Reporter,
    ReporterEvent,
    ReportFolder,
    open_feed,
)
from verifier import ZkSolvencyError

_LOG: Final = structlog.get_logger("liquidator")

_BAD: Final = frozenset({Decision.NO_REPORT, Decision.STRANGE, Decision.REFUSED, Decision.UNDECIDED})
"""What needs an operator when it lasts."""


@dataclass(frozen=True)
class Reporting:
    """A reporter that runs beside the loop.

    Attributes:
        reporter: of the sender's key.
        interval: between two looks at the feeds [s].
        alarms: told when it fails.
    """

    reporter: Reporter
    interval: float
    alarms: Alarms

    @classmethod
    def of(
        cls,
        settings: ReporterSettings,
        book: MarginBook,
        signer: AccountSigner,
        policy: RequestPolicy,
        alarms: Alarms,
        *,
        is_dry: bool,
    ) -> "Reporting":
        """The reporter of the settings.

        Raises:
            InputError: a feed, folder or peer cannot be used.
        """

        def connect() -> AbstractContextManager[MarginBook]:
            return nullcontext(book)

        folders = [] if settings.reports is None else [ReportFolder(Path(settings.reports))]
        peers: list[PeerReports] = [*folders, *(PeerUrl(url, policy) for url in settings.peers)]
        mode = Mode.DRY if is_dry else Mode.POST if settings.post else Mode.SIGN
        reporter = Reporter(
            connect,
            signer,
            [open_feed(place, policy) for place in settings.feeds],
            peers=peers,
            publishers=folders,
            mode=mode,
            min_feeds=settings.min_feeds,
        )
        return cls(reporter, settings.interval_seconds, alarms)

    def run(self, stop: threading.Event) -> None:
        """Report until the event is set."""
        while not stop.is_set():
            try:
                for event in self.reporter.events(self.interval, stop):
                    self._tell(event)
            except ZkSolvencyError as error:  # of the first look, or another chain
                self.alarms.begin(AlarmKind.REPORTER, str(error))
            except Exception as error:  # noqa: BLE001 - a bug of the reporter must not end it
                self.alarms.begin(AlarmKind.REPORTER, f"a bug: unexpected {type(error).__name__}")
            stop.wait(self.interval)

    def once(self) -> None:
        """Look once, and post without waiting for a turn. Raises as `Reporter.look`."""
        self._tell(self.reporter.look(waits_for_turn=False))

    def _tell(self, event: ReporterEvent) -> None:
        if isinstance(event, LookFailed):
            self.alarms.begin(AlarmKind.REPORTER, str(event.error))
            return
        decision = event.outcome.decision
        _LOG.info("report", outcome=str(decision), round=event.round_id, count=len(event.reports))
        if decision in _BAD:
            self.alarms.begin(AlarmKind.REPORTER, f"{decision}: {event.outcome.detail or event.outcome.error or ''}")
        else:
            self.alarms.end(AlarmKind.REPORTER)
