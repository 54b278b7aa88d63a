"""A series of real prices, for demos and simulations."""

from pathlib import Path
from typing import Final, NamedTuple

from prover.formats import parse_table
from prover.market._units import PRICE_DECIMALS, parse_decimal
from verifier import PRICE_BITS, InputError, read_input_file

TIME_COLUMN: Final = "timestamp"
PRICE_COLUMN: Final = "open"

TIMESTAMP_BITS: Final = 64


class PricePoint(NamedTuple):
    """A price at a time.

    Attributes:
        timestamp: Unix seconds, below 2^64.
        price: [1e-9 USD], above 0 and below 2^64.
    """

    timestamp: int
    price: int


def load_price_series(path: Path) -> list[PricePoint]:
    """Read prices from CSV with a header that has `timestamp` and `open`; further columns are ignored.

    The price at the start of a candle is its open: a close belongs to the end of it.

    Args:
        path: UTF-8 CSV, a candle a row, the oldest first. Timestamps are Unix seconds.

    Returns:
        At least one point, strictly increasing in time, prices exact.

    Raises:
        InputError: with the line: no such file or header, another number of cells, a time that is no whole number or
            not after the one before, or a price that is no decimal string, out of range, or finer than 1e-9 USD.
    """
    points: list[PricePoint] = []
    for where, row in parse_table(read_input_file(path, str(path)), str(path), (TIME_COLUMN, PRICE_COLUMN), None):
        point = PricePoint(_timestamp(row[TIME_COLUMN], where), _price(row[PRICE_COLUMN], where))
        if points and point.timestamp <= points[-1].timestamp:
            raise InputError(f"{where}: the time is not after that of the row before")
        points.append(point)
    if not points:
        raise InputError(f"{path}: no prices")
    return points


def _timestamp(text: str, where: str) -> int:
    timestamp = parse_decimal(text, 0, f"{where}, {TIME_COLUMN}")
    if not 0 <= timestamp < 1 << TIMESTAMP_BITS:
        raise InputError(f"{where}: the time must be Unix seconds, from 0 to 2^{TIMESTAMP_BITS} - 1")
    return timestamp


def _price(text: str, where: str) -> int:
    price = parse_decimal(text, PRICE_DECIMALS, f"{where}, {PRICE_COLUMN}")
    if not 0 < price < 1 << PRICE_BITS:
        raise InputError(f"{where}: the price must be above 0 and below 2^{PRICE_BITS} units of 1e-9 USD")
    return price
