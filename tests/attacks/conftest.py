"""One node for all attacks, put back after each of them."""

from collections.abc import Iterator

import pytest
from attacks.attack_stage import AttackStage, attack_stage

from prover.toolchain import AnyBackend


@pytest.fixture(scope="session")
def deployed(backend: AnyBackend) -> Iterator[AttackStage]:
    with attack_stage(backend) as stage:
        yield stage


@pytest.fixture
def stage(deployed: AttackStage) -> Iterator[AttackStage]:
    """A book without accounts and rounds."""
    node = deployed.market.node
    snapshot = node.request("evm_snapshot")
    yield deployed
    node.request("evm_revert", snapshot)
