"""The loop with a clock that a test moves: when it looks, and what it does when node or code fails."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._events import LeftOut, Ordered, RoundSeen, StatesOpened
from liquidator.engine._loop import Loop
from liquidator.engine._metrics import Metrics
from liquidator.engine._pauses import Pauses
from liquidator.engine._roles import RoleAgent
from liquidator.engine._settings import AlarmSettings
from liquidator.engine._telemetry import Telemetry
from liquidator.engine._watchdog import WEI, Watchdog
from liquidator.store import EngineStore
from prover.chain import OnchainRound
from prover.onchain import OtherChainError
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import ChainError, VectorKind

LOOK = 15.0


@dataclass
class FakeBook:
    """A chain whose newest block and round a test sets, and its accounts."""

    clock: FakeClock
    block: int = 1
    round_id: int = 1
    error: Exception | None = None
    refreshed: list[RoundSeen] = field(default_factory=list)
    below: dict[int, float] = field(default_factory=dict)
    changed: tuple[int, ...] = ()
    sender: str = "0x" + "22" * 20

    def __post_init__(self) -> None:
        chain = SimpleNamespace(
            block_number=self.number, timestamp=lambda: int(self.clock.now()), balance=lambda _: WEI, sender=self.sender
        )
        self.chain = chain
        rounds = SimpleNamespace(latest_id=lambda: self.round_id)
        self.book = SimpleNamespace(contracts=SimpleNamespace(chain=chain, rounds=rounds))
        self.matrix = SimpleNamespace(screen=self.screen)

    def number(self) -> int:
        if self.error is not None:
            raise self.error
        return self.block

    def round(self, round_id: int) -> Any:
        return SimpleNamespace(id=round_id, vectors=None)

    def known(self, seen: RoundSeen, round_: OnchainRound) -> StatesOpened | None:
        return StatesOpened(seen, seen.block, round_, {}, {}, {}, LeftOut()) if self.refreshed else None

    def refresh(self, seen: RoundSeen, round_: OnchainRound) -> StatesOpened:
        self.refreshed.append(seen)
        return StatesOpened(seen, seen.block, round_, {}, {}, {}, LeftOut(), self.changed)

    def screen(self, _: object) -> Any:
        return SimpleNamespace(grounds={VectorKind.MAINTENANCE: SimpleNamespace(below=self.below)})


class Bench:
    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.book = FakeBook(self.clock)
        metrics = Metrics()
        self.alarms = Alarms(AlarmSettings(), self.clock, {})
        self.store = EngineStore(path, self.clock.now)
        self.pauses = Pauses(self.store, 1, "0x" + "11" * 20, self.clock)
        self.telemetry = Telemetry(metrics, self.alarms, self.clock, {})
        self.acted: list[Ordered] = []
        self.hurried: list[tuple[int, int, list[int]]] = []
        self.stop = threading.Event()
        watchdog = Watchdog(cast("Any", self.book.chain), self.alarms, metrics, self.clock, None, 5.0, 0)
        agent = cast("RoleAgent", SimpleNamespace(act=self.act, hurry=self.hurry))
        self.loop = Loop(
            cast("Any", self.book), [agent], self.pauses, self.telemetry, watchdog, self.clock, poll=0.25, look=LOOK
        )

    def act(self, ordered: Ordered) -> None:
        self.acted.append(ordered)

    def hurry(self, ordered: Ordered) -> None:
        opened = ordered.screened.opened
        self.hurried.append((opened.seen.round_id, len(self.book.refreshed), [one.account for one in ordered.below]))

    def run(self, seconds: float) -> None:
        """Run the loop for some time of its clock."""
        end = self.clock.time + seconds
        self.stop.clear()
        pause = self.clock.pause

        def until(length: float, stop: threading.Event) -> bool:
            pause(length, stop)
            if self.clock.time >= end:
                self.stop.set()
            return False

        self.clock.pause = until  # type: ignore[method-assign]
        try:
            self.loop.run(self.stop)
        finally:
            self.clock.pause = pause  # type: ignore[method-assign]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "engine.sqlite")
    yield made
    made.alarms.close()
    made.store.close()


def test_each_block_is_looked_at_once(bench: Bench) -> None:
    assert bench.loop.step() is not None
    assert bench.loop.step() is None
    bench.book.block += 1
    assert bench.loop.step() is not None
    assert [seen.is_new for seen in bench.book.refreshed] == [True, False]
    bench.book.block, bench.book.round_id = 3, 2
    bench.loop.step()
    assert bench.book.refreshed[-1].is_new
    assert len(bench.acted) == 3


def test_at_a_new_round_what_is_urgent_begins_before_the_accounts_are_read(bench: Bench) -> None:
    bench.loop.step()
    assert bench.hurried == []
    bench.book.below = {7: -1.0, 8: -300.0}
    bench.book.block = 2
    bench.loop.step()
    assert bench.hurried == []
    bench.book.block, bench.book.round_id = 3, 2
    bench.loop.step()
    assert bench.hurried == [(2, 2, [8, 7])]
    assert len(bench.clock.pauses) == 1  # the news wait a moment, too
    assert len(bench.acted) == len(bench.book.refreshed) == 3


def test_without_blocks_the_roles_still_act(bench: Bench) -> None:
    bench.run(LOOK * 2.5)
    assert len(bench.acted) == 3


def test_the_account_that_lacks_most_comes_first(bench: Bench) -> None:
    bench.book.below = {7: -1.0, 8: -300.0, 9: -20.0}
    bench.loop.step()
    assert [one.account for one in bench.acted[0].below] == [8, 9, 7]


def test_the_pauses_of_an_account_that_changed_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[int] = []
    monkeypatch.setattr(bench.pauses, "clear", cleared.append)
    bench.book.changed = (7, 8)
    bench.loop.step()
    assert cleared == [7, 8]


def test_a_node_that_is_gone_for_ten_minutes_is_waited_for(bench: Bench) -> None:
    bench.run(1)
    bench.book.error = ChainError("no answer")
    asked = len(bench.clock.pauses)
    bench.run(600)
    assert set(bench.alarms.lasting()) == {AlarmKind.NODE_LOST}
    assert not bench.telemetry.status()["healthy"]
    assert len(bench.clock.pauses) - asked < 200  # it is asked every few seconds
    bench.book.error, bench.book.block = None, 2
    bench.run(1)
    assert bench.alarms.lasting() == {}
    assert bench.telemetry.status()["healthy"]
    assert bench.acted[-1].screened.opened.block == 2


def test_a_block_whose_look_failed_is_looked_at_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh = bench.book.refresh

    def fail(_: RoundSeen, __: OnchainRound) -> StatesOpened:
        raise ChainError("no logs")

    monkeypatch.setattr(bench.book, "refresh", fail)
    bench.run(1)
    assert bench.acted == []
    monkeypatch.setattr(bench.book, "refresh", refresh)
    bench.run(10)
    assert bench.acted[0].screened.opened.seen.is_new


def test_a_bug_at_one_look_does_not_end_the_watch_and_shows_no_value(bench: Bench) -> None:
    bench.book.error = KeyError("987654321 is a secret")
    bench.run(5)
    detail = bench.alarms.lasting()[AlarmKind.LOOP]
    assert "KeyError" in detail
    assert "987654321" not in detail
    bench.book.error = None
    bench.run(10)
    assert bench.acted
    assert bench.alarms.lasting() == {}


def test_another_chain_ends_it(bench: Bench) -> None:
    bench.book.error = OtherChainError("another chain")
    with pytest.raises(OtherChainError):
        bench.run(5)


def test_a_loop_that_stands_still_is_not_healthy(bench: Bench) -> None:
    bench.run(1)
    assert bench.telemetry.status()["healthy"]
    bench.clock.time += 61
    assert not bench.telemetry.status()["healthy"]
