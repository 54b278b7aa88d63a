"""Real prices: read exactly, or refused; and what the committed ones are said to do to a long position."""

import csv
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from prover import AssetList, PricePoint, assess, load_price_series, margin_per_unit_up
from prover.market import CANDIDATE_DELAY, PostingStatus, PriceRules, Quote, SlotRules
from prover.market._price_rules import PriceSet
from tools.price_extract import EXTRACT, extract
from verifier import InputError, MarginsPerUnit

ROOT = Path(__file__).parents[3]

UNIT = 10**9
"""One contract [1e-9 contract], one dollar [1e-9 USD]."""

FAULTS = {
    "empty file": "",
    "header only": "timestamp,open\n",
    "no header": "1,2\n3,4\n",
    "no time": "open,close\n1,2\n",
    "no open": "timestamp,close\n1,2\n",
    "open twice": "timestamp,open,open\n1,2,2\n",
    "cell too few": "timestamp,open\n1\n",
    "cell too many": "timestamp,open\n1,2,3\n",
    "time does not advance": "timestamp,open\n1,2\n1,2\n",
    "time goes back": "timestamp,open\n2,2\n1,2\n",
    "negative time": "timestamp,open\n-1,2\n",
    "time of 2^64": f"timestamp,open\n{2**64},2\n",
    "time with a fraction": "timestamp,open\n1.5,2\n",
    "date for a time": "timestamp,open\n2018-11-12,2\n",
    "zero price": "timestamp,open\n1,0.0\n",
    "negative price": "timestamp,open\n1,-2\n",
    "price of 2^64": "timestamp,open\n1,18446744073.709551616\n",
    "price finer than its unit": "timestamp,open\n1,0.0000000001\n",
    "price with an exponent": "timestamp,open\n1,1e3\n",
    "price that is no number": "timestamp,open\n1,nan\n",
    "no price": "timestamp,open\n1,\n",
    "open quote": 'timestamp,open\n1,"2\n',
    "not UTF-8": "timestamp,open\n1,\udcff\n",
}


def write(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text, errors="surrogateescape")
    return path


@pytest.fixture(scope="module")
def series() -> list[PricePoint]:
    return load_price_series(EXTRACT)


@pytest.mark.parametrize("fault", FAULTS)
def test_refuses_a_faulty_series(fault: str, tmp_path: Path) -> None:
    path = write(tmp_path, FAULTS[fault])
    with pytest.raises(InputError) as refused:
        load_price_series(path)
    assert str(path) in str(refused.value)


def test_the_line_of_a_fault_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 4: the time is not after"):
        load_price_series(write(tmp_path, "timestamp,open\n1,2\n2,2\n2,2\n"))


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.csv: No such file"):
        load_price_series(tmp_path / "none.csv")


def test_columns_stand_in_any_order_and_prices_are_exact(tmp_path: Path) -> None:
    path = write(tmp_path, "open,note,timestamp\n18446744073.709551615,a,0\n0.000000001,b,18446744073709551615\n")
    assert load_price_series(path) == [PricePoint(0, 2**64 - 1), PricePoint(2**64 - 1, 1)]


def test_the_extract_is_two_weeks_without_a_gap(series: list[PricePoint]) -> None:
    assert series[0].timestamp == datetime(2018, 11, 12, tzinfo=UTC).timestamp()
    assert len(series) == 14 * 24
    assert {after.timestamp - before.timestamp for before, after in pairwise(series)} == {3600}


def test_each_candle_of_the_extract_opens_where_the_last_one_closed() -> None:
    with EXTRACT.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(before["close"] == after["open"] for before, after in pairwise(rows))
    for row in rows:
        low, high = float(row["low"]), float(row["high"])
        assert low <= min(float(row["open"]), float(row["close"]))
        assert high >= max(float(row["open"]), float(row["close"]))


