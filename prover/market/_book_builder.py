"""Books from a list of instruments: fractions, limits and terms by the rules of docs/guides/risk-parameters.md."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from prover.formats import format_iso, parse_number, parse_table, parse_utc
from prover.market._book import BOOK_SIZES, DEFAULT_LAMBDAS_PPM, Asset, AssetKind, OptionTerms
from prover.market._leverage_tiers import Tier, tier_at
from prover.market._listing import LIMITS_IN_MARGIN, Limits
from prover.market._units import BALANCE_DECIMALS, PPM, PRICE_DECIMALS, format_decimal
from verifier import InputError

NEEDED: Final = ("symbol", "kind", "price")
"""Columns of every file of instruments."""

FURTHER: Final = ("tiers", "maintenance", "initial", "decimals", "underlying", "strike", "move", "expires")
"""Columns that a file may have."""

OPTION_PPM: Final = (750_000, 1_000_000)
"""Maintenance and initial [ppm of the option's own price], on either side."""

UNDERLYING_PPM: Final = (100_000, 150_000)
"""Maintenance and initial of the short side of an option [ppm of the underlying's price, or of the strike]."""

_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,31}")
_LEAST, _GREATEST = Fraction(1, 10), 100
"""Prices count from a tenth to a hundred times of what they are."""


@dataclass(frozen=True)
class TierTable:
    """Leverage tiers, and the largest position that a book is made for.

    Attributes:
        tiers: by the name of a contract.
        size: of the position [USD].
    """

    tiers: Mapping[str, Sequence[Tier]]
    size: Decimal

    def fractions(self, name: str, where: str) -> tuple[int, int, int]:
        """Maintenance, initial and floor of a contract [ppm]. Raises InputError when it has no tiers of that size."""
        if name not in self.tiers:
            raise InputError(f"{where}: the tiers have no contract {name[:40]!r}")
        tiers = self.tiers[name]
        tier = tier_at(tiers, self.size, where)
        return tier.maintenance_ppm(), tier.initial_ppm(), tiers[0].maintenance_ppm()


def listed_asset(
    symbol: str,
    kind: AssetKind,
    fractions_ppm: tuple[int, int, int],
    prices: tuple[int, int],
    *,
    decimals: int = BALANCE_DECIMALS,
    move: int = 0,
    option: OptionTerms | None = None,
    expires_at: int = 0,
) -> Asset:
    """An asset whose initial fraction a steward can double at most, and whose limit is a third of it.

    Args:
        symbol: of the asset.
        kind: what it is.
        fractions_ppm: maintenance, initial, and the least that maintenance may become [ppm].
        prices: the least and the greatest one that count [1e-9 USD].
        decimals: of a spot asset's token.
        move: how far any price may move in a minute [1e-9 USD].
        option: terms of an option.
        expires_at: Unix seconds; 0 for never.
    """
    maintenance, initial, floor = fractions_ppm
    deviation = initial // LIMITS_IN_MARGIN
    limits = Limits(decimals, floor, min(2 * initial, PPM), deviation, move, *prices)
    return Asset(symbol, kind, initial, maintenance, option, limits, expires_at)


def option_terms(underlying: str, strike: int, own_ppm: tuple[int, int] = OPTION_PPM) -> OptionTerms:
    """The terms of an option.

    Args:
        underlying: symbol of the asset it is on.
        strike: of a put [1e-9 USD]; 0 for a call.
        own_ppm: maintenance and initial fraction of its own price [ppm].
    """
    maintenance, initial = own_ppm
    under_maintenance, under_initial = UNDERLYING_PPM
    return OptionTerms(underlying, strike, initial, maintenance, under_initial, under_maintenance)


def parse_instruments(data: bytes, tiers: TierTable | None, where: str) -> tuple[Asset, ...]:
    """Read instruments from CSV, and choose fractions and limits for each.

    Args:
        data: header of `NEEDED` and any of `FURTHER`; a row an asset.
        tiers: for the rows that name a contract in the column `tiers`.
        where: names the file in errors.

    Raises:
        InputError: with the line: a column or number missing, an unknown kind or underlying, or no tier.
    """
    instruments = [_Instrument(cells, at, tiers) for at, cells in parse_table(data, where, NEEDED, FURTHER)]
    plain = {item.symbol: item.asset() for item in instruments if item.kind is not AssetKind.OPTION}
    return tuple(plain[item.symbol] if item.symbol in plain else item.option(plain) for item in instruments)


