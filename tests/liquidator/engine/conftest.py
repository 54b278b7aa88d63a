"""A market on a local node for an engine, put back after each test."""

from collections.abc import Iterator

import pytest

from tests.liquidator.engine.engine_stage import EngineStage, engine_stage


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineStage]:
    with engine_stage(tmp_path_factory.mktemp("engine")) as stage:
        yield stage


@pytest.fixture
def stage(opened: EngineStage) -> Iterator[EngineStage]:
    before = opened.accounts.book.node.request("evm_snapshot")
    opened.configure()
    yield opened
    opened.accounts.book.node.request("evm_revert", before)
