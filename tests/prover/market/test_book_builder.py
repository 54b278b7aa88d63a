"""prover/market/_book_builder.py: a book of instruments keeps every rule, and the example book is one of them."""

from decimal import Decimal
from pathlib import Path

import pytest

from prover import AssetKind, AssetList
from prover.market import TierTable, book_size, book_text, load_tiers, parse_instruments
from verifier import InputError

ROOT = Path(__file__).parent.parent.parent.parent
TIERS = ROOT / "tests" / "vectors" / "binance-tiers.json"
HEADER = "symbol,kind,price,tiers,maintenance,initial,decimals,underlying,strike,move\n"
SPOT = "WBTC,spot,100000,,0.1,0.15,8,,,\n"
PERP = "BTC-PERP,perpetual,100000,BTC/USDT:USDT,,,,,,\n"
PUT = "BTC-26MAR27-80000-P,option,,,,,,BTC-PERP,80000,\n"
MAJORS = (
    HEADER
    + SPOT
    + "WETH,spot,3000,,0.1,0.15,18,,,\nSOL,spot,100,,0.2,0.25,9,,,\n"
    + PERP
    + "".join(
        f"{name}-PERP,perpetual,{price},{name}/USDT:USDT,,,,,,\n"
        for name, price in (("ETH", 3000), ("SOL", 100), ("XRP", 1), ("DOGE", "0.1"), ("AVAX", 10), ("LINK", 10))
    )
    + PUT
    + "BTC-26MAR27-120000-C,option,,,,,,BTC-PERP,,\nETH-26MAR27-3000-P,option,,,,,,ETH-PERP,3000,50\n"
)


@pytest.fixture(scope="module")
def table() -> TierTable:
    return TierTable(load_tiers(TIERS), Decimal(5_000_000))


def test_the_example_book_is_made_of_its_instruments(table: TierTable) -> None:
    assets = parse_instruments(MAJORS.encode(), table, "i.csv")
    assert book_text("majors-13", 13, assets) == (ROOT / "books" / "majors-13.json").read_text()


def test_a_book_is_read_as_it_was_written(table: TierTable, tmp_path: Path) -> None:
    assets = parse_instruments((HEADER + SPOT + PERP + PUT).encode(), table, "i.csv")
    path = tmp_path / "b.json"
    path.write_text(book_text("b", book_size(assets), assets))
    assert AssetList.load(path) == AssetList("b", 13, assets)
    assert AssetList.load(path).listings()


def test_any_symbol_in_any_order_makes_a_book(table: TierTable) -> None:
    text = "kind,symbol,price,maintenance,initial,underlying\noption,OURS-1.C,,,,GOLD\nperpetual,gold,4000,0.02,0.04,\n"
    option, gold = parse_instruments(text.encode(), None, "i.csv")
    assert (gold.symbol, gold.kind, gold.initial_margin_ppm) == ("GOLD", AssetKind.PERPETUAL, 40_000)
    assert gold.limits is not None
    assert option.limits is not None
    assert 3 * gold.limits.deviation_ppm <= gold.initial_margin_ppm < 3 * (gold.limits.deviation_ppm + 1)
    assert 3 * option.limits.deviation_amount <= gold.limits.least_price * 15 // 100
    AssetList("mine", 13, (option, gold))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("BTC-PERP,future,100000,,0.1,0.2,,,,", "line 2: the kind is one of spot, perpetual, option"),
        ("BTC PERP,perpetual,1,,0.1,0.2,,,,", "a symbol has letters"),
        ("BTC-PERP,perpetual,,,0.1,0.2,,,,", "price is a price in USD above 0"),
        ("BTC-PERP,perpetual,0,,0.1,0.2,,,,", "price is a price in USD above 0"),
        ("BTC-PERP,perpetual,1,,,,,,,", "no margin fractions"),
        ("BTC-PERP,perpetual,1,,0.1,,,,,", "maintenance and initial are fractions"),
        ("BTC-PERP,perpetual,1,,0.1,0.1000001,,,,", "maintenance and initial are fractions"),
        ("BTC-PERP,perpetual,1,BTC/USDT:USDT,0.1,0.2,,,,", "not both"),
        ("BTC-PERP,perpetual,1,BTC,,,,,,", "the tiers have no contract 'BTC'"),
        ("WBTC,spot,1,,0.1,0.2,,,,", "needs the decimals of its token"),
        ("P,option,,,,,,NONE,5,", "needs the symbol of its underlying"),
        ("P,option,,,,,,,5,", "needs the symbol of its underlying"),
        ("P,option,5", "expected 10 cells"),
    ],
)
def test_what_is_missing_is_told_with_its_line(table: TierTable, row: str, complaint: str) -> None:
    with pytest.raises(InputError, match=r"^i\.csv, line 2") as refusal:
        parse_instruments((HEADER + row + "\n").encode(), table, "i.csv")
    assert complaint in str(refusal.value)


def test_tiers_need_a_file_and_a_header_its_columns() -> None:
    with pytest.raises(InputError, match="add --tiers FILE and --size USD"):
        parse_instruments((HEADER + PERP).encode(), None, "i.csv")
    for header in ("symbol,kind\n", "symbol,kind,price,colour\n", "symbol,kind,price,price\n", ""):
        with pytest.raises(InputError, match="line 1: expected the header symbol,kind,price, and any of tiers"):
            parse_instruments(header.encode(), None, "i.csv")


@pytest.mark.parametrize(("assets", "slots"), [(1, 13), (13, 13), (14, 28), (58, 58)])
def test_a_book_has_the_least_slots_that_are_enough(assets: int, slots: int, book: AssetList) -> None:
    assert book_size([book.assets[0]] * assets) == slots


def test_a_book_has_an_end(book: AssetList) -> None:
    with pytest.raises(InputError, match="at most 58"):
        book_size([book.assets[0]] * 59)
