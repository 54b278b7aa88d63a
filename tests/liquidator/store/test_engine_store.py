"""What an engine keeps comes back whole after a restart, and a file that fails loses nothing and says why."""

import json
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from liquidator.store import (
    CallLevel,
    CallRecord,
    CooldownKind,
    EngineStore,
    Inclusion,
    Outcome,
    RecordedRound,
    SignedCall,
    Stage,
    Task,
    TransactionState,
    _engine_store,
    _migrating,
)
from liquidator.store._tables import METADATA
from prover.storage import reading
from verifier import InputError, ToolError

BOOK = "0x" + 40 * "1"
SENDER = "0x" + 40 * "2"
BIG = 2**256 - 1
FLAG = Task(1, BOOK, BIG, "flag maintenance")
FIRST, SECOND = SignedCall(b"\1" * 32, b"first"), SignedCall(b"\2" * 32, b"second")
MINED = Inclusion(SECOND.digest, 9, b"\3" * 32, succeeded=True)
ROUND = RecordedRound(7, 1_000, (1, 2**63), (-5, 2**64), 1, 2, is_calm=True)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sqlite"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[EngineStore]:
    with EngineStore(path, clock) as store:
        yield store


# ---------------------------------------------------------------------------------------------------- jobs


def test_ended_jobs_are_those_with_an_outcome(store: EngineStore, clock: Clock) -> None:
    first, second = store.begin(FLAG, 7), store.begin(FLAG._replace(book="0x" + 40 * "3"), 7)
    store.begin(FLAG._replace(account=2), 7)
    clock.now += 2
    store.finish(second.id, Outcome.REFUSED)
    store.finish(first.id, Outcome.DONE)
    found = [(job.id, job.outcome, job.changed - job.begun) for job in store.ended_jobs()]
    assert found == [(first.id, Outcome.DONE, 2.0), (second.id, Outcome.REFUSED, 2.0)]


def test_a_job_comes_back_with_its_stage(path: Path, clock: Clock) -> None:
    with EngineStore(path, clock) as first:
        job = first.begin(FLAG, 7)
        clock.now += 1
        first.write_transaction(1, SENDER, 4, FIRST, purpose="a flag", job=job.id)
    with EngineStore(path) as second:
        assert second.jobs_in_flight(1, BOOK) == [replace(job, stage=Stage.SENT, changed=1_001.0)]
        assert second.jobs_in_flight(2, BOOK) == []


