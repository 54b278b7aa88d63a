"""`liquidator check`, `run` and `status` as they are typed, on a real node with real proofs."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.harness import ENVIRONMENT, invoke

from tests.liquidator.engine.engine_stage import LOW, EngineStage, engine_stage

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineStage]:
    with engine_stage(tmp_path_factory.mktemp("engine")) as made:
        yield made


def test_check_says_what_it_found(stage: EngineStage) -> None:
    plain = invoke("liquidator", "check", "--config", stage.config)
    assert (plain.code, plain.stdout.splitlines()[-1]) == (0, "ready"), plain
    result = invoke("liquidator", "check", "--config", stage.config, "--json")
    assert result.json["ready"]
    names = {check["name"] for check in result.json["checks"]}
    assert {"chain", "clock", "gas", "prover", "key of margin", "key of expire", "guardian.notices"} <= names


def test_check_fails_where_the_engine_would_not_start(stage: EngineStage) -> None:
    path = stage.configure(sender={"least_ether": "1000"})
    result = invoke("liquidator", "check", "--config", path, "--json")
    stage.configure()
    assert (result.code, result.json["ready"]) == (1, False)
    (failed,) = [check for check in result.json["checks"] if check["fatal"]]
    assert failed["name"] == "gas"


def test_run_flags_until_it_is_told_to_stop(stage: EngineStage, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "prover.cli", "liquidator", "run", "--config", str(stage.configure())]
    log = tmp_path / "log"
    with log.open("w") as file:
        process = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=file)
    try:
        wait_for(lambda: "started" in log.read_text(), log)
        port = next(json.loads(line)["port"] for line in log.read_text().splitlines() if '"started"' in line)
        stage.accounts.book.post(BTC_PERP=LOW)
        wait_for(lambda: stage.flags("alice")[0] and bool(stage.notices()), log)
        status = invoke("liquidator", "status", "--port", port, "--json")
        assert (status.code, status.json["accounts"], status.json["healthy"]) == (0, 2, True)
        shown = invoke("liquidator", "status", "--port", port, "--once").stdout
        assert "healthy" in shown
        assert "maintenance" in shown
    finally:
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (0, b"")
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines if line["event"] in {"started", "mined", "stopped"}] == [
        "started",
        "mined",
        "stopped",
    ]
    assert not {secret for secret in stage.accounts.secrets() if secret in log.read_text()}


def wait_for(done: object, log: Path) -> None:
    assert callable(done)
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())
