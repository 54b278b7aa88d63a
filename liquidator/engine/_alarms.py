"""Alarms for operators, by webhook and command, and the sign of life whose absence is an alarm elsewhere."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog

from liquidator.engine._clock import Clock
from liquidator.engine._delivery import Delivery
from liquidator.engine._settings import AlarmSettings

_LOG: Final = structlog.get_logger("liquidator")


class AlarmKind(StrEnum):
    """What needs an operator.

    NODE_LOST: the node does not answer, or lacks the book.
    BLOCK_AGE: the newest block is old: node or chain does not go on.
    CLOCK: this clock and the chain's time differ.
    GAS: the sender's balance is low.
    LEFT_OUT: the node's logs do not hold accounts or states that the contract has.
    REFUSED: a job was refused, and a later try alone does not help.
    BUG: an unexpected error in a job.
    LOOP: an unexpected error at a look.
    STORE: the engine's file cannot be written, and nothing is sent before it can.
    BIDDER: the bidding process fails, and the built-in rate is used.
    REPORTER: the reporter's look fails.
    PREDICTION: the process that predicts fails, is late or ends.
    """

    NODE_LOST = "node-lost"
    BLOCK_AGE = "block-age"
    CLOCK = "clock"
    GAS = "gas"
    LEFT_OUT = "left-out"
    REFUSED = "refused"
    BUG = "bug"
    LOOP = "loop"
    STORE = "store"
    BIDDER = "bidder"
    REPORTER = "reporter"
    PREDICTION = "prediction"


@dataclass
class _Lasting:
    detail: str
    told_at: float


class Alarms:
    """Tells each alarm once when it begins, again while it lasts, and once when it is over.

    Args:
        settings: who is told.
        clock: steady.
        about: what every message has, such as the chain.
        count: takes the kind of each alarm that is told.
    """

    def __init__(
        self,
        settings: AlarmSettings,
        clock: Clock,
        about: dict[str, Any],
        count: Callable[[AlarmKind], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._about = about
        self._count = count
        self._lock = threading.Lock()
        self._lasting: dict[AlarmKind, _Lasting] = {}
        self._beaten_at: float | None = None
        self._delivery = Delivery("alarms", settings.webhook, settings.command)

    def begin(self, kind: AlarmKind, detail: str) -> bool:
        """An alarm begins, or lasts. Returns whether it is told."""
        now = self._clock.steady()
        with self._lock:
            lasting = self._lasting.get(kind)
            if lasting is not None and now < lasting.told_at + self._settings.repeat_seconds:
                lasting.detail = detail
                return False
            self._lasting[kind] = _Lasting(detail, now)
        self._count(kind)
        _LOG.error("alarm", kind=kind, detail=detail)
        self._put({"alarm": kind, "state": "begun", "detail": detail})
        return True

    def end(self, kind: AlarmKind) -> None:
        """What the alarm was about is over, if it was told."""
        with self._lock:
            was = self._lasting.pop(kind, None)
        if was is not None:
            _LOG.info("alarm is over", kind=kind)
            self._put({"alarm": kind, "state": "over", "detail": ""})

    def lasting(self) -> dict[str, str]:
        """The alarms that last, with their details."""
        with self._lock:
            return {str(kind): one.detail for kind, one in self._lasting.items()}

    def beat(self) -> None:
        """Give a sign of life, if one is due. The loop calls this, so a loop that hangs gives none."""
        settings, now = self._settings, self._clock.steady()
        if self._beaten_at is not None and now < self._beaten_at + settings.heartbeat_seconds:
            return
        self._beaten_at = now
        if settings.heartbeat_file is not None:
            try:
                settings.heartbeat_file.touch()
            except OSError as error:
                _LOG.warning("no sign of life", file=str(settings.heartbeat_file), error=error)
        if settings.heartbeat_url is not None:
            self._delivery.ask(settings.heartbeat_url)

    def close(self) -> None:
        """Deliver what waits, and end."""
        self._delivery.close()

    def _put(self, message: dict[str, Any]) -> None:
        self._delivery.put({**self._about, **message, "time": int(self._clock.now())})
