"""What `book deploy` is told."""

import re
from typing import Final, NamedTuple

import typer

from prover.chain import BookSettings
from prover.cli._options import as_address, parse_address
from prover.onchain import require_valid_settings
from verifier import InputError

_SETTING: Final = re.compile(r"^[a-z_]+(?=:)|\b[a-z]+_[a-z_]+\b")
_REPEATED: Final = {"reporters": "reporter", "guardians": "guardian"}
"""Options that are given once for each."""


class TokenAddress(NamedTuple):
    """What --token says."""

    symbol: str
    address: str


def parse_token(text: str) -> TokenAddress:
    """Read SYMBOL=ADDRESS.

    Raises:
        typer.BadParameter: not of that form.
    """
    symbol, equals, address = text.partition("=")
    if not (symbol and equals):
        raise typer.BadParameter("expected SYMBOL=ADDRESS, such as USD=0x and 40 hex digits")
    return TokenAddress(symbol, as_address(parse_address(address)))


class TokenAmount(NamedTuple):
    """What --least-outflow says."""

    symbol: str
    amount: str


def parse_token_amount(text: str) -> TokenAmount:
    """Read SYMBOL=AMOUNT; the amount is read when the decimals of the token are known.

    Raises:
        typer.BadParameter: not of that form.
    """
    symbol, equals, amount = text.partition("=")
    if not (symbol and equals and amount):
        raise typer.BadParameter("expected SYMBOL=AMOUNT, such as USD=100000")
    return TokenAmount(symbol, amount)


def checked_settings(settings: BookSettings) -> BookSettings:
    """The settings, refused where the constructors would refuse them.

    Raises:
        InputError: names the options to be mended.
    """
    try:
        require_valid_settings(settings)
    except InputError as error:
        raise InputError(_SETTING.sub(lambda match: _option(match[0]), str(error))) from None
    return settings


def _option(setting: str) -> str:
    """The option that sets a field of `BookSettings`."""
    return "--" + _REPEATED.get(setting, setting).replace("_", "-")
