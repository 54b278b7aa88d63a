"""Past prices: files and rounds together, at equal steps, and nothing of the future or of stale prices."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from liquidator.engine._price_archive import PriceArchive, PriceSource
from liquidator.risk import VolatilityMethod, resampled
from liquidator.store import EngineStore, RecordedRound
from prover.market import AssetList
from tests.liquidator.risk.risk_stage import BOOK, HOURLY
from verifier import InputError

ADDRESS = "0x" + 40 * "1"
HOUR = 3_600
START = 500_000 * HOUR
BITCOIN = BOOK.slots["BTC-PERP"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EngineStore]:
    with EngineStore(tmp_path / "engine.sqlite") as made:
        yield made


def archive(store: EngineStore, *sources: str, book: AssetList = BOOK) -> PriceArchive:
    parsed = [PriceSource.parse(text) for text in sources]
    return PriceArchive(store, 1, ADDRESS, book, parsed, HOUR, VolatilityMethod.EWMA)


def keep(store: EngineStore, number: int, time: int, price: int, stale: int = 0) -> None:
    prices = tuple(price * 10**9 for _ in range(BOOK.n))
    store.keep_round(1, ADDRESS, RecordedRound(number, time, prices, prices, 0, stale, is_calm=True))


def test_a_price_is_the_last_one_at_or_before_its_time() -> None:
    points = [(60, 1), (61, 2), (119, 3), (120, 4), (121, 5), (300, 6), (301, 7)]
    assert resampled(points, 60, 300) == {60: 1, 120: 4, 180: 5, 300: 6}, "301 is for 360, which is still to come"


def test_rounds_alone_make_a_history_of_each_asset(store: EngineStore) -> None:
    for hour in range(103):
        keep(store, 2 * hour + 1, START + hour * HOUR - 1_000, 100 + hour)
        keep(store, 2 * hour + 2, START + hour * HOUR, 200 + hour)
    known = archive(store).load(START + 102 * HOUR)
    assert len(known.sources) == sum(asset.option is None for asset in BOOK.assets)
    assert (known.history.step, len(known.history.times)) == (HOUR, 103)
    assert np.allclose(known.history.prices[:, 0], np.arange(200, 303))


def test_a_file_is_continued_by_rounds_which_overrule_it(store: EngineStore) -> None:
    source = f"WBTC,BTC-PERP={HOURLY}"
    alone = archive(store, source).load(2e9)
    last = int(alone.history.times[-1])
    keep(store, 1, last, 77)
    keep(store, 2, last + HOUR, 78)
    both = archive(store, source).load(2e9)
    assert both.symbols == [("WBTC", "BTC-PERP")]
    assert both.history.prices[-2:, 0].tolist() == [77.0, 78.0]
    assert np.array_equal(both.history.prices[:-2], alone.history.prices[:-1])


def test_stale_prices_and_missing_ones_are_no_prices(store: EngineStore) -> None:
    for hour in range(120):
        keep(store, hour + 1, START + hour * HOUR, 0 if hour == 7 else 100, stale=1 << BITCOIN if hour == 9 else 0)
    times = archive(store, "BTC-PERP").load(2e9).history.times
    assert [int(time - START) // HOUR for time in times] == [hour for hour in range(120) if hour not in {7, 9}]


def test_an_asset_that_is_new_does_not_end_the_forecasts_of_others(store: EngineStore) -> None:
    for hour in range(120):
        keep(store, hour + 1, START + hour * HOUR, 100, stale=1 << BITCOIN if hour < 110 else 0)
    assert archive(store, "BTC-PERP", "ETH-PERP").load(2e9).symbols == [("ETH-PERP",)]


def test_too_short_a_history_says_how_long_it_must_be(store: EngineStore) -> None:
    keep(store, 1, START, 100)
    with pytest.raises(InputError, match=r"ewma needs over 100, one every 3600 s; 1 are known"):
        archive(store).load(2e9)
