"""Margin fractions from the leverage tiers that exchanges publish."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from prover.market._units import PPM
from verifier import InputError, read_input_file

MAX_BYTES: Final = 64 << 20
"""The tiers of every contract of a large exchange are a few megabytes."""

_CCXT: Final = ("minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage")
_BINANCE: Final = ("notionalFloor", "notionalCap", "maintMarginRatio", "initialLeverage")


@dataclass(frozen=True, slots=True)
class Tier:
    """What an exchange asks of positions from one size to another.

    Attributes:
        floor: the least size [USDT], taken as USD.
        cap: the greatest size [USDT].
        maintenance_rate: maintenance margin as a fraction of the size.
        max_leverage: how many times the margin a position may be when it is opened.
    """

    floor: Decimal
    cap: Decimal
    maintenance_rate: Decimal
    max_leverage: Decimal

    def maintenance_ppm(self) -> int:
        """Maintenance fraction [ppm], rounded up."""
        return int((self.maintenance_rate * PPM).to_integral_value(ROUND_CEILING))

    def initial_ppm(self) -> int:
        """Initial fraction [ppm]: 1 / leverage, rounded up: rounded down it would allow more leverage."""
        return int((PPM / self.max_leverage).to_integral_value(ROUND_CEILING))


def load_tiers(path: Path) -> dict[str, list[Tier]]:
    """Read the tiers of each contract, by the name that the file has for it.

    Args:
        path: JSON: what `fetch_leverage_tiers` of ccxt answers (by symbol, lists of `minNotional`, `maxNotional`,
            `maintenanceMarginRate`, `maxLeverage`), or what `/fapi/v1/leverageBracket` of Binance answers.

    Raises:
        InputError: unreadable, another format, or tiers that do not fit together.
    """
    where = f"tiers {path}"
    try:
        content = json.loads(read_input_file(path, where, MAX_BYTES), parse_float=str, parse_int=str)
    except ValueError:
        raise InputError(f"{where}: not JSON") from None
    if isinstance(content, dict):
        content = content.get("tiers", content)
    if isinstance(content, list):
        content = {item.get("symbol"): item.get("brackets") for item in content if isinstance(item, dict)}
    if not isinstance(content, dict) or not content:
        raise InputError(f"{where}: expected tiers by symbol")
    return {str(symbol): tiers_of(rows, f"{where}, {str(symbol)[:40]}") for symbol, rows in content.items()}


def tiers_of(rows: Any, where: str) -> list[Tier]:
    """Tiers by size, without gaps, each stricter than the one before.

    Args:
        rows: a row a tier, every number as its text.
        where: names them in errors.

    Raises:
        InputError: another format, or they do not fit together.
    """
    if not isinstance(rows, Sequence) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(f"{where}: expected a list of tiers")
    names = _BINANCE if _BINANCE[0] in rows[0] else _CCXT
    tiers = sorted((_tier(row, names, where) for row in rows), key=lambda tier: tier.floor)
    for below, above in itertools.pairwise(tiers):
        stricter = below.maintenance_rate <= above.maintenance_rate and below.max_leverage >= above.max_leverage
        if below.cap != above.floor or not stricter:
            raise InputError(f"{where}: tiers below and above {above.floor} do not fit together")
    return tiers


def tier_at(tiers: Sequence[Tier], size: Decimal, where: str) -> Tier:
    """The tier that holds a position; the stricter one where two meet.

    Args:
        tiers: by size.
        size: of the position [USD].
        where: names the contract in errors.

    Raises:
        InputError: no position of that size is allowed.
    """
    holding = [tier for tier in tiers if tier.floor <= size <= tier.cap]
    if not holding:
        raise InputError(f"{where}: no tier holds a position of {size} USD")
    return holding[-1]


def _tier(row: Mapping[str, Any], names: Sequence[str], where: str) -> Tier:
    try:
        floor, cap, rate, leverage = (Decimal(str(row[name])) for name in names)
        if not (floor >= 0 and cap > floor and 0 < rate <= 1 and 1 <= leverage <= PPM):  # NaN raises
            raise InputError(f"{where}: a tier is out of range")
    except (KeyError, InvalidOperation):
        raise InputError(f"{where}: a tier has not the numbers {', '.join(names)}") from None
    return Tier(floor, cap, rate, leverage)
