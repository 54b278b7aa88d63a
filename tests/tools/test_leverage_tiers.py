"""The example book is what the published tiers make it, and allows no more than the exchange."""

from decimal import Decimal

import pytest

from prover import AssetKind, AssetList
from prover.market import PPM, book_text
from tools.leverage_tiers import (
    BOOK,
    EXCERPT,
    PERPETUALS,
    POSITION_SIZE,
    Rows,
    assets,
    excerpt_text,
    pair,
    read_rows,
)


@pytest.fixture(scope="module")
def rows() -> dict[str, Rows]:
    return read_rows(EXCERPT)[0]


def test_the_committed_book_is_made_of_the_committed_tiers(rows: dict[str, Rows]) -> None:
    listed = assets(rows)
    assert book_text(BOOK.stem, len(listed), listed) == BOOK.read_text()


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
