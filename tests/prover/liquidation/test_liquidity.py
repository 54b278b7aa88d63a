"""What closing positions costs: against rational numbers, rounded against the taker."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover import AssetList
from prover.liquidation import Liquidity
from verifier import InputError

USD = 10**9
DOLLAR = 10**18
ONE = 10**9


def test_spread_and_impact_in_dollars() -> None:
    """2 million USD at 0.05 % and 0.1 % for each million: 0.25 %."""
    liquidity = Liquidity((500, 0), (1_000, 0))
    assert liquidity.cost((-40 * ONE, ONE), (50_000 * USD, USD)) == 5_000 * DOLLAR
    assert liquidity.per_unit((-40 * ONE, ONE), (50_000 * USD, USD)) == (125 * 10**15, 0)
    assert liquidity.cost((0, 0), (50_000 * USD, USD)) == 0
    assert liquidity.per_unit((0, 0), (50_000 * USD, USD))[0] == 25 * 10**15  # of a position without size the spread
    assert Liquidity.uniform(2) == Liquidity((500, 500), (1_000, 1_000))


@given(st.integers(-(1 << 80), 1 << 80), st.integers(0, (1 << 64) - 1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_cost_is_rounded_up(amount: int, price: int, spread: int, impact: int) -> None:
    liquidity = Liquidity((spread,), (impact,))
    notional = Fraction(abs(amount) * price)
    exact = notional * (spread + impact * notional / 10**24) / 10**6
    cost = liquidity.cost((amount,), (price,))
    assert exact <= cost < exact + 1
    (per_unit,) = liquidity.per_unit((amount,), (price,))
    if amount:
        assert per_unit <= exact * 10**6 / abs(amount) < per_unit + 1


def test_costs_are_read_from_a_table(tmp_path: Path, book: AssetList) -> None:
    path = tmp_path / "liquidity.csv"
    path.write_text("symbol,impact_ppm,spread_ppm\nETH-PERP,70,30\n")
    liquidity, slot = Liquidity.load(path, book), book.slot("ETH-PERP", "")
    assert (liquidity.spread_ppm[slot], liquidity.impact_ppm[slot]) == (30, 70)
    assert liquidity.spread_ppm[:slot] == Liquidity.uniform(book.n).spread_ppm[:slot]
    assert len(liquidity.spread_ppm) == book.n


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("symbol,spread_ppm\nETH-PERP,30", "expected the header"),
        ("symbol,spread_ppm,impact_ppm\nPOEM,1,1", "line 2"),
        ("symbol,spread_ppm,impact_ppm\nETH-PERP,1,1\nETH-PERP,1,1", "line 3: a second row for ETH-PERP"),
        ("symbol,spread_ppm,impact_ppm\nETH-PERP,-1,1", "spread_ppm: expected a whole number"),
        ("symbol,spread_ppm,impact_ppm\nETH-PERP,1,0.5", "impact_ppm: expected a whole number"),
        ("symbol,spread_ppm,impact_ppm\nETH-PERP,x,1", "spread_ppm"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, book: AssetList, rows: str, words: str) -> None:
    path = tmp_path / "liquidity.csv"
    path.write_text(rows)
    with pytest.raises(InputError, match=words):
        Liquidity.load(path, book)


def test_costs_are_of_each_slot_and_not_negative() -> None:
    for spread, impact in (((1,), (1, 1)), ((-1,), (0,)), ((0,), (-1,))):
        with pytest.raises(InputError, match="liquidity"):
            Liquidity(spread, impact)