def test_a_restart_goes_on_with_the_job_of_its_round(store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    assert store.begin(FLAG, 7) == job
    other = store.begin(FLAG._replace(action="flag overdraft"), 7)
    assert other.id != job.id
    later = store.begin(FLAG, 8)
    assert later.id != job.id
    assert store.job(job.id).outcome is Outcome.INTERRUPTED
    assert store.jobs_in_flight(1, BOOK) == [other, later]


def test_a_job_whose_transaction_may_be_mined_is_gone_on_with_at_any_round(store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    written = store.write_transaction(1, SENDER, 4, FIRST, purpose="a flag", job=job.id)
    assert store.begin(FLAG, 8).id == job.id
    store.mark_mined(written.id, MINED)
    assert store.jobs_in_flight(1, BOOK) == []
    assert store.begin(FLAG, 7).id == job.id, "a restart at its round finds what it has sent"
    assert store.begin(FLAG, 8).id != job.id


def test_what_ended_is_begun_anew_even_at_its_round(store: EngineStore) -> None:
    """Two challenges of an account in one round, for instance."""
    for outcome in Outcome:
        job = store.begin(FLAG, 7)
        store.finish(job.id, outcome, "why")
        assert (store.job(job.id).outcome, store.job(job.id).detail) == (outcome, "why")
        assert store.jobs_in_flight(1, BOOK) == []
        assert store.begin(FLAG, 7).id != job.id


# ----------------------------------------------------------------------------------------------- cooldowns


def test_a_passing_cooldown_ends_and_a_final_one_waits_for_a_change(store: EngineStore, clock: Clock) -> None:
    other = FLAG._replace(account=5)
    store.cool_down(FLAG, CooldownKind.PASSING, clock.now + 10, "an old round")
    store.cool_down(other, CooldownKind.FINAL, None, "no account")
    assert {task: found.kind for task, found in store.cooldowns(1, BOOK).items()} == {
        FLAG: CooldownKind.PASSING,
        other: CooldownKind.FINAL,
    }
    clock.now += 10
    assert set(store.cooldowns(1, BOOK)) == {other}
    store.clear_cooldowns(1, BOOK, 6)
    assert set(store.cooldowns(1, BOOK)) == {other}
    store.clear_cooldowns(1, BOOK, 5)
    assert store.cooldowns(1, BOOK) == {}


def test_a_newer_cooldown_replaces_an_older_one(store: EngineStore, clock: Clock) -> None:
    store.cool_down(FLAG, CooldownKind.PASSING, clock.now + 10, "an old round")
    store.cool_down(FLAG, CooldownKind.FINAL, None, "no account")
    (found,) = store.cooldowns(1, BOOK).values()
    assert (found.kind, found.until, found.reason) == (CooldownKind.FINAL, None, "no account")


# -------------------------------------------------------------------------------------------------- rounds


def test_rounds_come_back_and_a_reorganisation_replaces_one(store: EngineStore) -> None:
    later = ROUND._replace(id=8, timestamp=1_001)
    for round_ in (later, ROUND, later._replace(prices=(3, 4))):
        store.keep_round(1, BOOK, round_)
    assert store.rounds(1, BOOK) == [ROUND, later._replace(prices=(3, 4))]
    assert store.rounds(1, BOOK, since=8) == [later._replace(prices=(3, 4))]
    assert store.rounds(2, BOOK) == []


# -------------------------------------------------------------------------------------------- transactions


def test_a_transaction_comes_back_as_it_was_signed(path: Path, store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    written = store.write_transaction(1, SENDER, 4, FIRST, purpose="a flag", job=job.id, fee_limit=BIG)
    store.write_replacement(written.id, SECOND)
    with EngineStore(path) as again:
        (found,) = again.transactions(1, SENDER)
        assert found == replace(written, signed=(FIRST, SECOND))
        assert again.transaction_of(job.id, "a flag") == found
        assert again.transaction_of(job.id, "something else") is None
        assert again.mined_for(FLAG, "a flag") == []
        assert again.job(job.id).stage is Stage.SENT
        assert again.transactions(2, SENDER) == []


def test_a_nonce_has_one_transaction_until_it_is_dropped(store: EngineStore) -> None:
    assert store.next_nonce(1, SENDER) == 0
    written = store.write_transaction(1, SENDER, 4, FIRST, purpose="a flag")
    assert store.next_nonce(1, SENDER) == 5
    with pytest.raises(ToolError, match="UNIQUE"):
        store.write_transaction(1, SENDER, 4, SECOND, purpose="another")
    store.mark_dropped(written.id)
    assert store.next_nonce(1, SENDER) == 0
    store.write_transaction(1, SENDER, 4, SECOND, purpose="another")


def test_a_reorganisation_takes_an_ended_job_back_in_flight(store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    written = store.write_transaction(1, SENDER, 4, FIRST, purpose="a flag", job=job.id)
    store.mark_mined(written.id, MINED)
    store.finish(job.id, Outcome.DONE)
    assert store.transaction(written.id).inclusion == MINED
    assert store.mined_for(FLAG, "a flag") == [store.transaction(written.id)]
    store.take_back(written.id)
    taken, (back,) = store.transaction(written.id), store.jobs_in_flight(1, BOOK)
    assert (taken.state, taken.inclusion) == (TransactionState.OPEN, None)
    assert (back.id, back.stage) == (job.id, Stage.SENT)
    assert store.begin(FLAG, 8) == back
    store.mark_mined(written.id, MINED)
    assert store.jobs_in_flight(1, BOOK) == []
    assert store.begin(FLAG, 8).id != job.id


def test_only_what_may_still_be_mined_is_abandoned(store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    mined = store.write_transaction(1, SENDER, 4, FIRST, purpose="a flag", job=job.id)
    store.mark_mined(mined.id, MINED)
    waiting = store.write_transaction(1, SENDER, 5, SECOND, purpose="a flag", job=job.id)
    another = store.write_transaction(1, SENDER, 6, SECOND, purpose="something else")
    store.abandon(FLAG)
    assert not store.transaction(mined.id).is_abandoned
    assert not store.transaction(another.id).is_abandoned
    assert store.transaction(waiting.id).is_abandoned


def test_what_is_over_is_forgotten_and_what_may_be_needed_stays(store: EngineStore, clock: Clock) -> None:
    over, waiting = store.begin(FLAG, 7), store.begin(FLAG._replace(account=8), 8)
    interrupted = store.begin(FLAG._replace(account=9), 8)
    ids = [
        store.write_transaction(1, SENDER, nonce, FIRST, purpose="a flag", job=job).id
        for nonce, job in ((1, over.id), (2, waiting.id), (3, None))
    ]
    for number in (ids[0], ids[2]):
        store.mark_mined(number, MINED)
        store.mark_final(number)
    store.finish(over.id, Outcome.DONE)
    store.keep_round(1, BOOK, ROUND)
    store.cool_down(FLAG, CooldownKind.PASSING, clock.now + 1, "an old round")
    clock.now += 10
    store.forget(clock.now)
    everything = store.transactions(1, SENDER, list(TransactionState))
    assert [found.nonce for found in everything] == [2, 3], "the last one has the last nonce"
    assert store.jobs_in_flight(1, BOOK) == [store.job(waiting.id)]
    for gone in (over, interrupted):
        with pytest.raises(ToolError):
            store.job(gone.id)
    assert store.rounds(1, BOOK) == []


# ------------------------------------------------------------------------------------------------ the file


def test_the_file_is_of_its_user_alone_in_wal_mode_and_durable(path: Path, store: EngineStore) -> None:
    store.begin(FLAG, 7)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    with store._engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_threads_share_a_store_and_programs_a_file(path: Path) -> None:
    start, failures = threading.Barrier(4), []

    def work(store: EngineStore, first: int) -> None:
        start.wait()
        for round_id in range(first, first + 10):
            try:
                store.finish(store.begin(FLAG._replace(account=round_id), 7).id, Outcome.DONE)
            except ToolError as error:
                failures.append(error)

    with EngineStore(path) as one, EngineStore(path) as other:
        pairs = [(one, 0), (one, 100), (other, 200), (other, 300)]
        threads = [threading.Thread(target=work, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert one.begin(FLAG, 1).id == 41


def test_the_last_round_of_each_span_is_found(store: EngineStore) -> None:
    for number, timestamp in enumerate((100, 120, 121, 180, 181, 400), 1):
        store.keep_round(1, BOOK, ROUND._replace(id=number, timestamp=timestamp))
    store.keep_round(2, BOOK, ROUND._replace(id=9, timestamp=110))
    assert [one.id for one in store.rounds_every(1, BOOK, 60)] == [2, 4, 5, 6]  # a span has its end, not its beginning


def test_rounds_are_read_while_another_writes(path: Path) -> None:
    with EngineStore(path) as store:
        store.keep_round(1, BOOK, ROUND)
        with store._engine.begin():
            assert store.rounds(1, BOOK) == store.rounds_every(1, BOOK, 60) == [ROUND]


def test_no_writer_waits_for_who_reads(path: Path) -> None:
    with EngineStore(path) as store:
        store.keep_round(1, BOOK, ROUND)
        with reading(store._engine) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM rounds").scalar_one() == 1
            store.keep_round(1, BOOK, ROUND._replace(id=8))
            assert connection.exec_driver_sql("SELECT count(*) FROM rounds").scalar_one() == 1


def test_what_owners_were_told_comes_back(path: Path) -> None:
    early, urgent = CallRecord(CallLevel.EARLY, 5.0, is_over=True), CallRecord(CallLevel.URGENT, 6.0)
    with EngineStore(path) as store:
        store.keep_margin_calls(1, BOOK, {BIG: early, 7: early})
        store.keep_margin_calls(2, BOOK, {7: urgent})
        store.keep_margin_calls(1, BOOK, {BIG: urgent, 7: None})
    with EngineStore(path) as store:
        assert store.margin_calls(1, BOOK) == {BIG: urgent}
        assert store.margin_calls(2, BOOK) == {7: urgent}


def test_the_migrations_make_the_tables_that_the_code_uses(store: EngineStore) -> None:
    with store._engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'one_nonce'").scalar_one()
    (index,) = (index for index in METADATA.tables["transactions"].indexes if index.name == "one_nonce")
    assert made == str(CreateIndex(index).compile(dialect=sqlite.dialect()))


NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "0002"


def upgrade():
    op.add_column("jobs", sa.Column("added", sa.Integer))
"""


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those of a newer program."""
    folder = tmp_path / "migrations of 100%"
    shutil.copytree(_migrating.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r9999.py").write_text(NEXT)
    return folder


def test_an_older_file_is_copied_and_migrated(path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EngineStore(path) as old:
        job = old.begin(FLAG, 7)
    monkeypatch.setattr(_migrating, "MIGRATIONS", migrations)
    with EngineStore(path) as new:
        assert new.jobs_in_flight(1, BOOK) == [job]
    backup = path.with_name("engine.sqlite.0002.backup")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    monkeypatch.undo()
    with EngineStore(backup) as copy:
        assert copy.jobs_in_flight(1, BOOK) == [job]


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineStore(path) as old:
        job = old.begin(FLAG, 7)
    broken = migrations / "versions" / "r9999.py"
    broken.write_text(NEXT + '    op.drop_table("nowhere")\n')
    with monkeypatch.context() as patch:
        patch.setattr(_migrating, "MIGRATIONS", migrations)
        with pytest.raises(ToolError, match=r"no such table: nowhere.*nothing was recorded"):
            EngineStore(path)
    with EngineStore(path) as again:
        assert again.jobs_in_flight(1, BOOK) == [job]


def test_a_newer_file_is_refused(path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(_migrating, "MIGRATIONS", migrations)
        EngineStore(path).close()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"engine\.sqlite: its tables are of version 9999.*a newer one wrote it"):
        EngineStore(path)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.backup"))


@pytest.mark.parametrize("kind", ["another program's", "garbage", "folder"])
def test_a_file_of_something_else_is_refused_and_left_alone(path: Path, kind: str) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(b"no database" * 100)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    with pytest.raises((InputError, ToolError), match=r"engine\.sqlite: .*(another program|database|directory)"):
        EngineStore(path)


# -------------------------------------------------------------------------------------------------- faults


def test_a_lock_of_another_program_is_one_clear_error_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_engine_store, "BUSY_SECONDS", 0.05)
    with EngineStore(path) as store:
        job = store.begin(FLAG, 7)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ToolError, match=r"engine\.sqlite: another program has held its lock.*nothing was recorded"):
            store.finish(job.id, Outcome.DONE)
        other.execute("ROLLBACK")
        other.close()
        assert store.job(job.id).outcome is None
        store.finish(job.id, Outcome.DONE)
        assert store.job(job.id).outcome is Outcome.DONE


def test_a_full_database_is_one_clear_error_and_loses_nothing(store: EngineStore) -> None:
    job = store.begin(FLAG, 7)
    big = SignedCall(FIRST.digest, bytes(1 << 20))
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ToolError, match=r"it cannot be written \(.*full\): make space.*nothing was recorded"):
        store.write_transaction(1, SENDER, 4, big, purpose="a flag", job=job.id)
    assert store.transactions(1, SENDER) == []
    assert store.job(job.id).stage is Stage.BEGUN
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    store.write_transaction(1, SENDER, 4, big, purpose="a flag", job=job.id)


FILL = """
import json, sys
from pathlib import Path
from liquidator.store import EngineStore, Task
from verifier import ToolError

with EngineStore(Path(sys.argv[1])) as store:
    kept = 0
    try:
        for kept in range(10_000):
            store.begin(Task(1, "0x", kept, "a" * 5_000), kept)
    except ToolError as error:
        print(json.dumps([kept, str(error)]))
"""


def test_a_disk_without_space_is_one_clear_error_and_loses_nothing(path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    EngineStore(path).close()
    done = subprocess.run(
        [sys.executable, "-c", FILL, path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    kept, message = json.loads(done.stdout)
    assert "make space on its disk; nothing was recorded" in message
    with EngineStore(path) as store:
        assert [job.round_id for job in store.jobs_in_flight(1, "0x")] == list(range(kept))
