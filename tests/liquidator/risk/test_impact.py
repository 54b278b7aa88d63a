"""Price impact: the laws, the parcel's delta, the effect on others, and the minimal close by it."""

from dataclasses import replace

import numpy as np
import pytest

from liquidator.risk import AssetMarket, ImpactMethod, OptionBoard, PriceImpact, Trade, screen_both
from prover.account import State, assess_at
from prover.trade import Rates, plan_release
from tests.liquidator.risk.risk_stage import BITCOIN, BOOK, OTHERS, ROUND, random_states
from verifier import InputError, VectorKind

BITCOINS = AssetMarket(BITCOIN, 0.04, 2e9)
REST = AssetMarket(OTHERS, 0.06, 5e8)
IMPACT = PriceImpact(ROUND, (BITCOINS, REST))
PERPETUAL = BOOK.slots["BTC-PERP"]
PUT = BOOK.slots["BTC-26MAR27-80000-P"]
MAINTENANCE = VectorKind.MAINTENANCE


def parcel(**amounts: float) -> tuple[int, ...]:
    """Amounts in tokens, by symbol with underscores."""
    balances = [0] * BOOK.n
    for symbol, amount in amounts.items():
        balances[BOOK.slots[symbol.replace("_", "-")]] = round(amount * 1e9)
    return tuple(balances)


def test_the_square_root_law() -> None:
    assert IMPACT.trade(BITCOINS, -2e7) == pytest.approx((-2e7, -0.04 * 0.1, 2 / 3 * 0.004 * 2e7))
    assert IMPACT.trade(BITCOINS, 8e7).move == pytest.approx(0.04 * 0.2)


def test_almgren_and_chriss() -> None:
    slow, fast = (replace(IMPACT, method=ImpactMethod.ALMGREN_CHRISS, days=days) for days in (1.0, 0.01))
    lasting, temporary = 0.314 * 0.04 * 0.01, 0.142 * 0.04 * 0.01**0.6
    assert slow.trade(BITCOINS, 2e7) == pytest.approx((2e7, lasting + temporary, (lasting / 2 + temporary) * 2e7))
    assert fast.trade(BITCOINS, 2e7).move == pytest.approx(lasting + temporary * 100**0.6)


def test_the_cost_of_a_trade_is_the_mean_of_the_moves_on_the_way() -> None:
    sizes = np.linspace(0, 2e7, 100_001)[1:]
    moves = [IMPACT.trade(BITCOINS, size).move for size in sizes.tolist()]
    assert IMPACT.trade(BITCOINS, 2e7).cost == pytest.approx(np.mean(moves) * 2e7, rel=1e-4)


@pytest.mark.parametrize("method", ImpactMethod)
def test_nothing_traded_moves_nothing(method: ImpactMethod) -> None:
    assert replace(IMPACT, method=method).trade(REST, 0.0) == Trade(0.0, 0.0, 0.0)


def test_hedgers_trade_against_the_delta_of_the_parcel() -> None:
    trades = IMPACT.of_parcel(parcel(BTC_PERP=10, WBTC=5, ETH_PERP=-20)).trades
    assert trades[0].amount == pytest.approx(-(10 * 97_150.5 + 5 * 97_000))
    assert trades[1].amount == pytest.approx(20 * 3_604.25)
    assert trades[0].move < 0 < trades[1].move


def test_a_long_put_is_hedged_by_buying_its_underlying() -> None:
    (trade, _) = IMPACT.of_parcel(parcel(BTC_26MAR27_80000_P=100.0)).trades
    delta = float(OptionBoard.at(ROUND, [PUT]).greeks.delta[0])
    assert -0.5 < delta < 0
    assert trade.amount == pytest.approx(-100 * delta * 97_150.5)


