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
from snippets import GUIDES, program_commands

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
    log = tmp_path / "log"
    process = start(log, "--config", stage.configure())
    try:
        wait_for(lambda: "started" in log.read_text(), log)
        port = port_of(log)
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


def test_the_commands_of_the_operators_guide_start_an_engine(
    stage: EngineStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init, check, dry, run, status, _ = program_commands((GUIDES / "operating-the-liquidator.md").read_text())
    monkeypatch.chdir(tmp_path)
    assert invoke(*init).code == 0
    written = (tmp_path / "liquidator.toml").read_text()
    assert 'roles = ["guardian", "housekeeper"]' in written
    path = stage.configure(roles=["guardian", "housekeeper"])  # the operator fills in what is its own
    monkeypatch.chdir(path.parent)
    assert invoke(*check).code == 0
    tried = invoke(*dry)
    assert (tried.code, "accounts" in tried.stdout) == (0, True), tried
    log = tmp_path / "log"
    process = start(log, *run[2:])
    try:
        wait_for(lambda: '"event": "round"' in log.read_text(), log)
        wait_for(lambda: invoke("liquidator", "status", "--port", port_of(log), "--json").code == 0, log)
        assert invoke(*status, "--port", port_of(log)).code == 0
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def start(log: Path, *options: object) -> subprocess.Popen[bytes]:
    """An engine that runs, and writes its log into a file."""
    words = [sys.executable, "-m", "prover.cli", "liquidator", "run", *map(str, options)]
    with log.open("w") as file:
        return subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=file)


def port_of(log: Path) -> int:
    """Where the engine with this log tells its status."""
    return next(json.loads(line)["port"] for line in log.read_text().splitlines() if '"started"' in line)


def wait_for(done: object, log: Path) -> None:
    assert callable(done)
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())
