"""The file of an engine: jobs, transactions, cooldowns, rounds of prices, and what owners were told."""

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.exc import SQLAlchemyError

from liquidator.store._migrating import migrate
from liquidator.store._records import (
    CallLevel,
    CallRecord,
    Cooldown,
    CooldownKind,
    Inclusion,
    Job,
    Outcome,
    RecordedRound,
    SignedCall,
    Stage,
    StoredTransaction,
    Task,
    TransactionState,
)
from liquidator.store._tables import cooldowns, jobs, margin_calls, rounds, signatures, transactions
from prover.storage import open_database, reading
from verifier import ToolError


class StoreError(ToolError):
    """A store cannot be used now. What was asked of it has changed nothing."""


BUSY_SECONDS: Final = 30.0

_MAY_BE_MINED: Final = exists().where(transactions.c.job == jobs.c.id, transactions.c.state == TransactionState.OPEN)

_T = TypeVar("_T")


class EngineStore:
    """A SQLite file with what an engine must know after a restart. Threads may share it.

    Each method is a transaction, which outlives a power cut once the method has returned. A method that fails has
    changed nothing.

    Args:
        path: the file, made with permissions 0600 where there is none. An older one is copied, then migrated.
        clock: gives Unix seconds.

    Raises:
        InputError: a newer program wrote the file, or another one.
        StoreError: the file cannot be used: no space, a lock that another program holds for too long, or damage. Every
            method raises it.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._engine = self._guarded(
            lambda: open_database(
                path, lambda connection: migrate(connection, path), is_durable=True, busy_seconds=BUSY_SECONDS
            )
        )

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------ jobs

    def begin(self, task: Task, round_id: int) -> Job:
        """Begin a job, or go on with one that is in flight.

        That is one of the same round, after a restart, or one with a transaction that may be mined. Other jobs of the
        task have ended with the process that began them.

        Args:
            task: what to do.
            round_id: of the price round that is the reason.
        """

        def work(connection: Connection) -> Job:
            is_same = and_(jobs.c.outcome.is_(None), jobs.c.round_id == round_id)
            wanted = select(jobs).filter_by(**task._asdict()).where(_MAY_BE_MINED | is_same)
            found = connection.execute(wanted.order_by(_MAY_BE_MINED.desc()).limit(1)).one_or_none()
            if found is not None:
                return _job(found)
            now = self._clock()
            ended = update(jobs).filter_by(**task._asdict(), outcome=None)
            connection.execute(ended.values(outcome=Outcome.INTERRUPTED, changed=now))
            row = {**task._asdict(), "round_id": round_id, "stage": Stage.BEGUN, "detail": "", "begun": now}
            made = connection.execute(insert(jobs).values(**row, changed=now).returning(jobs))
            return _job(made.one())

        return self._run(work)

    def finish(self, job: int, outcome: Outcome, detail: str = "") -> None:
        """Record how a job ended.

        Args:
            job: its id.
            outcome: how.
            detail: more about it, for people; never a secret.
        """
        self._run(lambda connection: self._change_job(connection, job, outcome=outcome, detail=detail))

    def job(self, job: int) -> Job:
        """A job by its id."""
        return self._run(lambda connection: _job(connection.execute(select(jobs).filter_by(id=job)).one()))

    def jobs_in_flight(self, chain_id: int, book: str) -> list[Job]:
        """The jobs of a book that go on, oldest first: without outcome before they are mined, or to be mined again."""
        wanted = select(jobs).filter_by(chain_id=chain_id, book=book).order_by(jobs.c.id)
        wanted = wanted.where(_MAY_BE_MINED | and_(jobs.c.outcome.is_(None), jobs.c.stage != Stage.MINED))
        return self._run(lambda connection: [_job(row) for row in connection.execute(wanted)])

    def ended_jobs(self) -> list[Job]:
        """The jobs of every book that have ended, oldest first."""
        wanted = select(jobs).where(jobs.c.outcome.is_not(None)).order_by(jobs.c.id)
        return self._run(lambda connection: [_job(row) for row in connection.execute(wanted)])

    # ------------------------------------------------------------------------------------------- cooldowns

    def cool_down(self, task: Task, kind: CooldownKind, until: float | None, reason: str) -> None:
        """Leave a task alone for a while, in place of an earlier cooldown of it.

        Args:
            task: what is not done.
            kind: whether the reason may pass.
            until: Unix seconds; None until it is cleared.
            reason: for people; never a secret.
        """
        key, values = task._asdict(), {"kind": kind, "until": until, "reason": reason}
        statement = insert_or(cooldowns).values({**key, **values})
        whole = statement.on_conflict_do_update(index_elements=list(key), set_=values)
        self._run(lambda connection: connection.execute(whole))

    def cooldowns(self, chain_id: int, book: str) -> dict[Task, Cooldown]:
        """The tasks of a book that are left alone now."""
        wanted = select(cooldowns).filter_by(chain_id=chain_id, book=book)
        wanted = wanted.where(cooldowns.c.until.is_(None) | (cooldowns.c.until > self._clock()))

        def work(connection: Connection) -> dict[Task, Cooldown]:
            found = [
                Cooldown(_task(row), CooldownKind(row.kind), row.until, row.reason)
                for row in connection.execute(wanted)
            ]
            return {cooldown.task: cooldown for cooldown in found}

        return self._run(work)

    def clear_cooldowns(self, chain_id: int, book: str, account: int) -> None:
        """End every cooldown of an account, for instance when it changed."""
        chosen = delete(cooldowns).filter_by(chain_id=chain_id, book=book, account=account)
        self._run(lambda connection: connection.execute(chosen))

    # ---------------------------------------------------------------------------------------------- rounds

    def keep_round(self, chain_id: int, book: str, round_: RecordedRound) -> None:
        """Keep a price round, in place of what was kept under its id: a reorganisation may have changed it."""
        key = {"chain_id": chain_id, "book": book, "id": round_.id}
        values = {name: value for name, value in round_._asdict().items() if name != "id"}
        statement = insert_or(rounds).values({**key, **values})
        whole = statement.on_conflict_do_update(index_elements=list(key), set_=values)
        self._run(lambda connection: connection.execute(whole))

    def rounds(self, chain_id: int, book: str, since: int = 0) -> list[RecordedRound]:
        """Price rounds from an id on, oldest first."""
        return self._rounds(select(rounds).filter_by(chain_id=chain_id, book=book).where(rounds.c.id >= since))

    def rounds_every(self, chain_id: int, book: str, seconds: int) -> list[RecordedRound]:
        """The last price round of each span of time, oldest first. A span ends at a multiple of its length, and has it.

        Args:
            chain_id: of the chain.
            book: address of the margin book, checksummed.
            seconds: length of a span.
        """
        span = (rounds.c.timestamp + seconds - 1) // seconds
        last = select(func.max(rounds.c.id)).filter_by(chain_id=chain_id, book=book).group_by(span)
        return self._rounds(select(rounds).filter_by(chain_id=chain_id, book=book).where(rounds.c.id.in_(last)))

    # ---------------------------------------------------------------------------------------- margin calls

    def margin_calls(self, chain_id: int, book: str) -> dict[int, CallRecord]:
        """What the owners of a book's accounts were told last, by identity."""
        wanted = select(margin_calls).filter_by(chain_id=chain_id, book=book)

        def work(connection: Connection) -> dict[int, CallRecord]:
            rows = connection.execute(wanted)
            return {row.account: CallRecord(CallLevel(row.level), row.told, row.is_over) for row in rows}

        return self._run(work)

    def keep_margin_calls(self, chain_id: int, book: str, calls: Mapping[int, CallRecord | None]) -> None:
        """Record what owners were told, in place of what was recorded of these accounts; None forgets it."""
        of_book = delete(margin_calls).filter_by(chain_id=chain_id, book=book)

        def work(connection: Connection) -> None:
            for account, call in calls.items():
                connection.execute(of_book.filter_by(account=account))
                if call is not None:
                    row = {"chain_id": chain_id, "book": book, "account": account, **call._asdict()}
                    connection.execute(insert(margin_calls).values(row))

        self._run(work)

    # ---------------------------------------------------------------------------------------- transactions

    def write_transaction(
        self,
        chain_id: int,
        sender: str,
        nonce: int,
        signed: SignedCall,
        *,
        purpose: str,
        job: int | None = None,
        fee_limit: int | None = None,
    ) -> StoredTransaction:
        """Write a signed transaction, before it is broadcast. Its job is then at the stage SENT.

        Args:
            chain_id: of the chain.
            sender: address, checksummed.
            nonce: no other transaction of the sender that may be mined has it.
            signed: the transaction.
            purpose: names the action, for people.
            job: that it is for; None for none.
            fee_limit: the most that it may cost [wei]; None for no limit.
        """

        def work(connection: Connection) -> StoredTransaction:
            row = {
                "chain_id": chain_id,
                "sender": sender,
                "nonce": nonce,
                "job": job,
                "purpose": purpose,
                "fee_limit": fee_limit,
                "state": TransactionState.OPEN,
                "is_abandoned": False,
                "changed": self._clock(),
            }
            (number,) = connection.execute(insert(transactions).values(row)).inserted_primary_key or (0,)
            self._sign(connection, number, signed)
            if job is not None:
                self._change_job(connection, job, stage=Stage.SENT)
            return self._one(connection, number)

        return self._run(work)

    def write_replacement(self, transaction: int, signed: SignedCall) -> None:
        """Write a replacement of a transaction, with its nonce, before it is broadcast."""
        self._run(lambda connection: self._sign(connection, transaction, signed))

    def mark_mined(self, transaction: int, inclusion: Inclusion) -> None:
        """Record the block that a transaction is in."""
        values = {
            "mined_as": inclusion.digest,
            "block": inclusion.block,
            "block_hash": inclusion.block_hash,
            "succeeded": inclusion.succeeded,
        }

        def work(connection: Connection) -> None:
            job = self._change_transaction(connection, transaction, state=TransactionState.MINED, **values)
            if job is not None:
                self._change_job(connection, job, stage=Stage.MINED)

        self._run(work)

    def mark_final(self, transaction: int) -> None:
        """Record that the block of a transaction is deep enough."""
        self._run(lambda connection: self._change_transaction(connection, transaction, state=TransactionState.FINAL))

    def mark_dropped(self, transaction: int) -> None:
        """Record that a transaction can never be mined. Its nonce is free again."""
        self._run(lambda connection: self._change_transaction(connection, transaction, state=TransactionState.DROPPED))

    def take_back(self, transaction: int) -> None:
        """Record that a reorganisation dropped the block of a transaction: its job is in flight again, until mined."""
        none: Mapping[str, None] = dict.fromkeys(("mined_as", "block", "block_hash", "succeeded"))

        def work(connection: Connection) -> None:
            job = self._change_transaction(connection, transaction, state=TransactionState.OPEN, **none)
            if job is not None:
                self._change_job(connection, job, stage=Stage.SENT)

        self._run(work)

    def abandon(self, task: Task) -> None:
        """Record that a task has become pointless, so that an empty transaction may take its nonce."""
        of_task = select(jobs.c.id).filter_by(**task._asdict())
        chosen = update(transactions).filter_by(state=TransactionState.OPEN).where(transactions.c.job.in_(of_task))
        self._run(lambda connection: connection.execute(chosen.values(is_abandoned=True)))

    def transactions(
        self, chain_id: int, sender: str, states: Collection[TransactionState] = (TransactionState.OPEN,)
    ) -> list[StoredTransaction]:
        """The transactions of an account in some states, by nonce."""
        wanted = select(transactions).filter_by(chain_id=chain_id, sender=sender)
        wanted = wanted.where(transactions.c.state.in_(states)).order_by(transactions.c.nonce)
        return self._run(lambda connection: _transactions(connection, wanted))

    def transaction(self, transaction: int) -> StoredTransaction:
        """A transaction by its id."""
        return self._run(lambda connection: self._one(connection, transaction))

    def transaction_of(self, job: int, purpose: str) -> StoredTransaction | None:
        """The last transaction of a job for a purpose that may be mined, or is; None when it has none."""
        wanted = (
            select(transactions)
            .filter_by(job=job, purpose=purpose)
            .where(transactions.c.state != TransactionState.DROPPED)
        )
        wanted = wanted.order_by(transactions.c.id.desc()).limit(1)

        def work(connection: Connection) -> StoredTransaction | None:
            found = _transactions(connection, wanted)
            return found[0] if found else None

        return self._run(work)

    def mined_for(self, task: Task, purpose: str) -> list[StoredTransaction]:
        """The transactions for a purpose of a task that succeeded, in blocks that a reorganisation may still drop."""
        of_task = select(jobs.c.id).filter_by(**task._asdict())
        wanted = select(transactions).filter_by(state=TransactionState.MINED, purpose=purpose, succeeded=True)
        wanted = wanted.where(transactions.c.job.in_(of_task))
        return self._run(lambda connection: _transactions(connection, wanted))

    def next_nonce(self, chain_id: int, sender: str) -> int:
        """The nonce after those of the transactions that may be mined, or are; 0 without any."""
        highest = select(func.max(transactions.c.nonce)).filter_by(chain_id=chain_id, sender=sender)
        highest = highest.where(transactions.c.state != TransactionState.DROPPED)

        def work(connection: Connection) -> int:
            found = connection.execute(highest).scalar_one()
            return 0 if found is None else int(found) + 1

        return self._run(work)

    # ------------------------------------------------------------------------------------------------ size

    def forget(self, before: float) -> None:
        """Delete what ended before a time and decides nothing any more, so that the file does not grow for ever.

        The last transaction of each account stays: its nonce is the last that was used.

        Args:
            before: Unix seconds.
        """
        later = transactions.alias()
        same = and_(later.c.chain_id == transactions.c.chain_id, later.c.sender == transactions.c.sender)
        is_over = transactions.c.state.in_([TransactionState.FINAL, TransactionState.DROPPED])
        has_later = exists().where(same, later.c.nonce > transactions.c.nonce)

        def work(connection: Connection) -> None:
            connection.execute(delete(transactions).where(is_over, transactions.c.changed < before, has_later))
            connection.execute(delete(signatures).where(signatures.c.transaction_id.not_in(select(transactions.c.id))))
            used = select(transactions.c.job).where(transactions.c.job.is_not(None))
            connection.execute(delete(jobs).where(jobs.c.changed < before, jobs.c.id.not_in(used)))
            connection.execute(delete(rounds).where(rounds.c.timestamp < before))
            connection.execute(delete(cooldowns).where(cooldowns.c.until < before))

        self._run(work)

    # -------------------------------------------------------------------------------------------- the file

    def _change_job(self, connection: Connection, job: int, **values: Any) -> None:
        connection.execute(update(jobs).filter_by(id=job).values(changed=self._clock(), **values))

    def _change_transaction(self, connection: Connection, transaction: int, **values: Any) -> int | None:
        """Change a row. Returns its job."""
        changed = update(transactions).filter_by(id=transaction).values(changed=self._clock(), **values)
        job: int | None = connection.execute(changed.returning(transactions.c.job)).scalar_one()
        return job

    def _sign(self, connection: Connection, transaction: int, signed: SignedCall) -> None:
        count = select(func.count()).select_from(signatures).filter_by(transaction_id=transaction)
        position = connection.execute(count).scalar_one()
        row = {"transaction_id": transaction, "position": position, **signed._asdict()}
        connection.execute(insert(signatures).values(row))

    def _one(self, connection: Connection, transaction: int) -> StoredTransaction:
        (found,) = _transactions(connection, select(transactions).filter_by(id=transaction))
        return found

    def _rounds(self, wanted: Select[Any]) -> list[RecordedRound]:
        """Read rounds, however many, while others write."""

        def work() -> list[RecordedRound]:
            with reading(self._engine) as connection:
                rows = connection.execute(wanted.order_by(rounds.c.id))
                return [RecordedRound(**{name: getattr(row, name) for name in RecordedRound._fields}) for row in rows]

        return self._guarded(work)

    def _run(self, work: Callable[[Connection], _T]) -> _T:
        def transaction() -> _T:
            with self._engine.begin() as connection:
                return work(connection)

        return self._guarded(transaction)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except (OSError, SQLAlchemyError, sqlite3.Error) as error:
            raise StoreError(f"{self._path}: {_reason(error)}; nothing was recorded") from None


