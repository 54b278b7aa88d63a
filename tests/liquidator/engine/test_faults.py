"""Faults of an engine's surroundings, on a real node with real proofs: nothing is lost, and nothing is sent twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from omitted_logs import CHANGED, is_event, leave_out, recover

from liquidator.engine import Engine, load_settings, open_engine
from liquidator.engine._alarms import AlarmKind
from liquidator.store import EngineStore, StoreError, TransactionState, _engine_store
from tests.fault_proxy import EVERY, Answer, Call, FaultProxy, drops, passes
from tests.liquidator.engine.engine_stage import CALM, DOLLAR, LOW, NEAR, NOTICE, EngineStage
from tests.liquidator.engine.fake_clock import LaterClock
from verifier import ChainError, InputError

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[3]

PROGRAM = """
import os, signal, sys

from liquidator.engine import load_settings, open_engine
from liquidator.engine._guardian import Guardian
from liquidator.engine._jobs import Jobs
from liquidator.store import EngineStore
from prover.chain._broadcast_routes import PublicRoute
from pathlib import Path
from tests.liquidator.engine.fake_clock import LaterClock


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function):
    def run(*arguments, **named):
        function(*arguments, **named)
        die()
    return run


TARGETS = {
    "screened": (Guardian, "act", die),
    "ordered": (Jobs, "begin", die),
    "proven": (EngineStore, "begin", die),
    "signed": (EngineStore, "write_transaction", die),
    "written": (EngineStore, "write_transaction", then_die),
    "sent": (PublicRoute, "broadcast", then_die),
    "mined": (EngineStore, "mark_mined", die),
    "recorded": (EngineStore, "mark_mined", then_die),
    "told": (EngineStore, "finish", then_die),
}
owner, name, how = TARGETS[sys.argv[2]]
setattr(owner, name, how(getattr(owner, name)) if how is then_die else how)
with open_engine(load_settings(Path(sys.argv[1])), clock=LaterClock(float(sys.argv[3]))) as engine:
    engine.once()
"""


def killed(stage: EngineStage, step: str, ahead: float = 0) -> None:
    """Run an engine that is killed at a step, on a machine whose clock is ahead [s]."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    words = [sys.executable, "-c", PROGRAM, str(stage.config), step, str(ahead)]
    done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done


def sent(stage: EngineStage) -> int:
    """How many transactions of the engine are mined."""
    return int(stage.accounts.book.node.request("eth_getTransactionCount", stage.sender.address, "latest"), 16)


def flags_seen(stage: EngineStage) -> int:
    """How often an account was flagged."""
    return len(stage.accounts.book.book.contracts.engine.contract.logs("AccountFlagged"))


def until(engine: Engine, is_so: Callable[[], object]) -> dict[str, Any]:
    """Let the engine look until something is so, through what fails meanwhile."""
    for _ in range(200):
        try:
            status = engine.once()
        except ChainError:
            time.sleep(0.05)
            continue
        if is_so():
            return status
        time.sleep(0.05)
    raise AssertionError(engine.telemetry.status())


@pytest.mark.parametrize(
    "step",
    [
        "written",
        "sent",
        *(pytest.param(step, marks=pytest.mark.deep) for step in ("ordered", "proven", "signed", "mined")),
        *(pytest.param(step, marks=pytest.mark.deep) for step in ("recorded", "told")),
    ],
)
def test_an_engine_that_is_killed_at_any_stage_flags_once(stage: EngineStage, step: str) -> None:
    stage.accounts.book.post(BTC_PERP=LOW)
    killed(stage, step)
    with open_engine(load_settings(stage.config)) as engine:
        until(engine, lambda: stage.flags("alice")[0] and stage.notices())
        stage.wait(1)
        engine.once()
    assert (sent(stage), flags_seen(stage)) == (1, 1)
    with EngineStore(stage.data / "engine.sqlite") as store:
        (stored,) = store.transactions(31337, stage.sender.address, list(TransactionState))
        assert stored.state is TransactionState.MINED
        assert store.jobs_in_flight(31337, stage.accounts.book.book.contracts.book.contract.address) == []


