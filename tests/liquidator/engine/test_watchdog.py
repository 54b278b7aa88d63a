"""Node, clock and gas: alarms by what blocks show, told once, and again when they last."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._metrics import Metrics
from liquidator.engine._settings import AlarmSettings
from liquidator.engine._watchdog import WEI, Watchdog
from prover.chain import Chain
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import ChainError


@dataclass
class FakeChain:
    time: int
    wei: int = WEI
    sender: str = "0x" + "22" * 20

    def timestamp(self) -> int:
        return self.time

    def balance(self, address: str) -> int:
        return self.wei


@dataclass
class Bench:
    clock: FakeClock
    chain: FakeChain
    alarms: Alarms
    metrics: Metrics
    watchdog: Watchdog

    def value(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"zksolvency_{name}")


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock = FakeClock()
    chain = FakeChain(int(clock.now()))
    metrics = Metrics()
    alarms = Alarms(AlarmSettings(repeat_seconds=50), clock, {}, lambda kind: metrics.alarms.labels(kind).inc())
    watchdog = Watchdog(cast("Chain", chain), alarms, metrics, clock, 30.0, 5.0, WEI // 2)
    yield Bench(clock, chain, alarms, metrics, watchdog)
    alarms.close()


def test_all_is_well(bench: Bench) -> None:
    bench.watchdog.saw(1)
    assert bench.alarms.lasting() == {}
    assert (bench.value("node_up"), bench.value("block"), bench.value("sender_balance_ether")) == (1, 1, 1)


def test_a_block_that_grows_old_is_an_alarm_though_the_node_answers(bench: Bench) -> None:
    bench.watchdog.saw(1)
    bench.clock.time += 31
    bench.watchdog.saw(1)
    assert set(bench.alarms.lasting()) == {AlarmKind.BLOCK_AGE}
    assert (bench.value("node_up"), bench.value("block_age_seconds")) == (0, 31)
    bench.chain.time = int(bench.clock.now())
    bench.watchdog.saw(2)
    assert (bench.alarms.lasting(), bench.value("node_up")) == ({}, 1)


def test_a_node_that_does_not_answer_is_an_alarm_until_it_does(bench: Bench) -> None:
    bench.watchdog.saw(1)
    bench.watchdog.lost(ChainError("no answer"))
    assert (bench.alarms.lasting(), bench.value("node_up")) == ({"node-lost": "no answer"}, 0)
    bench.watchdog.saw(1)
    assert (bench.alarms.lasting(), bench.value("node_up")) == ({}, 1)


def test_a_block_of_the_future_says_that_the_clock_is_off(bench: Bench) -> None:
    bench.chain.time += 6
    bench.watchdog.saw(1)
    assert set(bench.alarms.lasting()) == {AlarmKind.CLOCK}
    bench.clock.time += 6
    bench.watchdog.saw(2)
    assert bench.alarms.lasting() == {}


def test_little_gas_is_an_alarm(bench: Bench) -> None:
    bench.chain.wei = WEI // 2 - 1
    bench.watchdog.saw(1)
    assert set(bench.alarms.lasting()) == {AlarmKind.GAS}


def test_an_alarm_is_told_once_and_again_when_it_lasts(bench: Bench) -> None:
    assert bench.alarms.begin(AlarmKind.GAS, "low")
    assert not bench.alarms.begin(AlarmKind.GAS, "lower")
    assert bench.alarms.lasting() == {"gas": "lower"}
    bench.clock.time += 50
    assert bench.alarms.begin(AlarmKind.GAS, "lowest")
    assert bench.metrics.registry.get_sample_value("zksolvency_alarms_total", {"kind": "gas"}) == 2
    bench.alarms.end(AlarmKind.GAS)
    assert bench.alarms.begin(AlarmKind.GAS, "low")


def test_an_alarm_goes_to_webhook_and_command(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    posted: list[Any] = []

    class Answer:
        def raise_for_status(self) -> None: ...

    def post(url: str, json: Any, timeout: float) -> Answer:
        posted.append((url, json))
        return Answer()

    monkeypatch.setattr("requests.post", post)
    file = tmp_path / "alarm.json"
    settings = AlarmSettings(webhook="http://alarms.example/secret-token", command=("tee", str(file)))
    alarms = Alarms(settings, bench.clock, {"chain": 5})
    alarms.begin(AlarmKind.GAS, "low")
    alarms.end(AlarmKind.GAS)
    alarms.close()
    assert [(one["alarm"], one["state"], one["chain"]) for _, one in posted] == [
        ("gas", "begun", 5),
        ("gas", "over", 5),
    ]
    assert '"state": "over"' in file.read_text()
    assert "secret-token" not in "".join(capsys.readouterr())


def test_a_webhook_that_fails_stops_nothing_and_does_not_show_its_token(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    alarms = Alarms(AlarmSettings(webhook="http://127.0.0.1:1/secret-token", command=("false",)), bench.clock, {})
    alarms.begin(AlarmKind.GAS, "low")
    alarms.close()
    written = "".join(capsys.readouterr())
    assert "not delivered" in written
    assert "secret-token" not in written


def test_the_sign_of_life_is_given_while_the_loop_lives(bench: Bench, tmp_path: Any) -> None:
    file = tmp_path / "alive"
    alarms = Alarms(AlarmSettings(heartbeat_file=file, heartbeat_seconds=10), bench.clock, {})
    alarms.beat()
    assert file.exists()
    file.unlink()
    bench.clock.time += 9
    alarms.beat()
    assert not file.exists()
    bench.clock.time += 1
    alarms.beat()
    assert file.exists()
    alarms.close()
