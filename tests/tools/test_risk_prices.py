"""What is taken out of the published file of days."""

import pytest

from tools.risk_prices import daily

HEADER = ",BTC:open,BTC:high,BTC:low,BTC:close,BTC:volume,ETH:open,ETH:high,ETH:low,ETH:close,ETH:volume"
ROWS = [
    HEADER,
    "2017-11-08,7118.8,7879,7018,7450,10.5,,,,,",
    "2017-11-09,7450.1,7495,7080,7140,2,322.15,331.7,317,320,3",
]


@pytest.mark.parametrize(
    ("asset", "expected"),
    [
        ("BTC", "1510099200,7118.8,7879,7018,74747\n1510185600,7450.1,7495,7080,14900\n"),
        ("ETH", "1510185600,322.15,331.7,317,966\n"),
    ],
)
def test_days_with_every_price_are_taken(asset: str, expected: str) -> None:
    assert daily(ROWS, asset) == f"timestamp,open,high,low,volume\n{expected}"
