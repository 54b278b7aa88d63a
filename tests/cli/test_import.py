"""prover/_import.py: positions from CSV are exact, or refused with the line and without the amount."""

import pytest
from cli.harness import EXAMPLES

from prover import AssetList
from prover._import import parse_positions
from verifier import InputError

AMOUNT = "77.123456789"


def read(text: str | bytes, book: AssetList) -> tuple[dict[str, str], str]:
    return parse_positions(text if isinstance(text, bytes) else text.encode(), book, "p.csv")


def test_the_example_is_read_as_it_stands(book: AssetList) -> None:
    positions, quote = read((EXAMPLES / "positions.csv").read_bytes(), book)
    assert positions["ETH-PERP"] == "-22.75"
    assert len(positions) == 6
    assert quote == "-876200.25"


@pytest.mark.parametrize(
    "text",
    [
        "symbol,amount\r\nWBTC,1.5\r\nQUOTE,0\r\n",
        "symbol,amount\nWBTC,1.5\nQUOTE,0",
        "\ufeffsymbol,amount\nWBTC,1.5\nQUOTE,0\n",
        'symbol,amount\n\n"WBTC", 1.5 \n\nQUOTE,0\n',
    ],
    ids=["windows", "no last newline", "byte order mark", "quotes, spaces, empty lines"],
)
def test_what_spreadsheets_write_is_read(book: AssetList, text: str) -> None:
    assert read(text, book) == ({"WBTC": "1.5"}, "0")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: expected the header symbol,amount"),
        (f"WBTC,{AMOUNT}\nQUOTE,0\n", "line 1: expected the header"),
        (f"amount,symbol\n{AMOUNT},WBTC\nQUOTE,0\n", "line 1: expected the header"),
        (f"symbol,amount,note\nWBTC,{AMOUNT},x\nQUOTE,0\n", "line 1: expected the header"),
        (f"symbol,amount\nWBTC,{AMOUNT}\n", "no row for QUOTE"),
        (f"symbol,amount\nQUOTE,{AMOUNT}\nGOLD,1\n", "line 3: the book perps-13 has no such symbol"),
        (f"symbol,amount\n{AMOUNT},WBTC\nQUOTE,0\n", "line 2: the book perps-13 has no such symbol"),
        (f"symbol,amount\nQUOTE,0\nWBTC,{AMOUNT}\nWETH,2\nWBTC,{AMOUNT}\n", "line 5: the symbol stands in line 3"),
        (f"symbol,amount\nQUOTE,{AMOUNT}\nQUOTE,{AMOUNT}\n", "line 3: the symbol stands in line 2"),
        ("symbol,amount\nWBTC\nQUOTE,0\n", "line 2: expected a symbol and an amount, found 1 cells"),
        ("symbol,amount\nQUOTE,0\nWBTC,77,123456789\n", "line 3: expected a symbol and an amount, found 3 cells"),
        ("symbol,amount\nWBTC,7.7123456789e1\nQUOTE,0\n", "line 2: expected a decimal string"),
        (f"symbol,amount\nWBTC,{AMOUNT}1\nQUOTE,0\n", "line 2: at most 9 digits after the point"),
        ("symbol,amount\nWBTC,\nQUOTE,0\n", "line 2: expected a decimal string"),
        ("symbol,amount\nWBTC,nan\nQUOTE,0\n", "line 2: expected a decimal string"),
        ("symbol,amount\nWBTC,\u0661\nQUOTE,0\n", "line 2: expected a decimal string"),
        (f'symbol,amount\nWBTC,"{AMOUNT}\nQUOTE,0\n', "not CSV"),
        (f"symbol,amount\nWBTC,{AMOUNT}\nQUOTE,0\n".encode("utf-16"), "not UTF-8 text"),
        (b"symbol,amount\nWBTC,77.123456789\x00\nQUOTE,0\n", "line 2"),
    ],
)
def test_anything_else_is_refused_with_its_line_and_without_the_amount(
    book: AssetList, text: str | bytes, complaint: str
) -> None:
    with pytest.raises(InputError, match=r"^p\.csv") as refusal:
        read(text, book)
    assert complaint in str(refusal.value)
    assert "77" not in str(refusal.value)
