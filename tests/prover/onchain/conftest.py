"""A local chain with a deployed book and a posted round, one for each worker, put back after each test."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from prover import AssetList
from prover.chain import ContractCode
from prover.onchain import BookProver
from prover.onchain.local_market import Market, Trader, demo_book
from prover.toolchain import Anvil, AnyBackend, compile_contracts, compile_verifiers

HOUR = 1542189600
"""The first hour of the series that is posted; an hour's prices are posted at their time."""


@pytest.fixture(scope="session")
def majors() -> AssetList:
    root = Path(__file__).parent.parent.parent.parent
    return demo_book(AssetList.load(root / "books" / "majors-13.json"))


@pytest.fixture(scope="session")
def book_prover(backend: AnyBackend, majors: AssetList) -> BookProver:
    return BookProver.build(majors.n, backend)


@pytest.fixture(scope="session")
def code(book_prover: BookProver) -> Mapping[str, ContractCode]:
    verifiers = {item.instance.name: item for item in book_prover.artifacts.values()}
    return compile_contracts() | compile_verifiers(verifiers)


@pytest.fixture(scope="session")
def deployed(code: Mapping[str, ContractCode], majors: AssetList) -> Iterator[Market]:
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)  # however long the files between two of ours take
        market = Market.deploy(node, code, majors)
        market.post(HOUR)
        yield market


@pytest.fixture
def market(deployed: Market) -> Iterator[Market]:
    snapshot = deployed.node.request("evm_snapshot")
    yield deployed
    deployed.node.request("evm_revert", snapshot)


@pytest.fixture
def alice(market: Market, book_prover: BookProver) -> Trader:
    return Trader.join("Alice", market, book_prover)


@pytest.fixture
def bob(market: Market, book_prover: BookProver) -> Trader:
    return Trader.join("Bob", market, book_prover)
