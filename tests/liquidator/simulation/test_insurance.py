"""Fund and shortfall: as by the exact fund and ledger of the market model."""

import numpy as np
import pytest
from market_model.fund import Fund
from market_model.ledger import Ledger
from market_model.rules import Rules

from liquidator.simulation._insurance import Insurance

UNIT = 10**6


@pytest.mark.parametrize("seed", range(3))
def test_the_fund_pays_what_the_exact_one_pays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fund, ledger, backing = Fund(Rules()), Ledger(), 10_000_000
    fund.deposit("volunteer", 1_000_000 * UNIT)
    insurance = Insurance(1_000_000.0, 0.1, 0.3, float(backing))
    paid = 0
    for round_id in range(1, 200):
        now = round_id * 600
        for _ in range(2):
            debt = round(rng.exponential(30_000)) if rng.random() < 0.3 else 0
            if debt:
                insurance.write_off(float(debt), round_id, now)
            else:
                insurance.draw(round_id, now)
            ledger.shortfall += debt * UNIT
            drawn = fund.draw(ledger.shortfall, round_id, now)
            ledger.shortfall -= drawn
            paid += drawn
        assert insurance.paid == pytest.approx(paid / UNIT, rel=1e-6, abs=0.1)
        assert insurance.shortfall == pytest.approx(ledger.shortfall / UNIT, rel=1e-6, abs=1.0)
        exact = ledger.fraction(backing * UNIT + paid) / 10**18
        assert insurance.fraction == pytest.approx(exact, rel=1e-6)
    assert insurance.shortfall > 0.0
    assert paid > 300_000 * UNIT
