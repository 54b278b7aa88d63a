"""Tables by the headings of their columns."""

import pytest

from prover.formats import TableRow, parse_table
from verifier import InputError

AMOUNT = "77.123456789"


def read(text: str, further: tuple[str, ...] | None = ("note",)) -> list[TableRow]:
    return parse_table(text.encode(), "file", ("symbol", "amount"), further)


def test_columns_are_named_in_any_order_and_case() -> None:
    rows = read("Amount,NOTE, symbol\n1,,BTC\n\n,,\n2, b ,ETH\n")
    assert rows == [
        TableRow("file, line 2", {"amount": "1", "note": "", "symbol": "BTC"}),
        TableRow("file, line 5", {"amount": "2", "note": "b", "symbol": "ETH"}),
    ]


def test_a_table_may_have_no_rows() -> None:
    assert read("symbol,amount\n") == []


def test_other_columns_are_passed_on_where_any_may_be_there() -> None:
    assert read("symbol,amount,x\na,1,2\n", None)[0].cells["x"] == "2"


@pytest.mark.parametrize("header", ["", "symbol", "symbol,amount,price", "symbol,amount,amount", f"{AMOUNT},amount"])
def test_another_header_is_refused_without_being_shown(header: str) -> None:
    with pytest.raises(InputError) as refused:
        read(f"{header}\nBTC,1\n")
    assert str(refused.value) == "file, line 1: expected the header symbol,amount, and any of note"
    if "amount,amount" not in header:
        return
    with pytest.raises(InputError):
        read(f"{header}\nBTC,1,2\n", None)


@pytest.mark.parametrize(("row", "found"), [(AMOUNT, 1), (f"BTC,{AMOUNT},x", 3)])
def test_a_row_of_another_length_is_refused_without_being_shown(row: str, found: int) -> None:
    with pytest.raises(InputError) as refused:
        read(f"symbol,amount\nBTC,1\n{row}\n")
    assert str(refused.value) == f"file, line 3: expected 2 cells as in the header, found {found}"
