"""What a feed says: read exactly, and left out where it cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover import AssetList
from prover.oracle import SeenPrice, parse_feed
from verifier import InputError

BOOK = AssetList.load(Path(__file__).parents[3] / "books" / "perps-13.json")
SEEN = 1_763_800_000


def json_feed(**changes: Any) -> bytes:
    content = {
        "format": "zksolvency/prices/1",
        "timestamp": SEEN,
        "prices": {"WBTC": "97000.5", "BTC-PERP": "97150.5"},
        "funding": {"BTC-PERP": "-152.25"},
    }
    return json.dumps(content | changes).encode()


EXPECTED = {
    "WBTC": SeenPrice(97_000_500_000_000, 0, SEEN),
    "BTC-PERP": SeenPrice(97_150_500_000_000, -152_250_000_000, SEEN),
}


def test_json_and_csv_say_the_same(book: AssetList) -> None:
    csv = f'symbol,price,funding,timestamp\nWBTC,"97,000.5",,{SEEN}\nBTC-PERP,9.71505e4,-152.25,{SEEN}\n'
    for data in (json_feed(), csv.encode()):
        found = parse_feed(data, "x", book)
        assert (found.prices, found.faults, found.unknown) == (EXPECTED, {}, ())


def test_each_row_of_csv_has_its_own_time(book: AssetList) -> None:
    found = parse_feed(b"symbol,price,timestamp\nWBTC,1,5\nBTC-PERP,2,6\n", "x", book)
    assert [price.timestamp for price in found.prices.values()] == [5, 6]


def test_a_round_file_is_a_feed(book: AssetList) -> None:
    content = {
        "format": "zksolvency/round/1",
        "book": book.name,
        "id": 7,
        "timestamp": SEEN,
        "prices": {"WBTC": "97000.5", "BTC-PERP": "97150.5", "WETH": "3500"},
        "funding": {"BTC-PERP": "-152.25"},
        "stale": ["WETH"],
    }
    assert parse_feed(json.dumps(content).encode(), "x", book).prices == EXPECTED
    with pytest.raises(InputError, match="it prices the book"):
        parse_feed(json.dumps(content | {"book": "other"}).encode(), "x", book)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.0000000001", "at most 9 digits"),
        ("about 5", "expected a decimal string"),
        ("", "expected a decimal string"),
        ("1e5", "expected a decimal string"),
    ],
)
def test_a_number_that_cannot_be_read_costs_its_own_symbol(book: AssetList, text: str, reason: str) -> None:
    found = parse_feed(json_feed(prices={"WBTC": text, "BTC-PERP": "97150.5"}), "x", book)
    assert list(found.prices) == ["BTC-PERP"]
    assert reason in found.faults["WBTC"]


def test_two_rows_of_one_symbol_are_no_price(book: AssetList) -> None:
    rows = b"symbol,price,timestamp\nWBTC,1,5\nWETH,3,5\nWBTC,2,5\nWBTC,2,5\nSOL,2,soon\n"
    found = parse_feed(rows, "x", book)
    assert list(found.prices) == ["WETH"]
    assert found.faults == {"WBTC": "it is in two rows", "SOL": "its timestamp: expected Unix seconds"}


@pytest.mark.parametrize("time", ["", "-1", "1.5", str(1 << 64), "0" * 5000, "1" * 5000])
def test_a_time_that_is_none_costs_its_own_row(book: AssetList, time: str) -> None:
    found = parse_feed(f"symbol,price,timestamp\nWBTC,1,{time}\nWETH,1,5\n".encode(), "x", book)
    assert (list(found.prices), list(found.faults)) == (["WETH"], ["WBTC"])


def test_unknown_names_and_funding_without_a_price_are_told(book: AssetList) -> None:
    found = parse_feed(json_feed(prices={"WBTC": "97000.5", "BTC-PREP": "1", "XAU": "5"}), "x", book)
    assert (list(found.prices), found.unknown) == (["WBTC"], ("BTC-PREP", "XAU"))
    assert found.faults == {"BTC-PERP": "it has funding and no price"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (json_feed(timestamp="now"), "timestamp"),
        (json_feed(timestamp=None), "timestamp"),
        (json_feed(timestamp=-1), "timestamp"),
        (json_feed(prices={"WBTC": 97000.5}), "prices.WBTC"),
        (json_feed(format="zksolvency/account/1"), "this is an account file"),
        (json_feed(note="x"), "note"),
        (b'{"prices": {"WBTC": "1", "WBTC": "2"}}', "the same name twice"),
        (b"[" * 100_000, "nested deeper"),
        (b"[]", "expected an object"),
        (b"", "expected the header symbol,price,timestamp"),
        (b"symbol,price\nWBTC,1\n", "expected the header symbol,price,timestamp"),
        (b"symbol,price,timestamp\nWBTC,1\n", "expected 3 cells"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_feed_that_is_malformed_is_refused(book: AssetList, data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parse_feed(data, "x", book)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_refused_and_nothing_else(data: bytes) -> None:
    for prefix in (b"", b"symbol,price,timestamp\n", b'{"format":"zksolvency/prices/1","timestamp":5,"prices":{"'):
        try:
            parse_feed(prefix + data, "x", BOOK)
        except InputError:
            continue
