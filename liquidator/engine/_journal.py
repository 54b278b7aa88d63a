"""What the engine sends for: tasks in the store, so that a restart sends nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from liquidator.engine._events import Statement
from liquidator.sending import Outbox
from liquidator.store import EngineStore, Task

_OF_A_ROUND: Final = tuple(map(str, (Statement.FLAG, Statement.TAKE_OVER, Statement.PREPARE_ROUND)))
"""What the engine's contracts take at the newest round alone."""


@dataclass(frozen=True)
class Journal:
    """Names what is sent to the outbox.

    Attributes:
        store: keeps jobs and transactions.
        outbox: sends; None in a dry run.
        chain_id: of the chain.
        book: address of the margin book, checksummed.
    """

    store: EngineStore
    outbox: Outbox | None
    chain_id: int
    book: str

    @contextmanager
    def sending(
        self, statement: Statement, account: int | None, round_id: int, about: str = "", profit: int | None = None
    ) -> Iterator[None]:
        """Around what sends one transaction. To do it again after a restart is to wait for the first.

        Args:
            statement: what for.
            account: identity; None for what is about no account.
            round_id: of the round that is the reason.
            about: tells it from other transactions for the same; never a secret.
            profit: what the transaction gains [wei]; None where that is not known.

        Raises:
            As `Outbox.work`.
        """
        if self.outbox is None:
            yield
            return
        task = Task(self.chain_id, self.book, account or 0, f"{statement} {about}".strip())
        with self.outbox.work(task, round_id, profit):
            yield

    def abandon_older(self, newest_round: int) -> None:
        """Say that transactions for older rounds are pointless: their nonces are given up where others wait for them.

        Args:
            newest_round: that the chain has.

        Raises:
            StoreError: the store cannot be used.
        """
        if self.outbox is None or not self.outbox.open_transactions:
            return
        for job in self.store.jobs_in_flight(self.chain_id, self.book):
            if job.round_id < newest_round and job.task.action.startswith(_OF_A_ROUND):
                self.outbox.abandon(job.task)
