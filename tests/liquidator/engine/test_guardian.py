"""What a guardian begins at a look: scripted accounts and flags, without proofs or a node."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liquidator.engine._events import (
    BelowLine,
    JobEvent,
    JobKey,
    LeftOut,
    Mined,
    Ordered,
    RoundSeen,
    Screened,
    Statement,
    StatesOpened,
)
from liquidator.engine._guardian import Guardian
from liquidator.engine._jobs import Work
from prover.chain import BookAccount
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import MARGIN_KINDS, VectorKind

MAINTENANCE, OVERDRAFT = VectorKind.MAINTENANCE, VectorKind.OVERDRAFT
LIFETIME, NOW = 100, 1_000


class FakeJobs:
    """Records what is begun, and runs none of it."""

    def __init__(self) -> None:
        self.begun: dict[JobKey, Work] = {}
        self.in_flight: list[JobKey] = []

    def begin(self, key: JobKey, work: Work) -> bool:
        self.begun[key] = work
        return True


class FakeJournal:
    """Records what is sent for, and how often an account was brought further meanwhile."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Any, ...]] = []
        self.is_sending = False

    @contextmanager
    def sending(self, *task: Any) -> Iterator[None]:
        self.tasks.append(task)
        self.is_sending = True
        yield
        self.is_sending = False


class Bench:
    def __init__(self) -> None:
        self.jobs = FakeJobs()
        self.journal = FakeJournal()
        self.epoch = 0
        self.challenged: list[int] = []
        breaker = SimpleNamespace(active_time=lambda _: NOW)
        engine = SimpleNamespace(challenged=lambda *_: self.challenged, challenges=lambda *_: [])
        book = SimpleNamespace(account=lambda _: BookAccount(1, 1, epoch=self.epoch))
        market = SimpleNamespace(
            book=SimpleNamespace(contracts=SimpleNamespace(breaker=breaker, book=book)),
            engine=engine,
            auctions={kind: SimpleNamespace(lifetime=LIFETIME) for kind in MARGIN_KINDS},
        )
        expiries = SimpleNamespace(advance=lambda _: self.advance())
        none = cast("Any", None)
        jobs, journal = cast("Any", self.jobs), cast("Any", self.journal)
        self.guardian = Guardian(cast("Any", market), none, none, cast("Any", expiries), jobs, journal, FakeClock(), 1)

    def advance(self) -> str | None:
        """One transaction further, until the third epoch is reached."""
        assert self.journal.is_sending
        if self.epoch == 3:
            return None
        self.epoch = 2 if self.epoch == 0 else 3
        return f"receipt of {self.epoch}"

    def act(
        self,
        below: list[tuple[int, VectorKind]],
        flagged: dict[int, BookAccount] | None = None,
        asleep: tuple[int, ...] = (),
        *,
        has_round: bool = True,
        is_early: bool = False,
        round_id: int = 1,
        block: int = 1,
    ) -> list[JobKey]:
        self.jobs.begun.clear()
        accounts = {account: view(account) for account in range(10) if account not in asleep}
        round_ = cast("Any", SimpleNamespace(id=round_id)) if has_round else None
        opened = StatesOpened(
            RoundSeen(block, 1, True, 0.0),
            block,
            round_,
            accounts,
            {account: view(account) for account in asleep},
            flagged or {},
            LeftOut(),
        )
        lines = [BelowLine(account, ground, -1.0) for account, ground in below]
        ordered = Ordered(Screened(opened, lines), lines)
        if is_early:
            self.guardian.hurry(ordered)
        else:
            self.guardian.act(ordered)
        return list(self.jobs.begun)


def view(account: int) -> Any:
    viewing = SimpleNamespace(identity=account)
    return SimpleNamespace(identity=account, viewing=viewing, sealed=SimpleNamespace(commitment=account))


def known(maintenance: int = 0, overdraft: int = 0) -> BookAccount:
    return BookAccount(1, 1, maintenance_flagged_at=maintenance, overdraft_flagged_at=overdraft)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_flags_are_begun_in_the_given_order_on_each_ground(bench: Bench) -> None:
    below = [(7, MAINTENANCE), (3, OVERDRAFT), (7, OVERDRAFT)]
    assert bench.act(below) == [JobKey(Statement.FLAG, account, ground) for account, ground in below]


