"""Blocks of which a real node tells by its websocket."""

import threading
import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from liquidator.engine import _block_bell
from liquidator.engine._block_bell import BlockBell
from prover.toolchain import Anvil
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.full

PATIENCE = 30.0


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


def websocket(node: Anvil) -> str:
    return node.url.replace("http://", "ws://")


def rings(bell: BlockBell, node: Anvil) -> bool:
    """Whether a block that is mined rings before the patience is over."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:  # a subscription may be younger than the block
        node.request("evm_mine")
        if bell.wait(1, threading.Event()):
            return True
    return False


def test_a_block_rings_and_nothing_else_does(node: Anvil) -> None:
    with BlockBell(websocket(node), 5) as bell:
        assert rings(bell, node)
        while bell.wait(0.5, threading.Event()):  # of blocks of before
            pass
        assert not bell.wait(0.5, threading.Event())
        assert rings(bell, node)


def test_a_stop_ends_the_wait() -> None:
    bell, stop = BlockBell("ws://127.0.0.1:1", 1), threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert not bell.wait(PATIENCE * 100, stop)


def test_a_node_that_is_gone_is_said_once_and_heard_again(node: Anvil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_block_bell, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(_block_bell, "_LONGEST_PAUSE", 0.05)
    tries: list[str] = []
    connect = _block_bell.connect

    def fails_at_first(url: str, **options: object) -> object:
        tries.append(url)
        if len(tries) <= 3:
            raise OSError(f"no way to {url}")
        return connect(url, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(_block_bell, "connect", fails_at_first)
    with capture_logs() as logs, BlockBell(f"{websocket(node)}/?key=a-secret-of-mine", 5) as bell:
        assert rings(bell, node)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "the websocket does not tell of blocks: the node is asked for them"),
        ("info", "the websocket tells of blocks"),
    ]
    assert "a-secret-of-mine" not in str(logs)


def test_a_server_without_websockets_rings_never(node: Anvil) -> None:
    deadline = time.monotonic() + PATIENCE
    with FaultProxy(node.url) as proxy, capture_logs() as logs, BlockBell(f"ws{proxy.url[4:]}", 5) as bell:
        while not logs and time.monotonic() < deadline:
            node.request("evm_mine")
            assert not bell.wait(0.1, threading.Event())
    assert [line["log_level"] for line in logs] == ["warning"]
