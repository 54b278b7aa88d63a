"""What the engine tells of itself: each event goes into the log, the metrics, the status and the alarms."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._clock import Clock
from liquidator.engine._events import (
    JobEvent,
    JobKey,
    LeftOut,
    Mined,
    Notified,
    Ordered,
    Refused,
    RoundSeen,
    SaleOver,
    Stage,
    StatesOpened,
    WouldSend,
)
from liquidator.engine._jobs import UnexpectedError
from liquidator.engine._logging import short
from liquidator.engine._metrics import Metrics
from liquidator.store import StoreError
from prover.onchain import flagged_since
from prover.toolchain import own_version
from verifier import MARGIN_KINDS, ToolError, ZkSolvencyError

_LOG: Final = structlog.get_logger("liquidator")

_KEPT: Final = 20
"""Events that the status shows."""

STALLED: Final = 60.0
"""A loop without a look for this long is not healthy [s]."""


@dataclass
class Telemetry:
    """Told of every event, from any thread.

    Attributes:
        metrics: of the engine.
        alarms: told of what needs an operator.
        clock: of the engine.
        about: fixed facts of the status: chain, book, sender, roles.
        in_flight: the jobs that are not over.
    """

    metrics: Metrics
    alarms: Alarms
    clock: Clock
    about: Mapping[str, Any]
    in_flight: Callable[[], list[JobKey]] = list
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _state: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _recent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT), init=False, repr=False)
    _looked_at: float | None = field(default=None, init=False)

    def round_seen(self, seen: RoundSeen) -> None:
        """There is a new block, and perhaps a new round."""
        self.metrics.round.set(seen.round_id)
        if seen.is_new:
            _LOG.info("round", round=seen.round_id, block=seen.block)
        self._set(block=seen.block, round=seen.round_id)

    def states_opened(self, opened: StatesOpened) -> None:
        """The accounts were read."""
        accounts, left_out = len(opened.accounts) + len(opened.asleep), sum(opened.left_out)
        self.metrics.accounts.set(accounts)
        self.metrics.unread.set(left_out)
        self.metrics.flagged.set(len(opened.flagged))
        if left_out:
            self.alarms.begin(AlarmKind.LEFT_OUT, _left_out(opened.left_out))
        else:
            self.alarms.end(AlarmKind.LEFT_OUT)
        auctions = [
            {"account": short(account), "ground": str(ground)}
            for account, one in opened.flagged.items()
            for ground in MARGIN_KINDS
            if flagged_since(one, ground)
        ]
        self._set(accounts=accounts, left_out=left_out, auctions=auctions)

    def ordered(self, ordered: Ordered) -> None:
        """Accounts below a line are known, and in order."""
        count = len({one.account for one in ordered.below})
        self.metrics.below.set(count)
        self._set(below=count)

    def predicted(self, round_id: int, accounts: int, unvalued: int, called: int) -> None:
        """A forecast was made.

        Args:
            round_id: of its prices.
            accounts: that it is about: those below their line or nearest to it.
            unvalued: accounts of which it says nothing.
            called: owners that were called after it.
        """
        self.metrics.forecast_accounts.set(accounts)
        self.metrics.margin_calls.inc(called)
        self._set(prediction={"round": round_id, "accounts": accounts, "unvalued": unvalued, "problem": None})
        if called:
            self._tell("margin calls", {"round": round_id, "count": called})

    def not_predicted(self, problem: str) -> None:
        """There is no forecast now."""
        self.metrics.forecast_accounts.set(0)
        self._set(prediction={"problem": problem})
        _LOG.warning("no forecast", detail=problem)

    def looked(self) -> None:
        """A look is over."""
        self._looked_at = self.clock.steady()
        self.metrics.in_flight.set(len(self.in_flight()))

    def stage(self, stage: Stage, seconds: float) -> None:
        """A stage took a time."""
        self.metrics.observe(stage, seconds)

    def job(self, key: JobKey, event: JobEvent) -> None:
        """Something became of a job."""
        about: dict[str, Any] = {"statement": str(key.statement)}
        account = key.account or getattr(event, "account", None)
        about |= {} if account is None else {"account": short(account)}
        about |= {} if key.ground is None else {"ground": str(key.ground)}
        match event:
            case Mined():
                self._mined(about, event)
            case Notified():
                self.metrics.notices.inc()
                self.metrics.observe(Stage.NOTIFIED, event.seconds)
                self._tell("notice", about | {"round": event.round_id, "file": event.file})
            case SaleOver():
                self._tell("nothing to sell", about | {"outcome": str(event.end)})
            case WouldSend():
                self._tell("would send", about | {"gas": event.gas, "wei": event.wei})
            case Refused():
                self._refused(about, event)

    def status(self) -> dict[str, Any]:
        """The status, for programs: nothing of it is secret."""
        jobs = [{"statement": str(key.statement), "account": _named(key)} for key in self.in_flight()]
        lasting, now = self.alarms.lasting(), self.clock.steady()
        looked = None if self._looked_at is None else now - self._looked_at
        with self._lock:
            state, recent = dict(self._state), list(self._recent)
        serious = {AlarmKind.NODE_LOST, AlarmKind.BLOCK_AGE, AlarmKind.LOOP} & set(lasting)
        return {
            "healthy": looked is not None and looked < STALLED and not serious,
            "version": own_version(),
            **self.about,
            **state,
            "seconds_since_look": looked,
            "in_flight": jobs,
            "alarms": lasting,
            "stages": self._stages(),
            "recent": recent,
        }

    def _mined(self, about: dict[str, Any], event: Mined) -> None:
        self.metrics.done.labels(str(event.statement)).inc()
        told = about | {"transaction": event.receipt["transactionHash"].to_0x_hex(), "gas": event.receipt["gasUsed"]}
        if event.seconds is not None:
            self.metrics.tick_to_flag.observe(event.seconds)
            told["seconds"] = round(event.seconds, 3)
        self._tell("mined", told)

    def _refused(self, about: dict[str, Any], event: Refused) -> None:
        kind = "final" if event.is_final else "passing"
        self.metrics.refused.labels(str(event.statement), kind).inc()
        refusal = getattr(event.error, "refusal", None)
        log = _LOG.debug if isinstance(event.error, StoreError) else _LOG.warning  # its alarm is told once
        log("refused", **about, kind=kind, error=event.error, refusal=refusal)
        self._keep("refused", about | {"kind": kind, "error": str(event.error)})
        if event.is_final or isinstance(event.error, ToolError):
            self.alarms.begin(_alarm(event.error), f"{event.statement}: {event.error}")

    def _tell(self, what: str, about: dict[str, Any]) -> None:
        _LOG.info(what, **about)
        self._keep(what, about)

    def _keep(self, what: str, about: dict[str, Any]) -> None:
        with self._lock:
            self._recent.append({"time": int(self.clock.now()), "event": what, **about})

    def _set(self, **facts: Any) -> None:
        with self._lock:
            self._state |= facts

    def _stages(self) -> dict[str, dict[str, float]]:
        """Count and mean of each stage [s]."""
        sums: dict[str, dict[str, float]] = {}
        for metric in self.metrics.stages.collect():
            for sample in metric.samples:
                if sample.name.endswith(("_count", "_sum")):
                    sums.setdefault(sample.labels["stage"], {})[sample.name.rpartition("_")[2]] = sample.value
        return {
            stage: {"count": one["count"], "mean": one["sum"] / one["count"] if one["count"] else 0.0}
            for stage, one in sums.items()
        }


def _alarm(error: ZkSolvencyError) -> AlarmKind:
    if isinstance(error, StoreError):
        return AlarmKind.STORE
    return AlarmKind.BUG if isinstance(error, UnexpectedError) else AlarmKind.REFUSED


def _named(key: JobKey) -> str | None:
    return None if key.account is None else short(key.account)


def _left_out(left_out: LeftOut) -> str:
    return (
        f"the node's logs lack {left_out.unread} states and {left_out.unopened} openings, and the book counts "
        f"{left_out.hidden} further accounts"
    )
