"""One node for all attacks in a book of one size, put back after each of them."""

from collections.abc import Iterator

import pytest
from attacks.attack_stage import BOOKS, PLAIN, AttackStage, attack_stage

from prover.toolchain import AnyBackend

_SMALL, *_LARGE = BOOKS


@pytest.fixture(scope="session", params=[_SMALL, *(pytest.param(n, marks=pytest.mark.deep) for n in _LARGE)])
def deployed(request: pytest.FixtureRequest, backend: AnyBackend) -> Iterator[AttackStage]:
    with attack_stage(backend, request.param) as stage:
        yield stage


@pytest.fixture
def stage(request: pytest.FixtureRequest, deployed: AttackStage) -> Iterator[AttackStage]:
    """A book without accounts and rounds. A story that names ways has its trades made in one of them."""
    node = deployed.market.node
    snapshot = node.request("evm_snapshot")
    yield deployed.played(getattr(request, "param", PLAIN))
    node.request("evm_revert", snapshot)