def test_each_price_of_the_extract_becomes_a_round(series: list[PricePoint]) -> None:
    """At the limits of the book, an hour's move at once or confirmed by a second set a minute later."""
    assets = {asset.symbol: asset for asset in AssetList.load(ROOT / "books" / "majors-13.json").assets}
    limits = assets["BTC-PERP"].limits
    assert limits is not None
    bounds = SlotRules(limits.deviation_ppm, limits.deviation_amount, 10**12, limits.greatest_price)
    source, statuses = PriceRules([bounds]), Counter[PostingStatus]()
    for point in series:
        for now in (point.timestamp, point.timestamp + CANDIDATE_DELAY):
            status = source.post(PriceSet(now, {0: Quote(point.price, 0)}), now).status
            statuses[status] += 1
        assert source.latest is not None
        assert source.latest.quotes[0].price == point.price
    assert statuses[PostingStatus.HELD] == statuses[PostingStatus.CONFIRMED] > 50
    assert statuses[PostingStatus.RECORDED] > 400


@pytest.mark.parametrize(
    ("book", "leverage", "day", "hour", "price"),
    [
        ("majors-13", 10, 14, 17, 5_681_000_000_000),
        ("majors-13", 5, 19, 14, 5_122_840_000_000),
        ("majors-13", 3, 20, 21, 4_268_980_000_000),
        ("perps-13", 10, 14, 17, 5_681_000_000_000),
        ("perps-13", 5, 15, 15, 5_205_350_000_000),
        ("perps-13", 3, 20, 9, 4_310_560_000_000),
    ],
)
def test_a_long_breaks_its_maintenance_when_the_readme_says(
    series: list[PricePoint], book: str, leverage: int, day: int, hour: int, price: int
) -> None:
    assets = {asset.symbol: asset for asset in AssetList.load(ROOT / "books" / f"{book}.json").assets}
    fraction = assets["BTC-PERP"].maintenance_margin_ppm
    balance, entry = leverage * UNIT, series[0].price  # `leverage` contracts on the price of one
    quote = UNIT * entry - balance * entry

    def health_at(price: int) -> int:
        margins = MarginsPerUnit.of_both_sides([margin_per_unit_up(price, fraction)])
        return assess([balance], quote, [price], margins).health

    broken = next(point for point in series if health_at(point.price) < 0)
    assert broken == PricePoint(int(datetime(2018, 11, day, hour, tzinfo=UTC).timestamp()), price)


SOURCE = """Timestamps are UTC timezone,somewhere
date,symbol,open,high,low,close,volume_btc,volume
2018-11-12 01-PM,BTCUSD,5,6,4,5.50,1,5
2018-11-12 12-PM,BTCUSD,4.0,5,4,5,1,4
2018-11-12 01-AM,BTCUSD,3,4,3,4,1,3
2018-11-12 12-AM,BTCUSD,2,3,2,3,1,2
2018-11-11 11-PM,BTCUSD,1,2,1,2,1,1
""".splitlines()


def at(hour: int) -> datetime:
    return datetime(2018, 11, 12, hour, tzinfo=UTC)


def test_an_extract_keeps_the_text_of_prices_and_turns_time_forward() -> None:
    noon = int(at(12).timestamp())
    header = "timestamp,open,high,low,close,volume_btc,volume"
    assert extract(SOURCE, at(12), at(13)).splitlines() == [
        header,
        f"{noon},4.0,5,4,5,1,4",
        f"{noon + 3600},5,6,4,5.50,1,5",
    ]
    assert extract(SOURCE, at(0), at(1)).splitlines()[1] == f"{noon - 12 * 3600},2,3,2,3,1,2"


def test_an_extract_has_every_hour_once() -> None:
    with pytest.raises(ValueError, match="10 hours are missing"):
        extract(SOURCE, at(0), at(13))
    with pytest.raises(ValueError, match="twice"):
        extract([*SOURCE, SOURCE[2]], at(12), at(13))
