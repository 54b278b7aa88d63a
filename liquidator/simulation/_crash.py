"""Crashes by name and by file: how far prices went, and when."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field

from liquidator.risk import AssetMarket
from liquidator.simulation._paths import Point
from liquidator.simulation._terms import parse_toml
from prover.storage import FileModel, validate_model
from verifier import InputError

_OTHER: Final = "OTHER"
_PERPETUAL: Final = "-PERP"


class CrashPoint(FileModel):
    """Of a course.

    Attributes:
        hours: after the start.
        moves: by name of an asset, as a part of the price at the start; OTHER for all without one of their own.
    """

    hours: Annotated[float, Field(gt=0.0, le=240.0)]
    moves: dict[str, Annotated[float, Field(gt=-1.0, le=10.0)]]


class Crash(FileModel):
    """A course of prices.

    Attributes:
        title: what it is.
        volatility: of the noise between two points, a day.
        sources: of its figures.
        notes: what is assumed.
        course: points in the order of time.
    """

    title: str
    volatility: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    sources: tuple[str, ...] = ()
    notes: str = ""
    course: Annotated[tuple[CrashPoint, ...], Field(min_length=1)]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file. Raises InputError when it is malformed, or its times do not rise."""
        where = f"crash {path}"
        made = validate_model(cls, parse_toml(path, "crash"), where)
        hours = [point.hours for point in made.course]
        if hours != sorted(set(hours)):
            raise InputError(f"{where}: the hours of its course do not rise")
        return made

    def points(self, markets: Sequence[AssetMarket]) -> list[Point]:
        """The course of each market. Raises InputError for one that has neither moves of its own nor OTHER."""
        return [Point(point.hours, tuple(_move(point, market.symbols) for market in markets)) for point in self.course]


def named_crashes() -> dict[str, Crash]:
    """The crashes that the package knows, by name."""
    with as_file(files("liquidator.simulation") / "crashes.toml") as path:
        tables = parse_toml(path, "crashes")
    return {name: validate_model(Crash, table, f"crash {name}") for name, table in tables.items()}


def load_crash(name: str) -> Crash:
    """A crash by its name, or by the path of a file.

    Raises:
        InputError: as `Crash.load`; or there is neither.
    """
    known = named_crashes()
    if name in known:
        return known[name]
    if not name.endswith(".toml"):
        raise InputError(f"scenario {name}: it is none of {', '.join(known)}; name one, or a .toml file")
    return Crash.load(Path(name))


def _move(point: CrashPoint, symbols: Sequence[str]) -> float:
    names = [*symbols, *(symbol.removesuffix(_PERPETUAL).removeprefix("W") for symbol in symbols), _OTHER]
    found = next((point.moves[name] for name in names if name in point.moves), None)
    if found is None:
        raise InputError(f"scenario: it has no move of {symbols[0]} after {point.hours} hours, and none of {_OTHER}")
    return found
