"""Jobs: proofs and transactions in the background, none twice at a time, with a pause after a refusal."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

import structlog

from liquidator.engine._dry_sender import WouldSendError
from liquidator.engine._events import JobEvent, JobKey, Refused, Statement, WouldSend
from liquidator.engine._pauses import Pauses
from liquidator.store import StoreError
from prover.onchain import OutdatedProofError
from verifier import InputError, ProvingError, ZkSolvencyError

_LOG: Final = structlog.get_logger("liquidator")

_FINAL: Final = frozenset({"ProofDoesNotVerify", "UnknownVerifier", "AccountNotOpen"})
"""Refusals that no later round or block ends."""


_OVERTAKEN: Final = (OutdatedProofError, ProvingError)
"""Newer prices, or a change of the account, came first: the next round decides again."""

OVERTAKEN: Final = 1.0
"""Pause after that, at most [s]."""

_URGENT: Final = frozenset({Statement.FLAG, Statement.ANSWER, Statement.EXPIRE, Statement.TAKE_OVER})
"""What does not wait for notices and housekeeping."""

Work = Callable[[], Iterator[JobEvent]]
"""Does a job, and yields what became of it. Raises ZkSolvencyError where it is refused."""


class UnexpectedError(ZkSolvencyError):
    """A bug in a job. It says the kind of the error alone, whose own words may hold secrets."""


class Jobs:
    """Runs jobs in threads.

    Args:
        tell: takes what became of each, from any thread.
        pauses: remembers what is not tried again.
        workers: urgent jobs at once: most of them wait for blocks. Others have as many threads as there are cores.
        passing: pause after a refusal that may pass [s].
        final: pause after one that needs an operator [s].
    """

    def __init__(
        self,
        tell: Callable[[JobKey, JobEvent], None],
        pauses: Pauses,
        *,
        workers: int,
        passing: float,
        final: float,
    ) -> None:
        self._tell = tell
        self._pauses = pauses
        self._lengths = {False: passing, True: final}
        self._pools = {
            True: ThreadPoolExecutor(workers, thread_name_prefix="urgent"),
            False: ThreadPoolExecutor(max(os.cpu_count() or 1, 2), thread_name_prefix="job"),
        }
        self._lock = threading.Lock()
        self._running: dict[JobKey, Future[None]] = {}
        self._is_closed = False

    def begin(self, key: JobKey, work: Work) -> bool:
        """Begin a job, unless one of its key runs or is paused.

        Returns:
            Whether it was begun.
        """
        with self._lock:
            if self._is_closed or key in self._running or self._pauses.lasts(key):
                return False
            self._running[key] = self._pools[key.statement in _URGENT].submit(self._run, key, work)
            return True

    @property
    def in_flight(self) -> list[JobKey]:
        """The jobs that are not over."""
        with self._lock:
            return list(self._running)

    def settle(self, timeout: float | None = None) -> bool:
        """Wait until no job is left, nor one that another began.

        Args:
            timeout: for the jobs that run together [s]; None for ever.

        Returns:
            Whether none is left.
        """
        while left := self._futures():
            if wait(left, timeout).not_done:
                return False
        return True

    def close(self) -> None:
        """Begin nothing more, and wait for the jobs that run."""
        with self._lock:
            self._is_closed = True
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _futures(self) -> list[Future[None]]:
        with self._lock:
            return list(self._running.values())

    def _run(self, key: JobKey, work: Work) -> None:
        try:
            for event in work():
                self._tell(key, event)
        except WouldSendError as error:
            self._pause(key, self._lengths[True], str(error), is_final=True)
            self._tell(key, WouldSend(key.account, key.statement, error.gas, error.wei))
        except ZkSolvencyError as error:
            self._refuse(key, error)
        except Exception as error:  # noqa: BLE001 - a bug in one job stops no other
            self._refuse(key, UnexpectedError(f"a bug: unexpected {type(error).__name__}"))
        finally:
            with self._lock:
                del self._running[key]

    def _refuse(self, key: JobKey, error: ZkSolvencyError) -> None:
        final = is_final(error)
        seconds = min(self._lengths[False], OVERTAKEN) if isinstance(error, _OVERTAKEN) else self._lengths[final]
        self._pause(key, seconds, str(error), is_final=final)
        self._tell(key, Refused(key.account, key.statement, error, final))

    def _pause(self, key: JobKey, seconds: float, reason: str, *, is_final: bool) -> None:
        try:
            self._pauses.begin(key, seconds, reason, is_final=is_final)
        except StoreError as error:
            _LOG.debug("a pause is not kept over a restart", error=error)  # the alarm of the store is told once


def is_final(error: ZkSolvencyError) -> bool:
    """Whether a later try alone does not help: an operator has to change something.

    A tool may do so: a disk that is full is made space on.
    """
    return isinstance(error, InputError | UnexpectedError) or getattr(error, "refusal", None) in _FINAL
