"""What is sold first: by the liquidity of a file, or by the impact of hedges, and never by nothing."""

import pytest

from liquidator.engine._impact_costs import ImpactCosts
from liquidator.risk import AssetMarket, ImpactMethod, PriceImpact
from prover.account import State
from prover.liquidation import ClosingCosts, Liquidity
from prover.trade import Rates, plan_release
from tests.liquidator.risk.risk_stage import BITCOIN, BOOK, OTHERS, ROUND
from verifier import VectorKind

DEEP, SHALLOW = AssetMarket(BITCOIN, 0.03, 3e9), AssetMarket(OTHERS, 0.06, 3e7)


def parcel(**tokens: float) -> tuple[int, ...]:
    amounts = [0] * BOOK.n
    for name, amount in tokens.items():
        amounts[BOOK.slots[name.replace("_", "-")]] = round(amount * 1e9)
    return tuple(amounts)


WHOLE = parcel(BTC_PERP=10.0, ETH_PERP=270.0)


def sold_first(costs: ClosingCosts) -> list[str]:
    """What the minimal close of an account takes that is long of both."""
    worth = sum(amount * price for amount, price in zip(WHOLE, ROUND.vectors.effective_prices, strict=True))
    victim, inputs = State(WHOLE, 45_000 * 10**18 - worth), ROUND.release(VectorKind.MAINTENANCE)
    release = plan_release(victim, inputs, Rates(inputs.limits.floor_rate), costs.per_unit(WHOLE, ROUND.prices))
    assert release is not None
    return [BOOK.assets[slot].symbol for slot, taken in enumerate(release.taken) if taken]


def liquidity(dear: str) -> Liquidity:
    impact = [1_000] * BOOK.n
    impact[BOOK.slots[dear]] = 100_000
    return Liquidity((500,) * BOOK.n, tuple(impact))


def test_both_kinds_of_costs_decide_what_is_sold_first() -> None:
    assert sold_first(liquidity("BTC-PERP")) == ["ETH-PERP"]
    assert sold_first(liquidity("ETH-PERP")) == ["BTC-PERP"]
    costs = ImpactCosts(liquidity("BTC-PERP"), ImpactMethod.SQUARE_ROOT)
    assert sold_first(costs) == ["ETH-PERP"], "before markets are known"
    costs.know(ROUND, [DEEP, SHALLOW])
    assert sold_first(costs) == ["BTC-PERP"]
    costs.know(ROUND, [])
    assert sold_first(costs) == ["ETH-PERP"]


@pytest.mark.parametrize("method", ImpactMethod)
def test_costs_are_those_of_the_method(method: ImpactMethod) -> None:
    costs = ImpactCosts(liquidity("BTC-PERP"), method)
    costs.know(ROUND, [DEEP, SHALLOW])
    exact = PriceImpact(ROUND, (DEEP, SHALLOW), method).per_unit(WHOLE, ROUND.prices)
    assert costs.per_unit(WHOLE, ROUND.prices) == exact


def test_an_account_with_an_asset_without_a_market_is_sold_all_the_same() -> None:
    costs = ImpactCosts(liquidity("BTC-PERP"), ImpactMethod.SQUARE_ROOT)
    costs.know(ROUND, [DEEP])
    assert costs.per_unit(WHOLE, ROUND.prices) == liquidity("BTC-PERP").per_unit(WHOLE, ROUND.prices)