@pytest.mark.parametrize(
    "step", ["written", *(pytest.param(step, marks=pytest.mark.deep) for step in ("sent", "told"))]
)
def test_an_engine_that_is_killed_settles_each_sleeping_account_once(stage: EngineStage, step: str) -> None:
    contracts, owners = stage.accounts.book.book.contracts, stage.accounts.owners
    stage.accounts.trade("alice", "bob", "SOL-PERP", "3.5", "210.4")
    stage.expire("SOL-PERP")
    killed(stage, step, NOTICE)
    with open_engine(load_settings(stage.config), clock=LaterClock(NOTICE)) as engine:
        until(engine, lambda: all(contracts.book.account(owner.identity).epoch for owner in owners.values()))
        stage.wait(1)
        engine.once()
        assert engine.telemetry.status()["below"] == 0
    assert sent(stage) == len(contracts.account_life.contract.logs("AccountExpired")) == len(owners)
    with EngineStore(stage.data / "engine.sqlite") as store:
        stored = store.transactions(31337, stage.sender.address, list(TransactionState))
        assert {store.job(one.job).task.action for one in stored if one.job} == {"expire from epoch 0"}
        assert store.jobs_in_flight(31337, contracts.book.contract.address) == []


def test_a_reorganisation_of_five_blocks_costs_no_flag_and_no_second_transaction(stage: EngineStage) -> None:
    with open_engine(load_settings(stage.config)) as engine:
        stage.accounts.book.post(BTC_PERP=LOW)
        until(engine, lambda: stage.flags("alice")[0])
        node = stage.accounts.book.node
        node.request("anvil_mine", "0x4")
        node.request("anvil_reorg", 5, [])
        assert not stage.flags("alice")[0]
        until(engine, lambda: stage.flags("alice")[0])
        stage.wait(1)
        engine.once()
    assert (sent(stage), flags_seen(stage)) == (1, 1)


def test_a_node_that_is_gone_is_an_alarm_and_its_return_brings_the_flag(stage: EngineStage) -> None:
    with FaultProxy(stage.accounts.book.node.url) as proxy:
        stage.configure(node={"rpc": [proxy.url], "poll_seconds": 0.05, "timeout_seconds": 1})
        with open_engine(load_settings(stage.config)) as engine:
            engine.once()
            stage.accounts.book.post(BTC_PERP=LOW)
            proxy.always(EVERY, drops)
            with pytest.raises(ChainError, match=r"does not answer"):
                engine.once()
            proxy.always(EVERY, passes)
            until(engine, lambda: stage.flags("alice")[0])
    assert sent(stage) == 1


def test_a_node_that_goes_while_a_flag_is_sent_sends_it_once(stage: EngineStage) -> None:
    with FaultProxy(stage.accounts.book.node.url) as proxy:
        stage.configure(node={"rpc": [proxy.url], "poll_seconds": 0.05, "timeout_seconds": 1})
        with open_engine(load_settings(stage.config)) as engine:
            engine.once()
            stage.accounts.book.post(BTC_PERP=LOW)

            def goes(_: object) -> None:
                proxy.always(EVERY, drops)

            proxy.then("eth_sendRawTransaction", goes)
            with suppress(ChainError):  # what has changed is read meanwhile, or was before
                engine.once()
            engine.jobs.settle()
            assert not stage.flags("alice")[0]
            assert 'refused_total{kind="passing",statement="flag"} 1.0' in engine.telemetry.metrics.text().decode()
            proxy.always(EVERY, passes)
            until(engine, lambda: stage.flags("alice")[0])
    assert (sent(stage), flags_seen(stage)) == (1, 1)


