"""The guardian's role on a real node with real proofs: from a round of prices to flags, notices and answers."""

import pytest

from liquidator.engine import load_settings, open_engine
from prover.liquidation import SealedNotice
from tests.liquidator.engine.engine_stage import LOW, EngineStage

pytestmark = pytest.mark.full


def test_an_account_below_its_margin_is_flagged_and_offered(stage: EngineStage) -> None:
    with open_engine(load_settings(stage.config)) as engine:
        assert engine.once()["below"] == 0
        assert stage.flags("alice") == (False, False)
        round_ = stage.accounts.book.post(BTC_PERP=LOW)
        status = engine.once()
        assert status["below"] == 1, status
        assert stage.flags("alice")[0], status
        engine.once()
        (path,) = stage.notices()
        notice = SealedNotice.load(path).open(stage.liquidator)
        assert (notice.account, notice.round_id) == (stage.accounts.owners["alice"].identity, round_)
