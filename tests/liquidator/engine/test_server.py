"""What the engine tells on loopback, and to whom."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from liquidator.engine import read_status
from liquidator.engine._metrics import Metrics
from liquidator.engine._server import StatusServer
from verifier import InputError


@pytest.fixture
def status() -> dict[str, Any]:
    return {"healthy": True, "alarms": {}, "accounts": 3}


@pytest.fixture
def server(status: dict[str, Any]) -> Iterator[StatusServer]:
    with StatusServer(0, Metrics(), lambda: status) as made:
        yield made


def get(server: StatusServer, path: str, **headers: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{server.port}{path}", headers=headers, timeout=10)


def test_metrics_are_in_the_format_of_prometheus(server: StatusServer) -> None:
    answer = get(server, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "# TYPE zksolvency_stage_seconds histogram" in answer.text
    assert 'zksolvency_stage_seconds_count{stage="screened"} 0.0' in answer.text


def test_health_is_a_status_code(server: StatusServer, status: dict[str, Any]) -> None:
    assert get(server, "/health").status_code == 200
    status |= {"healthy": False, "alarms": {"node-lost": "no answer"}}
    answer = get(server, "/health")
    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "alarms": {"node-lost": "no answer"}})


def test_the_status_is_read_by_its_port(server: StatusServer, status: dict[str, Any]) -> None:
    assert read_status(server.port) == status


def test_another_page_is_not_found(server: StatusServer) -> None:
    assert get(server, "/etc/passwd").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_a_name_that_a_browser_was_led_here_by_is_refused(server: StatusServer, host: str) -> None:
    assert get(server, "/status", Host=host).status_code == 403
    assert get(server, "/status", Host=f"localhost:{server.port}").status_code == 200


def test_a_port_that_is_taken_is_named(server: StatusServer) -> None:
    with pytest.raises(InputError, match=f"{server.port}.*does another engine run"):
        StatusServer(server.port, Metrics(), dict)