def test_an_account_is_flagged_again_when_its_flag_has_expired(bench: Bench) -> None:
    young, old = NOW - LIFETIME, NOW - LIFETIME - 1
    assert bench.act([(7, MAINTENANCE)], {7: known(young)}) == []
    assert bench.act([(7, MAINTENANCE)], {7: known(old)}) == [JobKey(Statement.FLAG, 7, MAINTENANCE)]
    assert bench.act([(7, OVERDRAFT)], {7: known(young)}) == [JobKey(Statement.FLAG, 7, OVERDRAFT)]


def test_what_is_not_flagged_yet_is_flagged_before_the_news_are_read(bench: Bench) -> None:
    below = [(7, MAINTENANCE), (3, OVERDRAFT), (7, OVERDRAFT)]
    bench.challenged = [5]
    begun = bench.act(below, {7: known(NOW - 1)}, asleep=(4,), is_early=True)
    assert begun == [JobKey(Statement.FLAG, 3, OVERDRAFT), JobKey(Statement.FLAG, 7, OVERDRAFT)]
    assert bench.act([(8, MAINTENANCE)], has_round=False, is_early=True) == []


def test_an_own_flag_that_is_newer_than_what_was_read_is_not_sent_again(bench: Bench) -> None:
    bench.guardian.keeper = cast("Any", SimpleNamespace(flag=lambda *_, **__: {"blockNumber": 2}))
    below, key = [(7, MAINTENANCE)], JobKey(Statement.FLAG, 7, MAINTENANCE)
    assert bench.act(below) == [key]
    assert len(list(bench.jobs.begun[key]())) == 1
    assert bench.act(below, is_early=True) == bench.act(below) == []
    assert bench.act(below, block=2) == [key]  # a reorganisation has dropped it


def test_a_flag_that_waited_for_its_turn_is_proven_at_the_newest_round(bench: Bench) -> None:
    """Else none of many would be taken, where rounds come faster than proofs."""
    proven: list[tuple[int, int]] = []

    def flag(viewing: Any, *_: object, seen: tuple[Any, Any]) -> dict[str, int]:
        proven.append((viewing.identity, seen[1].id))
        return {"blockNumber": 2}

    bench.guardian.keeper = cast("Any", SimpleNamespace(flag=flag))
    keys = [JobKey(Statement.FLAG, account, MAINTENANCE) for account in (7, 8)]
    assert bench.act([(7, MAINTENANCE), (8, MAINTENANCE)]) == keys
    waiting = dict(bench.jobs.begun)
    bench.act([], round_id=2, asleep=(8,))
    assert len(list(waiting[keys[0]]())) == 1
    assert list(waiting[keys[1]]()) == [], "nothing can be proven about it any more"
    assert proven == [(7, 2)]


def test_nothing_is_flagged_before_the_first_round(bench: Bench) -> None:
    assert bench.act([(7, MAINTENANCE)], has_round=False) == []


def test_expired_positions_are_turned_into_cash_transaction_by_transaction(bench: Bench) -> None:
    assert bench.act([], asleep=(4, 5)) == [JobKey(Statement.EXPIRE, 4), JobKey(Statement.EXPIRE, 5)]
    events: Iterator[JobEvent] = bench.jobs.begun[JobKey(Statement.EXPIRE, 4)]()
    assert list(events) == [
        Mined(4, Statement.EXPIRE, cast("Any", "receipt of 2")),
        Mined(4, Statement.EXPIRE, cast("Any", "receipt of 3")),
    ]
    assert bench.journal.tasks == [(Statement.EXPIRE, 4, 1, f"from epoch {epoch}") for epoch in (0, 2, 3)]


def test_challenges_of_before_the_start_are_answered(bench: Bench) -> None:
    bench.challenged = [3]
    assert bench.act([]) == [JobKey(Statement.ANSWER, 3)]
    bench.challenged = []
    assert bench.act([]) == [JobKey(Statement.ANSWER, 3)]  # until it is answered, or over