def _reason(error: OSError | SQLAlchemyError | sqlite3.Error) -> str:
    """What is wrong with the file, and what to do, without values of statements."""
    if isinstance(error, OSError):
        return error.strerror or "cannot be used"
    cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
    if "locked" in cause:
        return f"another program has held its lock for {BUSY_SECONDS:g} s ({cause}): stop that one"
    if "full" in cause or "I/O" in cause:
        return f"it cannot be written ({cause}): make space on its disk"
    return f"it cannot be used ({cause})"


def _task(row: Any) -> Task:
    return Task(row.chain_id, row.book, row.account, row.action)


def _job(row: Any) -> Job:
    outcome = None if row.outcome is None else Outcome(row.outcome)
    return Job(row.id, _task(row), row.round_id, Stage(row.stage), outcome, row.detail, row.begun, row.changed)


def _transactions(connection: Connection, wanted: Any) -> list[StoredTransaction]:
    return [_transaction(row, _signed(connection, row.id)) for row in connection.execute(wanted).all()]


def _signed(connection: Connection, transaction: int) -> Sequence[SignedCall]:
    wanted = select(signatures).filter_by(transaction_id=transaction).order_by(signatures.c.position)
    return [SignedCall(row.digest, row.raw) for row in connection.execute(wanted)]


def _transaction(row: Any, signed: Sequence[SignedCall]) -> StoredTransaction:
    included = None if row.mined_as is None else Inclusion(row.mined_as, row.block, row.block_hash, row.succeeded)
    return StoredTransaction(
        row.id,
        row.chain_id,
        row.sender,
        row.nonce,
        row.job,
        row.purpose,
        row.fee_limit,
        TransactionState(row.state),
        row.is_abandoned,
        tuple(signed),
        included,
    )
