"""What the engine was about to send: jobs in the store, so that a restart sends nothing twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from liquidator.engine._events import Statement
from liquidator.sending import Outbox
from liquidator.store import EngineStore, Outcome, Stage, Task, TransactionState
from verifier import ChainError, UndecidedError, ZkSolvencyError


@dataclass
class Journal:
    """Records each job whose transaction is sent, and hands it to the outbox.

    Attributes:
        store: keeps jobs.
        outbox: sends; None in a dry run, which records nothing.
        chain_id: of the chain.
        book: address of the margin book, checksummed.
    """

    store: EngineStore
    outbox: Outbox | None
    chain_id: int
    book: str
    _active: set[int] = field(default_factory=set, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @contextmanager
    def sending(
        self, statement: Statement, account: int | None, round_id: int, about: str = "", profit: int | None = None
    ) -> Iterator[None]:
        """Around what sends one transaction. To do it again after a restart is to find what became of the first.

        Args:
            statement: what for.
            account: identity; None for what is about no account.
            round_id: of the round that is the reason.
            about: tells it from other transactions for the same at the same round; never a secret.
            profit: what the transaction gains [wei]; None where that is not known.

        Raises:
            ToolError: it cannot be recorded; nothing was sent.
        """
        if self.outbox is None:
            yield
            return
        task = Task(self.chain_id, self.book, account or 0, f"{statement} {about}".strip())
        job = self.store.begin(task, round_id).id
        with self._lock:
            self._active.add(job)
        try:
            with self.outbox.work(job, profit):
                yield
        except UndecidedError:
            raise  # it may still be mined: `settle` finds out
        except ZkSolvencyError as error:
            refused = isinstance(error, ChainError) and error.refusal is not None
            self.store.finish(job, Outcome.REFUSED if refused else Outcome.FAILED, str(error))
            raise
        else:
            self.store.finish(job, Outcome.DONE)
        finally:
            with self._lock:
                self._active.discard(job)

    def settle(self, newest_round: int) -> None:
        """End the jobs that no thread works on: of an earlier run, or whose transaction was undecided.

        Args:
            newest_round: what was for an older round has passed, and gives its nonce up where a later one waits for it.

        Raises:
            ToolError: the store cannot be used.
        """
        if self.outbox is None:
            return
        with self._lock:
            active = set(self._active)
        states = (TransactionState.OPEN, TransactionState.MINED)
        sent = {one.job: one for one in self.store.transactions(self.chain_id, self.outbox.address, states)}
        for job in self.store.jobs_in_flight(self.chain_id, self.book):
            if job.id in active:
                continue
            transaction = sent.get(job.id)
            if job.stage is Stage.MINED:
                is_done = transaction is None or transaction.inclusion is None or transaction.inclusion.succeeded
                self.store.finish(job.id, Outcome.DONE if is_done else Outcome.REFUSED)
            elif transaction is None:
                self.store.finish(job.id, Outcome.FAILED, "interrupted before it was sent")
            elif job.round_id < newest_round:
                self.outbox.abandon(job.id)