class _Instrument:
    """A row of the file."""

    def __init__(self, cells: Mapping[str, str], where: str, tiers: TierTable | None) -> None:
        self._cells = cells
        self._where = where
        self._tiers = tiers
        self.symbol = cells["symbol"].upper()
        if not _SYMBOL.fullmatch(self.symbol):
            raise InputError(f"{where}: a symbol has letters, digits, dots and hyphens, at most 32")
        kinds = {kind.value: kind for kind in AssetKind}
        if cells["kind"].lower() not in kinds:
            raise InputError(f"{where}: the kind is one of {', '.join(kinds)}")
        self.kind = kinds[cells["kind"].lower()]

    def asset(self) -> Asset:
        """A spot asset or perpetual."""
        price = self._usd("price")
        prices = (int(price * _LEAST), price * _GREATEST)
        if self.kind is AssetKind.SPOT:
            decimals = self._number("decimals")
            if decimals is None or decimals.denominator != 1:
                raise InputError(f"{self._where}: a spot asset needs the decimals of its token")
            return listed_asset(self.symbol, self.kind, self._fractions(), prices, decimals=int(decimals))
        return listed_asset(self.symbol, self.kind, self._fractions(), prices, expires_at=self._expiry())

    def option(self, plain: Mapping[str, Asset]) -> Asset:
        """An option on one of the other assets. A put is worth its strike at most, a call its underlying."""
        underlying = plain.get(self._cells.get("underlying", "").upper())
        if underlying is None or underlying.limits is None:
            raise InputError(f"{self._where}: an option needs the symbol of its underlying, a spot asset or perpetual")
        strike = self._usd("strike") if self._cells.get("strike") else 0
        given = self._given_fractions()
        own = OPTION_PPM if given is None else given
        least = underlying.limits.least_price
        move = self._usd("move") if self._cells.get("move") else least * UNDERLYING_PPM[1] // PPM // LIMITS_IN_MARGIN
        return listed_asset(
            self.symbol,
            self.kind,
            (*own, own[0] // 2),
            (0, strike or underlying.limits.greatest_price),
            move=move,
            option=option_terms(underlying.symbol, strike, own),
            expires_at=self._expiry(),
        )

    def _fractions(self) -> tuple[int, int, int]:
        given, contract = self._given_fractions(), self._cells.get("tiers", "")
        if contract and given is not None:
            raise InputError(f"{self._where}: give tiers, or maintenance and initial, not both")
        if contract:
            if self._tiers is None:
                raise InputError(f"{self._where}: the row names tiers; add --tiers FILE and --size USD")
            return self._tiers.fractions(contract, self._where)
        if given is None:
            raise InputError(
                f"{self._where}: no margin fractions; fill in tiers, or maintenance and initial, such as 0.05"
            )
        return (*given, given[0] // 2)

    def _given_fractions(self) -> tuple[int, int] | None:
        numbers = [self._number(name) for name in ("maintenance", "initial")]
        if numbers == [None, None]:
            return None
        maintenance, initial = (None if number is None else number * PPM for number in numbers)
        if maintenance is None or initial is None or maintenance.denominator != 1 or initial.denominator != 1:
            raise InputError(f"{self._where}: maintenance and initial are fractions such as 0.05, to a millionth")
        return int(maintenance), int(initial)

    def _expiry(self) -> int:
        text = self._cells.get("expires", "")
        return parse_utc(text, f"{self._where}, expires") if text else 0

    def _number(self, name: str) -> Fraction | None:
        text = self._cells.get(name, "")
        return parse_number(text, f"{self._where}, {name}") if text else None

    def _usd(self, name: str) -> int:
        number = self._number(name)
        units = None if number is None else number * 10**PRICE_DECIMALS
        if units is None or units <= 0 or units.denominator != 1:
            raise InputError(f"{self._where}: {name} is a price in USD above 0, to {PRICE_DECIMALS} digits")
        return int(units)


def book_size(assets: Sequence[Asset]) -> int:
    """The least number of slots that holds the assets. Raises InputError for too many."""
    sizes = [size for size in BOOK_SIZES if size >= len(assets)]
    if not sizes:
        raise InputError(f"{len(assets)} assets: a book has at most {BOOK_SIZES[-1]}")
    return sizes[0]


def book_text(name: str, n: int, assets: Sequence[Asset], lambdas_ppm: tuple[int, int] = DEFAULT_LAMBDAS_PPM) -> str:
    """A book file, an asset a line. Arguments are the attributes of an `AssetList`."""
    lines = ",\n".join(f"    {json.dumps(_row(asset))}" for asset in assets)
    head = f'"format": "zksolvency/book/1",\n  "name": "{name}",\n  "n": {n}'
    if lambdas_ppm != DEFAULT_LAMBDAS_PPM:
        head += f',\n  "lambda_initial_ppm": {lambdas_ppm[0]},\n  "lambda_maintenance_ppm": {lambdas_ppm[1]}'
    return f'{{\n  {head},\n  "assets": [\n{lines}\n  ]\n}}\n'


def _row(asset: Asset) -> dict[str, object]:
    """An asset as a book file has it."""
    result: dict[str, object] = {
        "symbol": asset.symbol,
        "kind": asset.kind.value,
        "initial_margin_ppm": asset.initial_margin_ppm,
        "maintenance_margin_ppm": asset.maintenance_margin_ppm,
    }
    if asset.option is not None:
        strike = {"strike": _price(asset.option.strike)} if asset.option.strike else {}
        result["option"] = {
            "underlying": asset.option.underlying,
            **strike,
            "short_initial_margin_ppm": asset.option.short_initial_ppm,
            "short_maintenance_margin_ppm": asset.option.short_maintenance_ppm,
            "underlying_initial_margin_ppm": asset.option.underlying_initial_ppm,
            "underlying_maintenance_margin_ppm": asset.option.underlying_maintenance_ppm,
        }
    if asset.limits is not None:
        result["limits"] = {
            "decimals": asset.limits.decimals,
            "floor_ppm": asset.limits.floor_ppm,
            "ceiling_ppm": asset.limits.ceiling_ppm,
            "deviation_ppm": asset.limits.deviation_ppm,
            "deviation_amount": _price(asset.limits.deviation_amount),
            "least_price": _price(asset.limits.least_price),
            "greatest_price": _price(asset.limits.greatest_price),
        }
    if asset.expires_at:
        result["expires"] = format_iso(asset.expires_at)
    return result


def _price(amount: int) -> str:
    """A price as a book file has it [1e-9 USD]."""
    return format_decimal(amount, PRICE_DECIMALS)
