"""Nothing reaches the log that is not on the list of public facts."""

import json
import logging

import pytest
import structlog

from liquidator.engine import configure_logging
from liquidator.engine._logging import ALLOWED, short
from liquidator.engine._settings import LogFormat, LogSettings
from prover.account import State
from verifier import ChainError, VectorKind

SECRET = 987654321987654321


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_secret_fields_are_dropped(log_format: LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(format=log_format))
    state = State((SECRET,) * 13, SECRET)
    log = structlog.get_logger("liquidator")
    log.info(
        "round",
        account=short(SECRET),
        ground=VectorKind.MAINTENANCE,
        state=state,
        quote=SECRET,
        view_key=SECRET,
        passphrase="hunter2-hunter2",
        health=-SECRET,
    )
    log.info("round", detail=state, error=ValueError(SECRET), accounts=[state])
    log.warning("refused", error=KeyError(SECRET), exc_info=KeyError(SECRET), stack_info=True)
    log.info("round", roles=["guardian"], accounts=[SECRET])
    logging.getLogger("urllib3").warning("sent %s", "words", exc_info=ValueError(SECRET))
    written = "".join(capsys.readouterr())
    assert short(SECRET) in written
    assert "maintenance" in written
    assert "guardian" in written
    assert str(SECRET) not in written
    assert "hunter2" not in written


def test_an_error_of_the_project_is_told_in_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings())
    structlog.get_logger("liquidator").warning("refused", error=ChainError("line\nline \x1b[31m" + "x" * 5_000))
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert event["error"].startswith("line line  [31m")
    assert len(event["error"]) < 1_000


def test_no_name_on_the_list_is_one_of_a_secret() -> None:
    secrets = {"balances", "quote", "salt", "state", "health", "passphrase", "key", "view_key", "owner_secret", "seed"}
    assert not ALLOWED & secrets
