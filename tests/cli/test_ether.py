"""prover/cli/_ether.py: an amount without its unit is none."""

import pytest
import typer

from prover.cli._ether import ether, parse_ether


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("0.01eth", 10**16),
        ("1 ETH", 10**18),
        ("0.000000000000000001eth", 1),
        ("5gwei", 5 * 10**9),
        ("0.5gwei", 5 * 10**8),
        ("7wei", 7),
        ("0eth", 0),
    ],
)
def test_an_amount_is_read_exactly(text: str, wei: int) -> None:
    assert parse_ether(text) == wei


@pytest.mark.parametrize(
    "text",
    ["", "5", "0.01", "eth", "5 btc", "-1eth", "1e3wei", "0.5wei", "0.0000000000000000001eth", "1.2.3eth", ".eth"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_ether(text)


def test_an_amount_is_told_in_eth() -> None:
    assert (ether(10**16), ether(1), ether(0)) == ("0.01 ETH", "0.000000000000000001 ETH", "0 ETH")
