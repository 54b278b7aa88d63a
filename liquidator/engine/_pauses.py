"""Pauses after refusals: in memory for the loop, and in the store for the next start."""

from liquidator.engine._clock import Clock
from liquidator.engine._events import JobKey, Statement
from liquidator.store import CooldownKind, EngineStore, Task
from prover.onchain import MarginBook
from verifier import MARGIN_KINDS


class Pauses:
    """Remembers until when a job is not tried again.

    Args:
        store: keeps them over a restart.
        chain_id: of the chain.
        book: address of the margin book, checksummed.
        clock: Unix seconds.
    """

    def __init__(self, store: EngineStore, chain_id: int, book: str, clock: Clock) -> None:
        self._store = store
        self._chain_id = chain_id
        self._book = book
        self._clock = clock
        kept = store.cooldowns(chain_id, book)
        self._until = {key_of(task): one.until for task, one in kept.items() if one.until is not None}

    @classmethod
    def of(cls, store: EngineStore, book: MarginBook, clock: Clock) -> "Pauses":
        """Those of a book."""
        contracts = book.contracts
        return cls(store, contracts.chain.chain_id, contracts.book.contract.address, clock)

    def begin(self, key: JobKey, seconds: float, reason: str, *, is_final: bool) -> None:
        """Begin a pause.

        Args:
            key: of the job.
            seconds: how long.
            reason: for people; never a secret.
            is_final: whether it lasts until the account changes, if that is sooner.

        Raises:
            ToolError: the store cannot be written. The pause begins all the same.
        """
        until = self._clock.now() + seconds
        self._until[key] = until
        kind = CooldownKind.FINAL if is_final else CooldownKind.PASSING
        self._store.cool_down(self.task(key), kind, until, reason)

    def lasts(self, key: JobKey) -> bool:
        """Whether a pause of the job lasts."""
        until = self._until.get(key)
        if until is None:
            return False
        if until <= self._clock.now():
            del self._until[key]
            return False
        return True

    def clear(self, account: int) -> None:
        """End the pauses of an account, which has changed. Raises ToolError when the store cannot be written."""
        keys = [key for key in list(self._until) if key.account == account]
        for key in keys:
            self._until.pop(key, None)
        if keys:
            self._store.clear_cooldowns(self._chain_id, self._book, account)

    def task(self, key: JobKey) -> Task:
        """A job as the store names it."""
        action = " ".join(str(part) for part in (key.statement, key.ground) if part is not None)
        return Task(self._chain_id, self._book, key.account or 0, action)


def key_of(task: Task) -> JobKey:
    """The job that the store names."""
    statement, _, ground = task.action.partition(" ")
    grounds = {str(kind): kind for kind in MARGIN_KINDS}
    return JobKey(Statement(statement), task.account or None, grounds.get(ground))
