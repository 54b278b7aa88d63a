"""Amounts of ETH on the command line and in output: always with their unit."""

import re
from typing import Final

import typer

from prover.market import format_decimal, parse_decimal
from verifier import InputError

_DECIMALS: Final = {"eth": 18, "gwei": 9, "wei": 0}
_AMOUNT: Final = re.compile(r"([0-9.]+) ?([a-z]+)", re.IGNORECASE | re.ASCII)


def parse_ether(text: str) -> int:
    """Read an amount [wei]: a number and its unit, for 1 ETH and 1 wei are easily mistaken.

    Raises:
        typer.BadParameter: no such amount.
    """
    match = _AMOUNT.fullmatch(text.strip())
    decimals = _DECIMALS.get(match[2].lower()) if match else None
    if match is None or decimals is None:
        raise typer.BadParameter("expected an amount with its unit, such as 0.01eth, 5gwei or 7wei")
    try:
        return parse_decimal(match[1], decimals, "amount")
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


def ether(wei: int) -> str:
    """An amount [wei] in ETH, exact."""
    return f"{format_decimal(wei, _DECIMALS['eth'])} ETH"
