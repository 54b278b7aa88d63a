"""The example book is what the published tiers make it, and a tier is never read in favour of the account."""

from decimal import Decimal

import pytest

from prover import AssetKind, AssetList
from tools.leverage_tiers import (
    BOOK,
    EXCERPT,
    PERPETUALS,
    POSITION_SIZE,
    PPM,
    Rows,
    Tier,
    book_text,
    excerpt_text,
    pair,
    read_rows,
    tier_at,
    tiers_of,
)


@pytest.fixture(scope="module")
def rows() -> dict[str, Rows]:
    return read_rows(EXCERPT)[0]


def test_the_committed_book_is_made_of_the_committed_tiers(rows: dict[str, Rows]) -> None:
    assert book_text(rows) == BOOK.read_text()


def test_the_committed_excerpt_is_as_the_tool_writes_it() -> None:
    assert excerpt_text(*read_rows(EXCERPT)) == EXCERPT.read_text()


def test_perpetuals_allow_no_more_than_the_exchange_at_their_size(rows: dict[str, Rows]) -> None:
    perpetuals = {a.symbol: a for a in AssetList.load(BOOK).assets if a.kind is AssetKind.PERPETUAL}
    assert set(perpetuals) == {f"{underlying}-PERP" for underlying in PERPETUALS}
    for underlying in PERPETUALS:
        holding = [r for r in rows[pair(underlying)] if Decimal(r["minNotional"]) <= POSITION_SIZE]
        strictest = holding[-1]
        asset = perpetuals[f"{underlying}-PERP"]
        assert asset.initial_margin_ppm * Decimal(strictest["maxLeverage"]) >= PPM
        assert asset.maintenance_margin_ppm == Decimal(strictest["maintenanceMarginRate"]) * PPM


@pytest.mark.parametrize(
    ("size", "maintenance", "initial"),
    [
        ("0", 5_000, 10_000),
        ("1000000", 20_000, 40_000),
        ("999999.99", 10_000, 20_000),
        ("5000000", 25_000, 50_000),
        ("400000000", 500_000, 1_000_000),
    ],
)
def test_the_tier_holds_the_size(rows: dict[str, Rows], size: str, maintenance: int, initial: int) -> None:
    tier = tier_at(tiers_of(rows["SOL/USDT:USDT"]), Decimal(size))
    assert (tier.maintenance_ppm(), tier.initial_ppm()) == (maintenance, initial)


@pytest.mark.parametrize("size", ["-1", "400000000.01"])
def test_a_size_that_no_tier_holds_is_refused(rows: dict[str, Rows], size: str) -> None:
    with pytest.raises(ValueError, match="no tier"):
        tier_at(tiers_of(rows["SOL/USDT:USDT"]), Decimal(size))


def test_fractions_are_rounded_up() -> None:
    tier = Tier(Decimal(0), Decimal(1), Decimal("0.00000101"), Decimal(75))
    assert (tier.maintenance_ppm(), tier.initial_ppm()) == (2, 13_334)


def test_tiers_with_a_gap_or_a_softer_one_above_are_refused(rows: dict[str, Rows]) -> None:
    first, second, third, *_ = rows["BTC/USDT:USDT"]
    with pytest.raises(ValueError, match="fit together"):
        tiers_of([first, third])
    for softer in ({"maxLeverage": "151"}, {"maintenanceMarginRate": "0.003"}):
        with pytest.raises(ValueError, match="fit together"):
            tiers_of([first, {**second, **softer}])
