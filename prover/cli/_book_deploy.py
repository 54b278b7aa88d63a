"""What `book deploy` is told."""

import re
from typing import Final, NamedTuple

import typer

from prover.chain import BookSettings, FixedRates
from prover.cli._options import as_address, parse_address
from prover.market import parse_decimal
from prover.onchain import EngineSettings, require_valid_settings
from verifier import InputError

_SETTING: Final = re.compile(r"^[a-z_]+(?=:)|\b[a-z]+_[a-z_]+\b")
_REPEATED: Final = {"reporters": "reporter", "guardians": "guardian"}
"""Options that are given once for each."""

RATE_DECIMALS: Final = 2
"""A rate is in 1e-4, and is given in percent."""


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


def parse_fixed_rates(text: str) -> FixedRates:
    """Read MAINTENANCE,OVERDRAFT,UNCOVERED in percent.

    Raises:
        typer.BadParameter: not of that form.
    """
    try:
        rates = [parse_decimal(part, RATE_DECIMALS, "rate") for part in text.split(",")]
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    if len(rates) != len(FixedRates._fields):
        raise typer.BadParameter("expected three rates in percent, such as 10,0.5,5")
    return FixedRates(*rates)


def engine_settings(*, engine: bool, fixed_rates: FixedRates | None) -> EngineSettings | None:
    """Of the engine that is asked for; None for a book without one.

    Raises:
        InputError: rates without an engine, or rates that no engine has.
    """
    if fixed_rates is None:
        return EngineSettings() if engine else None
    if not engine:
        raise InputError("--fixed-rates goes with --engine")
    return EngineSettings(curves=fixed_rates)


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