def test_a_store_that_is_full_is_an_alarm_and_space_brings_the_flag(
    stage: EngineStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("engine.sqlite: the disk is full; nothing was recorded")

    with open_engine(load_settings(stage.configure(work={"passing_seconds": 0.1}))) as engine:
        engine.once()
        with monkeypatch.context() as patch:
            for name in ("begin", "write_transaction", "keep_round", "cool_down", "clear_cooldowns"):
                patch.setattr(EngineStore, name, full)
            stage.accounts.book.post(BTC_PERP=LOW)
            status = engine.once()
            assert AlarmKind.STORE in status["alarms"]
            assert AlarmKind.NODE_LOST not in status["alarms"]
        assert sent(stage) == 0
        stage.accounts.book.post(BTC_PERP=LOW)
        status = until(engine, lambda: stage.flags("alice")[0])
        assert AlarmKind.STORE not in status["alarms"]
    assert sent(stage) == 1


def test_a_store_that_another_process_has_locked_is_told_once_and_then_brings_the_flag(
    stage: EngineStage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_engine_store, "BUSY_SECONDS", 0.5)
    with (
        open_engine(load_settings(stage.configure(work={"passing_seconds": 0.1}))) as engine,
        closing(sqlite3.connect(stage.data / "engine.sqlite", isolation_level=None)) as other,
    ):
        engine.once()
        stage.accounts.book.post(BTC_PERP=LOW)
        with engine.sending:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(3):
                engine.loop.step()
                engine.jobs.settle()
                stage.wait(1)
                time.sleep(0.1)
        assert AlarmKind.STORE in engine.telemetry.status()["alarms"]
        assert sent(stage) == 0
        told = [line for line in "".join(capfd.readouterr()).splitlines() if "[debug" not in line]
        assert len([line for line in told if "has held its lock" in line]) == 1, told
        other.execute("ROLLBACK")
        until(engine, lambda: stage.flags("alice")[0] and AlarmKind.STORE not in engine.telemetry.status()["alarms"])
    assert (sent(stage), flags_seen(stage)) == (1, 1)


def test_a_node_that_falls_behind_and_catches_up_gets_no_second_flag(stage: EngineStage) -> None:
    node = stage.accounts.book.node
    with FaultProxy(node.url) as proxy:
        stage.configure(node={"rpc": [proxy.url], "poll_seconds": 0.05})
        with open_engine(load_settings(stage.config)) as engine:
            engine.once()
            stage.accounts.book.post(BTC_PERP=LOW)
            old = int(node.request("eth_blockNumber"), 16)
            until(engine, lambda: stage.flags("alice")[0] and stage.notices())
            stage.wait(1)
            engine.once()
            serve_until(proxy, node.url, old)
            for _ in range(2):
                with suppress(ChainError):
                    engine.once()
            proxy.always(EVERY, passes)
            stage.wait(1)
            status = until(engine, lambda: True)
            assert [one["ground"] for one in status["auctions"]] == ["maintenance"]
    assert (sent(stage), flags_seen(stage)) == (1, 1)


def serve_until(proxy: FaultProxy, url: str, block: int) -> None:
    """Answer what is read as a node that has no later block; what is sent arrives."""

    def old(call: Call) -> Answer:
        if call.method == "eth_blockNumber":
            result: Any = hex(block)
        else:
            asked = [hex(block) if one in {"latest", "pending"} else one for one in call.parameters]
            if call.method == "eth_getLogs":
                asked = [call.parameters[0] | {"toBlock": hex(block)}]
            body = {"jsonrpc": "2.0", "id": call.id, "method": call.method, "params": asked}
            answered = requests.post(url, json=body, timeout=30).json()
            number = (answered.get("result") or {}).get("number") if call.method.startswith("eth_getBlock") else None
            if number is None or int(number, 16) <= block:
                return Answer(200, json.dumps(answered).encode())
            result = None
        return Answer(200, json.dumps({"jsonrpc": "2.0", "id": call.id, "result": result}).encode())

    proxy.always(EVERY, old)


def test_a_change_that_a_node_leaves_out_is_told_once_and_found_when_it_recovers(
    stage: EngineStage, capfd: pytest.CaptureFixture[str]
) -> None:
    alice = stage.accounts.owners["alice"]
    with FaultProxy(stage.accounts.book.node.url) as proxy:
        stage.configure(node={"rpc": [proxy.url], "poll_seconds": 0.05})
        with open_engine(load_settings(stage.config)) as engine:
            engine.once()
            leave_out(proxy, lambda log: is_event(log, CHANGED, alice.identity))
            alice.withdraw(13, 2_000 * DOLLAR, int(stage.sender.address, 16))
            stage.accounts.book.post(BTC_PERP=NEAR)
            for _ in range(3):
                status = engine.once()
                stage.wait(1)
            assert AlarmKind.LEFT_OUT in status["alarms"]
            assert not stage.flags("alice")[0]
            assert "".join(capfd.readouterr()).count("the node's logs lack") == 1
            recover(proxy)
            status = until(engine, lambda: stage.flags("alice")[0])
            assert AlarmKind.LEFT_OUT not in status["alarms"]
    assert (sent(stage), flags_seen(stage)) == (1, 1)


def test_a_second_engine_on_a_key_does_not_start_and_a_check_disturbs_neither(
    stage: EngineStage, tmp_path: Path
) -> None:
    with open_engine(load_settings(stage.config)) as first, first.sending:
        stage.configure(work={"data": str(tmp_path / "other")})
        with open_engine(load_settings(stage.config)) as second:
            second.require_ready()
            with pytest.raises(InputError, match="another process sends with the key"):
                second.once()


def test_the_engine_keeps_the_rounds_that_it_saw(stage: EngineStage) -> None:
    with open_engine(load_settings(stage.config)) as engine:
        engine.once()
        ids = [stage.accounts.book.post(BTC_PERP=price) for price in (LOW, CALM)]
        engine.once()
    book = stage.accounts.book.book
    with EngineStore(stage.data / "engine.sqlite") as store:
        kept = store.rounds(31337, book.contracts.book.contract.address)
    assert ids[-1] == kept[-1].id
    newest = book.latest_round()
    assert (kept[-1].prices, kept[-1].effective_prices) == (newest.prices, newest.vectors.effective_prices)
