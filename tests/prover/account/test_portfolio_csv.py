"""prover/account/_portfolio_csv.py: positions from CSV are exact, or refused with the line and without the amount."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from cli.harness import EXAMPLES

from prover import Account, AssetList, PriceRound
from prover.account import Basis, Columns, Portfolio, Settlement, parse_portfolio
from prover.formats import DecimalMark
from prover.market import SymbolMap
from verifier import InputError

AMOUNT = "77.123456789"


def read(
    text: str | bytes,
    book: AssetList,
    columns: Columns | None = None,
    decimal: DecimalMark | None = None,
) -> Portfolio:
    data = text if isinstance(text, bytes) else text.encode()
    return parse_portfolio(data, SymbolMap(book, {"csv": {"XBT": "BTC-PERP"}}), "p.csv", columns, decimal)


def told(portfolio: Portfolio, book: AssetList) -> dict[str, str]:
    """Amounts by symbol; the settlement amount by its basis."""
    result = {book.assets[holding.slot].symbol: str(float(holding.size)) for holding in portfolio.holdings}
    if portfolio.settlement is not None:
        result[portfolio.settlement.basis.name] = str(float(portfolio.settlement.amount))
    return result


def test_the_example_is_read_unchanged(book: AssetList, round_1: PriceRound, account: Account) -> None:
    portfolio = read((EXAMPLES / "positions.csv").read_bytes(), book)
    state = portfolio.state(book, round_1)
    assert (state.balances[4], state.quote) == (-22_750_000_000, -876_200_250_000_000_000_000_000)
    assert state == account.state


@pytest.mark.parametrize(
    "text",
    [
        "symbol,amount\r\nWBTC,1.5\r\nCASH,0\r\n",
        "symbol,amount\nWBTC,1.5\nCASH,0",
        "\ufeffsymbol,amount\nWBTC,1.5\nCASH,0\n",
        'symbol,amount\n\n"WBTC", 1.5 \n\nCASH,0\n,\n',
        "symbol;amount\nWBTC;1,5\nCASH;0\n",
        "Asset\tQty\nWBTC\t1.5\nCASH\t0\n",
        "Note,Size,Symbol\nmine,1.5,WBTC\n,0,CASH\n",
        "symbol,amount\nwbtc,1.5e0\nCASH,0\nWETH,0\n",
        "symbol,amount,entry price (USD)\nWBTC,1.5,\nCASH,0,\n",
    ],
    ids=["windows", "no end", "mark", "quotes", "semicolons", "tabs", "other columns", "exponent", "entry"],
)
def test_what_spreadsheets_write_is_read(book: AssetList, text: str) -> None:
    assert told(read(text, book), book) == {"WBTC": "1.5", "CASH": "0.0"}


def test_thousands_may_be_set_apart(book: AssetList) -> None:
    portfolio = read('symbol,amount,entry\nXBT,"1,234.5","97,150.25"\nCASH,-1 000 000,\n', book)
    assert told(portfolio, book) == {"BTC-PERP": "1234.5", "CASH": "-1000000.0"}
    assert portfolio.holdings[0].entry == Fraction("97150.25")


def test_a_number_with_two_readings_needs_the_decimal_mark(book: AssetList) -> None:
    text = "symbol;amount\nWBTC;77.123\nCASH;0\n"
    with pytest.raises(InputError, match="line 2, amount: the number has two readings"):
        read(text, book)
    assert told(read(text, book, decimal=DecimalMark.COMMA), book)["WBTC"] == "77123.0"
    assert told(read(text, book, decimal=DecimalMark.POINT), book)["WBTC"] == "77.123"


@pytest.mark.parametrize(
    ("side", "amount", "held"),
    [
        ("long", "2", "2.0"),
        ("BUY", "2", "2.0"),
        ("short", "2", "-2.0"),
        ("Sell", "-2", "-2.0"),
        ("both", "-2", "-2.0"),
        ("", "-2", "-2.0"),
    ],
)
def test_a_column_may_say_the_side(book: AssetList, side: str, amount: str, held: str) -> None:
    portfolio = read(f"symbol,side,amount,entry\nBTC-PERP,{side},{amount},5\nCASH,,0,\n", book)
    assert told(portfolio, book)["BTC-PERP"] == held


def test_an_asset_may_stand_on_both_sides_and_on_each_once(book: AssetList) -> None:
    head = "symbol,side,amount,entry\n"
    portfolio = read(f"{head}BTC-PERP,long,3,5\nBTC-PERP,short,1,6\nCASH,,0,\n", book)
    assert portfolio.balances(book)[3] == 2 * 10**9
    with pytest.raises(InputError, match="line 3: the symbol is in line 2"):
        read(f"{head}BTC-PERP,long,3,5\nBTC-PERP,buy,1,6\nCASH,,0,\n", book)


@pytest.mark.parametrize(("name", "basis"), [("CASH", Basis.CASH), ("EQUITY", Basis.EQUITY), ("QUOTE", Basis.STATE)])
def test_the_row_of_the_settlement_currency_says_what_it_is(book: AssetList, name: str, basis: Basis) -> None:
    assert read(f"symbol,amount\n{name},5\n", book).settlement == Settlement(basis, Fraction(5))
    assert read("symbol,amount\nWBTC,1\n", book).settlement is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: expected a header"),
        (f"WBTC,{AMOUNT}\nCASH,0\n", "line 1: expected a header"),
        (f"symbol,note\nWBTC,{AMOUNT}\nCASH,0\n", "line 1: expected a header"),
        (f"symbol,size,amount\nWBTC,{AMOUNT},1\n", "line 1: columns 2 and 3 may both be the amount"),
        (
            f"symbol,amount\nCASH,{AMOUNT}\nGOLD,1\n",
            "line 3: the book perps-13 has no such symbol; valid symbols are WBTC, WETH",
        ),
        (f"symbol,amount\nCASH,{AMOUNT}\nBTC-PREP,1\n", "no such symbol; the nearest is BTC-PERP; valid symbols are"),
        (f"symbol,amount\n{AMOUNT},WBTC\nCASH,0\n", "line 2: the book perps-13 has no such symbol"),
        (f"symbol,amount\nCASH,0\nWBTC,{AMOUNT}\nWETH,2\nWBTC,{AMOUNT}\n", "line 5: the symbol is in line 3"),
        (f"symbol,amount\nCASH,{AMOUNT}\nQUOTE,{AMOUNT}\n", "line 3: a second row of the settlement currency"),
        ("symbol,amount\nWBTC\nCASH,0\n", "line 2: expected 2 cells as in the header, found 1"),
        ("symbol,amount\nCASH,0\nWBTC,77,123456789\n", "line 3: expected 2 cells as in the header, found 3"),
        (f"symbol,amount\nWBTC,{AMOUNT}1\nCASH,0\n", "line 2, amount: at most 9 digits after the point"),
        ("symbol,amount\nWBTC,\nCASH,0\n", "line 2, amount: expected a number"),
        ("symbol,amount\nWBTC,nan\nCASH,0\n", "line 2, amount: expected a number"),
        (f"symbol,amount,entry\nBTC-PERP,1,{AMOUNT}x\n", "line 2, entry: expected a number"),
        (f"symbol,amount,entry\nBTC-PERP,{AMOUNT},0\n", "line 2, entry: a price must be above 0"),
        (f"symbol,amount,mark\nBTC-PERP,{AMOUNT},-77\n", "line 2, mark: a price must be above 0"),
        (f"symbol,amount,side\nBTC-PERP,-{AMOUNT},long\n", "line 2: a long position with a negative amount"),
        (f"symbol,amount,side\nBTC-PERP,{AMOUNT},{AMOUNT}\n", "line 2: the side is neither long nor short"),
        (f'symbol,amount\nWBTC,"{AMOUNT}\nCASH,0\n', "not CSV"),
        (f"symbol,amount\nWBTC,{AMOUNT}\nCASH,0\n".encode("utf-16"), "not UTF-8 text"),
        (b"symbol,amount\nWBTC,77.123456789\x00\nCASH,0\n", "line 2"),
    ],
)
def test_anything_else_is_refused_with_its_line_and_without_the_amount(
    book: AssetList, text: str | bytes, complaint: str
) -> None:
    with pytest.raises(InputError, match=r"^p\.csv") as refusal:
        read(text, book)
    assert complaint in str(refusal.value)
    assert "77" not in str(refusal.value)


MAPPING = {
    "format": "zksolvency/columns/1",
    "symbol": "Contracts",
    "amount": "Qty.",
    "side": "Richtung",
    "entry": "Einstand",
    "long": ["Kauf"],
    "short": ["Verkauf"],
    "decimal": "comma",
    "symbols": {"Bitcoin": "BTC-PERP", "Guthaben": "CASH"},
}
MAPPED = "Contracts;Qty.;Richtung;Einstand\nBitcoin;1.234,5;Verkauf;97.150,5\nGuthaben;1.000;;\n"


def mapped(tmp_path: Path, book: AssetList, **changes: object) -> Columns:
    path = tmp_path / "columns.json"
    path.write_text(json.dumps(MAPPING | changes))
    return Columns.load(path, book)


def test_a_mapping_file_names_other_columns(book: AssetList, tmp_path: Path) -> None:
    portfolio = read(MAPPED, book, mapped(tmp_path, book))
    assert told(portfolio, book) == {"BTC-PERP": "-1234.5", "CASH": "1000.0"}
    assert portfolio.holdings[0].entry == Fraction("97150.5")


def test_a_column_that_the_mapping_names_must_be_there(book: AssetList, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="columns that the mapping file names"):
        read(MAPPED, book, mapped(tmp_path, book, entry="Kurs"))


def test_a_mapping_to_no_symbol_of_the_book_is_refused(book: AssetList, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'Bitcoin' means no symbol of the book; the nearest is BTC-PERP"):
        mapped(tmp_path, book, symbols={"Bitcoin": "BTC-PRP"})
