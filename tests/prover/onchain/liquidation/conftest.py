"""A chain with a book that has a liquidation engine, one for each worker, and a price that falls."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from prover.chain import ContractCode, OnchainRound
from prover.onchain import BookProver, book_artifacts
from prover.onchain.local_market import Market, Trader
from prover.toolchain import Anvil, AnyBackend, Artifacts, compile_verifiers
from tests.prover.onchain.conftest import HOUR
from tests.prover.onchain.expiry_stage import PERP, fund, post, trade
from tests.prover.onchain.liquidation.takeover_stage import PRICE, SETTINGS, Stage
from verifier import StatementName


@pytest.fixture(scope="session")
def artifacts(majors: Any) -> Mapping[StatementName, Artifacts]:
    return book_artifacts(["margin", "release", "writeoff"], majors.n)


@pytest.fixture(scope="session")
def deployed(
    code: Mapping[str, ContractCode], artifacts: Mapping[StatementName, Artifacts], majors: Any
) -> Iterator[Market]:
    """A book with an engine, in the place of the one without."""
    verifiers = compile_verifiers({item.instance.name: item for item in artifacts.values()})
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        market = Market.deploy(node, {**code, **verifiers}, majors, engine=SETTINGS)
        market.post(HOUR)
        yield market


@pytest.fixture
def stage(
    market: Market, artifacts: Mapping[StatementName, Artifacts], backend: AnyBackend, book_prover: BookProver
) -> Stage:
    return Stage(market, artifacts, backend, book_prover)


@pytest.fixture
def carol(stage: Stage) -> Trader:
    """Takes over."""
    carol = Trader.join("Carol", stage.market, stage.prover)
    fund(carol, dollars=15_000)
    return carol


@pytest.fixture
def crash(stage: Stage, alice: Trader, bob: Trader, carol: Trader) -> OnchainRound:
    """Alice is long eight Bitcoin with 5,000 USD when the price falls by 580 of 6,000 USD: 360 of 433 USD are left."""
    fund(alice, dollars=5_000)
    fund(bob, dollars=15_000)
    post(stage.market, prices={PERP: PRICE})
    trade(alice, bob, PERP, 8, PRICE)
    return post(stage.market, prices={PERP: PRICE - 580})
