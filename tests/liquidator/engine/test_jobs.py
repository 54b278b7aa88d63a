"""Jobs: one of a key at a time, a pause after a refusal, and no bug that ends the others or shows a value."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from liquidator.engine._events import JobEvent, JobKey, Mined, Refused, Statement
from liquidator.engine._jobs import OVERTAKEN, Jobs, Work
from liquidator.engine._pauses import Pauses
from liquidator.store import EngineStore, StoreError
from prover.onchain import OutdatedProofError
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import ChainError, InputError, ProvingError, ToolError, VectorKind, ZkSolvencyError

KEY = JobKey(Statement.FLAG, 7, VectorKind.OVERDRAFT)
BOOK = "0x" + "11" * 20
PASSING, FINAL = 5.0, 100.0


class Bench:
    """Jobs with a clock that stands still, and what they told."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.path = path
        self.told: list[JobEvent] = []
        self.open()

    def open(self) -> None:
        self.store = EngineStore(self.path, self.clock.now)
        self.pauses = Pauses(self.store, 1, BOOK, self.clock)
        self.jobs = Jobs(lambda _, event: self.told.append(event), self.pauses, workers=2, passing=PASSING, final=FINAL)

    def close(self) -> None:
        self.jobs.close()
        self.store.close()

    def run(self, work: Work, key: JobKey = KEY) -> bool:
        begun = self.jobs.begin(key, work)
        assert self.jobs.settle(10)
        return begun


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "engine.sqlite")
    yield made
    made.close()


def refuses(error: Exception) -> Work:
    def work() -> Iterator[JobEvent]:
        raise error
        yield

    return work


def nothing() -> Iterator[JobEvent]:
    return iter(())


def mined() -> Iterator[JobEvent]:
    yield Mined(7, Statement.FLAG, {})


def test_what_became_of_a_job_is_told(bench: Bench) -> None:
    assert bench.run(mined)
    assert bench.told == [Mined(7, Statement.FLAG, {})]
    assert bench.jobs.in_flight == []


def test_a_second_job_of_a_key_waits_for_the_first(bench: Bench) -> None:
    release = threading.Event()

    def work() -> Iterator[JobEvent]:
        release.wait(10)
        yield Mined(7, Statement.FLAG, {})

    assert bench.jobs.begin(KEY, work)
    assert not bench.jobs.begin(KEY, work)
    assert bench.jobs.begin(JobKey(Statement.FLAG, 7, VectorKind.MAINTENANCE), nothing)
    assert bench.jobs.in_flight[0] == KEY
    release.set()
    assert bench.jobs.settle(10)
    assert bench.run(mined)
    assert len(bench.told) == 2


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ChainError("words"), PASSING),
        (ChainError("words", "RoundSuperseded"), PASSING),
        (ProvingError("words"), OVERTAKEN),
        (OutdatedProofError("words"), OVERTAKEN),
        (ChainError("words", "ProofDoesNotVerify"), FINAL),
        (InputError("words"), FINAL),
        (ToolError("words"), PASSING),
        (KeyError("words"), FINAL),
    ],
)
def test_a_refused_job_is_tried_again_after_its_pause(bench: Bench, error: Exception, seconds: float) -> None:
    assert bench.run(refuses(error))
    (event,) = bench.told
    assert isinstance(event, Refused)
    assert event.is_final == (seconds == FINAL)
    bench.clock.time += seconds / 2
    assert not bench.run(mined)
    bench.clock.time += seconds
    assert bench.run(mined)


def test_a_pause_outlives_a_restart(bench: Bench) -> None:
    bench.run(refuses(ChainError("words", "ProofDoesNotVerify")))
    bench.close()
    bench.open()
    assert not bench.run(mined)
    assert bench.run(mined, JobKey(Statement.NOTICE, 7, VectorKind.OVERDRAFT))
    bench.clock.time += FINAL + 1
    assert bench.run(mined)


def test_a_change_of_the_account_ends_its_pauses(bench: Bench) -> None:
    bench.run(refuses(InputError("words")))
    bench.pauses.clear(8)
    assert not bench.run(mined)
    bench.pauses.clear(7)
    assert bench.run(mined)


def test_a_bug_is_told_without_its_words(bench: Bench) -> None:
    bench.run(refuses(KeyError("987654321 is a secret")))
    (event,) = bench.told
    assert isinstance(event, Refused)
    assert isinstance(event.error, ZkSolvencyError)
    assert "KeyError" in str(event.error)
    assert "987654321" not in str(event.error)
    assert event.error.__cause__ is None


def test_a_store_that_fails_stops_no_job(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(bench.store, "cool_down", full)
    assert bench.run(refuses(ChainError("words")))
    assert isinstance(bench.told[0], Refused)
    assert not bench.run(mined)


def test_urgent_jobs_do_not_wait_for_others(bench: Bench) -> None:
    """However many notices are to be made."""
    release = threading.Event()

    def waits() -> Iterator[JobEvent]:
        release.wait(10)
        return iter(())

    for account in range(100):
        assert bench.jobs.begin(JobKey(Statement.NOTICE, account), waits)
    flagged = threading.Event()

    def flags() -> Iterator[JobEvent]:
        flagged.set()
        return iter(())

    assert bench.jobs.begin(KEY, flags)
    assert flagged.wait(10)
    release.set()
    assert bench.jobs.settle(10)


def test_a_job_that_another_began_is_waited_for_too(bench: Bench) -> None:
    def first() -> Iterator[JobEvent]:
        assert bench.jobs.begin(JobKey(Statement.NOTICE, 7), mined)
        return iter(())

    assert bench.run(first)
    assert len(bench.told) == 1


def test_nothing_begins_once_it_is_closed(bench: Bench) -> None:
    bench.jobs.close()
    assert not bench.jobs.begin(KEY, mined)
