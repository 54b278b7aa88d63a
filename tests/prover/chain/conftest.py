"""A real node, and a proxy in front of it that injects faults."""

from collections.abc import Iterator, Mapping

import pytest
from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from prover.chain import ContractCode
from prover.toolchain import Anvil, compile_contracts
from tests.fault_proxy import FaultProxy

ETHER = 10**18


@pytest.fixture(scope="session")
def code() -> Mapping[str, ContractCode]:
    return compile_contracts()


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