def test_all_that_follows_an_asset_moves_with_it() -> None:
    found = IMPACT.of_parcel(parcel(BTC_PERP=200))
    factor = 1 + found.trades[0].move
    for symbol in BITCOIN:
        slot = BOOK.slots[symbol]
        assert found.after.prices[slot] == round(ROUND.prices[slot] * factor)
    assert all(found.after.prices[BOOK.slots[symbol]] == ROUND.prices[BOOK.slots[symbol]] for symbol in OTHERS)
    before, after = (OptionBoard.at(each, [PUT]) for each in (ROUND, found.after))
    assert found.after.prices[PUT] > ROUND.prices[PUT]
    assert after.volatilities == pytest.approx(before.volatilities, rel=1e-6)


def test_the_effect_on_others_is_that_of_the_exact_rule() -> None:
    states = random_states(200)
    after = IMPACT.of_parcel(parcel(BTC_PERP=4_000, ETH_PERP=10_000)).after
    for screened, round_ in zip(screen_both(states, ROUND, after), (ROUND, after), strict=True):
        exact = [assess_at(state, round_.vectors, MAINTENANCE).health for state in states]
        assert sorted(screened.grounds[MAINTENANCE].below) == [i for i, health in enumerate(exact) if health < 0]
        error = np.abs(screened.grounds[MAINTENANCE].health - np.array(exact, dtype=float))
        assert (error <= screened.grounds[MAINTENANCE].bound).all()
    falls = [screened.grounds[MAINTENANCE].below for screened in screen_both(states, ROUND, after)]
    assert set(falls[0]) != set(falls[1]), "some account is pulled over the line"


def test_the_minimal_close_sells_where_margin_costs_least_impact() -> None:
    """Both positions free about the same margin; the deeper market is sold first."""
    whole = parcel(BTC_PERP=10.0, ETH_PERP=270.0)
    worth = sum(amount * price for amount, price in zip(whole, ROUND.vectors.effective_prices, strict=True))
    victim = State(whole, 45_000 * 10**18 - worth)
    inputs = ROUND.release(MAINTENANCE)
    assert assess_at(victim, ROUND.vectors, MAINTENANCE).health < 0
    for deep, shallow, first in ((BITCOINS, REST, "BTC-PERP"), (REST, BITCOINS, "ETH-PERP")):
        markets = (replace_symbols(deep, BITCOIN), replace_symbols(shallow, OTHERS))
        impact = PriceImpact(ROUND, markets).per_unit(victim.balances, ROUND.prices)
        release = plan_release(victim, inputs, Rates(inputs.limits.floor_rate), impact)
        assert release is not None
        assert [BOOK.assets[slot].symbol for slot, taken in enumerate(release.taken) if taken] == [first]


def replace_symbols(market: AssetMarket, symbols: tuple[str, ...]) -> AssetMarket:
    return market._replace(symbols=symbols)


def test_the_cost_of_a_unit_is_that_of_the_whole_position_over_its_size() -> None:
    amounts = parcel(BTC_PERP=-10, ETH_PERP=270, BTC_26MAR27_80000_P=3.0)
    found = IMPACT.per_unit(amounts, ROUND.prices)
    for slot, amount in enumerate(amounts):
        alone = tuple(amount if place == slot else 0 for place in range(BOOK.n))
        cost = sum(trade.cost for trade in IMPACT.of_parcel(alone).trades)
        assert found[slot] == pytest.approx(cost / abs(amount) * 1e9 * 1e15 if amount else 0, rel=1e-12)


def test_a_market_that_cannot_be_is_refused() -> None:
    for markets in (
        [BITCOINS, BITCOINS],
        [replace_symbols(REST, ("BTC-26MAR27-80000-P",))],
        [replace_symbols(REST, ("NONE",))],
        [REST._replace(volume=0.0)],
    ):
        with pytest.raises(InputError):
            PriceImpact(ROUND, tuple(markets))
    with pytest.raises(InputError, match="no market for ETH-PERP"):
        PriceImpact(ROUND, (BITCOINS,)).of_parcel(parcel(ETH_PERP=1))
