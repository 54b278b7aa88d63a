"""What is simulated with: rules of the engine, its liquidators, its fund. Rules have the defaults of a deployment."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field

from liquidator.risk import ImpactMethod
from prover.chain import LiquidationCurves, LiquidationTerms
from prover.liquidation import Auction
from prover.market import PPM, QUOTE_DECIMALS, Asset, AssetKind, PriceRound
from prover.storage import FileModel, validate_model
from verifier import InputError, VectorKind, read_input_file

_CURVES: Final = LiquidationCurves()
_TERMS: Final = LiquidationTerms()
_DOLLAR: Final = 10**QUOTE_DECIMALS

_Part = Annotated[float, Field(ge=0.0, le=1.0)]
_Above = Annotated[float, Field(gt=0.0)]
_Amount = Annotated[float, Field(ge=0.0)]
_Basis = Annotated[int, Field(ge=0, le=10_000)]
_Seconds = Annotated[int, Field(ge=0, le=86_400)]


class SimulationTerms(FileModel):
    """Parameters of a market. Rates are in 1e-4 of the margin taken, as in `LiquidationCurves`.

    Attributes:
        round_interval: between two price rounds [s].
        deviation: how far a price may move in a minute without a confirmation, as a part of its initial margin.
        margin_scale: what initial and maintenance fractions of the book are multiplied with.
        cure_window: as in `Auction`, like the ramps and the lifetime [s].
        floor: where the covered rate begins.
        cap: where it ends.
        ramp: from floor to cap [s].
        uncovered_cap: where the uncovered rate ends.
        uncovered_ramp: from the flag to there [s].
        flag_lifetime: of a flag [s].
        buffer: the most health that a takeover may leave [1e-4 of the margin left].
        least_share: the part of the margin that is taken at least [1e-4].
        least_amount: the margin that is enough where `least_share` is more [USD].
        dust: the margin up to which an account may be sold whole [USD].
        fund: what the insurance fund has at the start [USD].
        fund_round: the part of it that pays in one round.
        fund_day: the part that pays at once, and is forgotten within a day.
        liquidators: how many compete.
        capital: of each liquidator [USD].
        spread: half of it, as a part of what is traded.
        gas: of a takeover [USD].
        least_profit: for which a liquidator works, as a part of what it takes.
        risk: what they ask for holding what they take, in deviations of its price until it is closed.
        participation: the most that all liquidators trade, as a part of the volume of a market.
        impact: how a trade moves a price.
        memory: in which the impact of a trade fades to 1/e [s].
    """

    round_interval: Annotated[int, Field(ge=1, le=3_600)] = 60
    deviation: _Above = 1.0 / 3.0
    margin_scale: _Above = 1.0
    cure_window: _Seconds = 60
    floor: _Basis = _CURVES.maintenance_floor
    cap: _Basis = _CURVES.maintenance_cap
    ramp: _Seconds = _CURVES.maintenance_ramp
    uncovered_cap: _Basis = _CURVES.uncovered_cap
    uncovered_ramp: _Seconds = _CURVES.uncovered_ramp
    flag_lifetime: _Seconds = _TERMS.flag_lifetime
    buffer: _Basis = _TERMS.maintenance_buffer
    least_share: _Basis = _TERMS.least_share
    least_amount: _Amount = _TERMS.least_amount / _DOLLAR
    dust: _Amount = _TERMS.dust / _DOLLAR
    fund: _Amount = 1_000_000.0
    fund_round: _Part = 0.1
    fund_day: _Part = 0.3
    liquidators: Annotated[int, Field(ge=0, le=100)] = 5
    capital: _Amount = 2_000_000.0
    spread: _Part = 0.0005
    gas: _Amount = 2.0
    least_profit: _Part = 0.0005
    risk: _Amount = 1.0
    participation: _Above = 0.1
    impact: Annotated[ImpactMethod, Field(strict=False)] = ImpactMethod.SQUARE_ROOT
    memory: _Above = 86_400.0

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file; what it leaves out has its default.

        Raises:
            InputError: no TOML, an unknown name, or a value out of range.
        """
        return cls.of(parse_toml(path, "terms"), f"terms {path}")

    @classmethod
    def of(cls, values: Mapping[str, Any], where: str) -> Self:
        """Check values by name. Raises as `load`."""
        made = validate_model(cls, dict(values), where)
        if not made.floor <= made.cap:
            raise InputError(f"{where}: floor is above cap")
        if made.flag_lifetime < made.cure_window + max(made.ramp, made.uncovered_ramp):
            raise InputError(f"{where}: flag_lifetime ends before a ramp does")
        return made

    def changed(self, **values: Any) -> Self:
        """With other values. Raises as `load`."""
        return type(self).of(self.model_dump(mode="json") | values, "terms")

    @cached_property
    def auction(self) -> Auction:
        """That of maintenance margin."""
        terms = LiquidationTerms(
            maintenance_buffer=self.buffer,
            least_share=self.least_share,
            least_amount=round(self.least_amount * _DOLLAR),
            dust=round(self.dust * _DOLLAR),
            flag_lifetime=self.flag_lifetime,
        )
        curves = LiquidationCurves(
            maintenance_floor=self.floor,
            maintenance_cap=self.cap,
            maintenance_ramp=self.ramp,
            uncovered_cap=self.uncovered_cap,
            uncovered_ramp=self.uncovered_ramp,
        )
        return Auction.of(terms, curves, VectorKind.MAINTENANCE, self.cure_window)

    def scaled(self, round_: PriceRound) -> PriceRound:
        """The round of a book whose margins are multiplied with `margin_scale`. Raises InputError above 100 %."""
        if self.margin_scale == 1.0:
            return round_
        assets = tuple(self._scaled(asset) for asset in round_.book.assets)
        return replace(round_, book=replace(round_.book, assets=assets))

    def _scaled(self, asset: Asset) -> Asset:
        option = asset.option
        if option is not None:
            option = replace(
                option,
                short_initial_ppm=self._ppm(option.short_initial_ppm),
                short_maintenance_ppm=self._ppm(option.short_maintenance_ppm),
                underlying_initial_ppm=self._ppm(option.underlying_initial_ppm),
                underlying_maintenance_ppm=self._ppm(option.underlying_maintenance_ppm),
            )
        return replace(
            asset,
            initial_margin_ppm=self._ppm(asset.initial_margin_ppm),
            maintenance_margin_ppm=self._ppm(asset.maintenance_margin_ppm),
            option=option,
            limits=None,  # of the fractions that it was listed with
        )

    def _ppm(self, fraction: int) -> int:
        return min(max(round(fraction * self.margin_scale), 1), PPM)

    def deviations(self, round_: PriceRound, symbols: tuple[tuple[str, ...], ...]) -> tuple[float, ...]:
        """How far the price of each asset may move in a minute: as far as any symbol that follows it may.

        Args:
            round_: of the book, whose margins are those of these terms.
            symbols: that follow each asset.
        """
        assets = round_.book.assets
        listed = {asset.symbol: asset for asset in assets if asset.kind is not AssetKind.OPTION}
        return tuple(
            min(listed[symbol].initial_margin_ppm for symbol in names) / PPM * self.deviation for names in symbols
        )


def parse_toml(path: Path, what: str) -> dict[str, Any]:
    """Read a TOML file. Raises InputError when it is none."""
    where = f"{what} {path}"
    try:
        return tomllib.loads(read_input_file(path, where).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: it is no TOML: {error}") from None
