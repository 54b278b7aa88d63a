"""Margin calls by the engine: who gets one, where it goes, and that nothing is said in clear or twice."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._delivery import Delivery
from liquidator.engine._margin_calls import MarginCalls
from liquidator.engine._settings import AlarmSettings, CallSettings
from liquidator.risk import CallRule
from liquidator.store import EngineStore, StoreError
from prover.account import CallBulletin, Domain, MarginCall, OwnerKeys, ViewingKeys
from tests.liquidator.engine.fake_clock import FakeClock

DOMAIN = Domain(31_337, 0x11)
BOOK = f"0x{DOMAIN.contract:040x}"
ROUND = cast("Any", SimpleNamespace(id=7, timestamp=1_800_000_000))
SAFE, EARLY, URGENT = [0.0, 0.0, 0.01, 0.1], [0.0, 0.01, 0.1, 0.6], [0.02, 0.08, 0.3, 0.9]


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.owners = [ViewingKeys.of_owner(OwnerKeys.generate(DOMAIN)) for _ in range(3)]
        self.names = {f"{owner.identity:064x}": place for place, owner in enumerate(self.owners)}
        self.sent: list[dict[str, Any]] = []
        self.open()

    def open(self) -> None:
        self.store = EngineStore(self.folder / "engine.sqlite", self.clock.now)
        self.alarms = Alarms(AlarmSettings(), self.clock, {})
        delivery = cast("Delivery", SimpleNamespace(put=self.sent.append, close=lambda: None))
        settings = CallSettings(bulletin=self.folder / "calls.json", bulletin_size=4)
        rule = CallRule(early=0.5, urgent=0.2, cooldown=1_000.0)
        self.calls = MarginCalls(settings, rule, delivery, self.store, DOMAIN, BOOK, self.clock, self.alarms)

    def close(self) -> None:
        self.alarms.close()
        self.store.close()

    def after(self, *crossing: list[float], gone: int | None = None) -> int:
        """A forecast for the owners in their order."""
        found = {owner.identity: curve for owner, curve in zip(self.owners, crossing, strict=False)}
        known = {owner.identity: owner for place, owner in enumerate(self.owners) if place != gone}
        return self.calls.after(found, known.get, ROUND)

    def called(self) -> list[tuple[int, MarginCall | None]]:
        """Whose calls were delivered since the last time, opened by their owners."""
        calls = [call for message in self.sent for call in message["calls"]]
        self.sent.clear()
        places = [self.names[call["account"].removeprefix("0x")] for call in calls]
        return [
            (place, MarginCall.open(base64.b64decode(call["sealed"]), self.owners[place]))
            for place, call in zip(places, calls, strict=True)
        ]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_owners_near_their_line_are_called_with_what_they_need_to_know(bench: Bench) -> None:
    assert bench.after(SAFE, EARLY, URGENT) == 2
    early = MarginCall(is_urgent=False, hour=10, day=60, minutes=60, round_id=7, time=ROUND.timestamp)
    urgent = MarginCall(is_urgent=True, hour=30, day=90, minutes=14, round_id=7, time=ROUND.timestamp)
    assert sorted(bench.called()) == [(1, early), (2, urgent)]


def test_nothing_but_the_identity_is_in_clear(bench: Bench) -> None:
    bench.after(SAFE, EARLY, URGENT)
    (message,) = bench.sent
    assert message.keys() == {"chain", "book", "round", "calls"}
    assert all(call.keys() == {"account", "sealed"} for call in message["calls"])
    assert len({len(call["sealed"]) for call in message["calls"]}) == 1


def test_the_bulletin_looks_the_same_with_and_without_calls(bench: Bench) -> None:
    path = bench.folder / "calls.json"

    def shape() -> tuple[int, set[int]]:
        return len(path.read_bytes()), {len(call) for call in CallBulletin.load(path).calls}

    bench.after(SAFE)
    quiet = shape()
    bench.after(URGENT, EARLY, SAFE)
    assert shape() == quiet
    found = [CallBulletin.load(path).find(owner) for owner in bench.owners]
    assert [call is not None and call.is_urgent for call in found] == [True, False, False]
    assert [call is not None for call in found] == [True, True, False]
    assert not any(name in path.read_text() for name in bench.names)


def test_who_was_called_stays_in_the_bulletin_and_hears_no_second_time(bench: Bench) -> None:
    bench.after(EARLY)
    bench.called()
    for _ in range(5):
        bench.clock.time += 600
        assert bench.after(EARLY) == 0
        assert CallBulletin.load(bench.folder / "calls.json").find(bench.owners[0]) is not None
    assert bench.after(SAFE) == 0
    assert CallBulletin.load(bench.folder / "calls.json").find(bench.owners[0]) is None
    assert bench.called() == []


def test_a_call_leaves_the_bulletin_as_soon_as_the_account_is_safer(bench: Bench) -> None:
    bench.after(EARLY)
    bench.after(SAFE)
    assert bench.store.margin_calls(DOMAIN.chain_id, BOOK).popitem()[1].is_over, "the cooldown lasts"
    assert CallBulletin.load(bench.folder / "calls.json").find(bench.owners[0]) is None


def test_a_restart_calls_nobody_twice(bench: Bench) -> None:
    bench.after(EARLY)
    bench.close()
    bench.open()
    assert bench.after(EARLY) == 0
    assert bench.after(URGENT) == 1


def test_an_account_that_the_forecast_leaves_out_is_far_from_its_line(bench: Bench) -> None:
    bench.after(EARLY)
    bench.clock.time += 2_000
    bench.after()
    assert bench.store.margin_calls(DOMAIN.chain_id, BOOK) == {}
    assert bench.after(EARLY) == 1


def test_an_account_that_is_gone_is_forgotten(bench: Bench) -> None:
    bench.after(EARLY)
    bench.after(EARLY, gone=0)
    assert bench.store.margin_calls(DOMAIN.chain_id, BOOK) == {}


def test_a_store_that_fails_is_an_alarm_and_the_call_is_made(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.after(SAFE)

    def fail(*_: object) -> None:
        raise StoreError("full")

    monkeypatch.setattr(bench.store, "keep_margin_calls", fail)
    assert bench.after(EARLY) == 1
    assert AlarmKind.STORE in bench.alarms.lasting()
    assert bench.after(EARLY) == 0


def test_a_bulletin_that_cannot_be_written_stops_no_call(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.calls.settings = CallSettings(bulletin=tmp_path / "nowhere" / "calls.json")
    assert bench.after(EARLY) == 1
    assert len(bench.called()) == 1
    assert "not written" in "".join(capsys.readouterr())


def test_a_command_gets_calls_on_its_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "calls.json"
    delivery = Delivery("margin calls", command=("tee", str(file)))
    delivery.put({"calls": []})
    delivery.close()
    assert json.loads(file.read_text()) == {"calls": []}
