"""A market on a local node for an engine, put back after each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.liquidator.engine.engine_stage import EngineStage, engine_stage


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineStage]:
    with engine_stage(tmp_path_factory.mktemp("engine")) as stage:
        yield stage


@pytest.fixture
def stage(opened: EngineStage, tmp_path: Path) -> Iterator[EngineStage]:
    before, owners = opened.accounts.book.node.request("evm_snapshot"), dict(opened.accounts.owners)
    hidden = set(opened.accounts.hidden)
    opened.data = tmp_path / "data"
    opened.configure()
    yield opened
    opened.accounts.owners, opened.accounts.hidden = owners, hidden
    for notice in opened.notices():
        notice.unlink()
    opened.accounts.book.node.request("evm_revert", before)
