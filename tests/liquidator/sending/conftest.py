"""A real node, a proxy in front of it that injects faults, and an outbox that sends through it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from liquidator.sending import Outbox, SendingSettings
from liquidator.store import EngineStore
from prover.toolchain import Anvil
from tests.fault_proxy import FaultProxy
from tests.payments import ETHER, POLICY, SETTINGS, OpenOutbox


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture
def proxy(node: Anvil) -> Iterator[FaultProxy]:
    with FaultProxy(node.url) as proxy:
        yield proxy


@pytest.fixture
def signer(node: Anvil) -> LocalAccount:
    """A key of its own, with ETH."""
    signer: LocalAccount = EthAccount.create()
    node.request("anvil_setBalance", signer.address, hex(100 * ETHER))
    return signer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[EngineStore]:
    with EngineStore(path) as store:
        yield store


@pytest.fixture
def open_outbox(proxy: FaultProxy, signer: LocalAccount, store: EngineStore) -> Iterator[OpenOutbox]:
    """Opens outboxes, through the proxy unless told otherwise, which the end of the test closes."""
    with ExitStack() as stack:

        def opened(url: str | None = None, settings: SendingSettings = SETTINGS, **more: object) -> Outbox:
            options: dict[str, object] = {"policy": POLICY, **more}
            return stack.enter_context(Outbox(url or proxy.url, signer, store, settings, **options))  # type: ignore[arg-type]

        yield opened


@pytest.fixture
def outbox(open_outbox: OpenOutbox) -> Outbox:
    return open_outbox()
