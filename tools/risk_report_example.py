"""The report that the guide on reading one shows: drawn accounts at the example round, real prices of 2018.

    python -m tools.risk_report_example

It writes the pictures of the guide, and the page with all tables to build/risk-report/report.html.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np

from prover.account import Account, Domain, OwnerKeys
from prover.market import PRICE_DECIMALS
from prover.toolchain import load_book, load_round

ROOT: Final = Path(__file__).parent.parent
PICTURES: Final = ("health", "distance", "concentration", "cascades")
MARKETS: Final = ("WBTC,BTC-PERP", "ETH-PERP,SOL-PERP")
"""Both move as Bitcoin did: there are no other prices by the hour."""

ACCOUNTS: Final = 200
SEED: Final = 7
_HELD: Final = {"BTC-PERP": 0.8, "ETH-PERP": 0.5, "SOL-PERP": 0.3, "WBTC": 0.2}
"""How likely an account holds each."""

_SIZE: Final = (10.5, 1.3)
_EQUITY: Final = (0.25, 0.9)
"""Of position sizes [log USD] and of equity as a part of them [log]: mean, for the second the median, and deviation."""


def draw_accounts() -> dict[str, Account]:
    """Accounts whose positions and leverage are drawn; no one's."""
    rng = np.random.default_rng(SEED)
    book = load_book("perps-13")
    round_ = load_round(ROOT / "examples" / "round-1.json")
    made: dict[str, Account] = {}
    while len(made) < ACCOUNTS:
        sizes = {symbol: float(np.exp(rng.normal(*_SIZE))) for symbol, part in _HELD.items() if rng.random() < part}
        equity = sum(sizes.values()) * _EQUITY[0] * float(np.exp(rng.normal(0.0, _EQUITY[1])))
        signed = {symbol: size if symbol == "WBTC" or rng.random() < 0.6 else -size for symbol, size in sizes.items()}
        prices = {symbol: round_.prices[book.slots[symbol]] / 10**PRICE_DECIMALS for symbol in signed}
        positions = {symbol: f"{size / prices[symbol]:.9f}" for symbol, size in signed.items()}
        keys = OwnerKeys.generate(Domain(31_337, 0))
        made[f"drawn-{len(made)}"] = Account.create(book, positions, f"{equity - sum(signed.values()):.6f}", keys)
    return made


def main() -> None:
    """Write the accounts, run the two commands of the guide, and take pictures out of the page."""
    folder = ROOT / "build" / "risk-report"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "accounts").mkdir(parents=True)
    for name, account in draw_accounts().items():
        account.save(folder / "accounts" / f"{name}.json")
    shared = ["--account", folder / "accounts", "--round", ROOT / "examples" / "round-1.json"]
    for symbols in MARKETS:
        shared += ["--history", f"{symbols}={ROOT / 'examples' / 'prices' / 'btc-hourly.csv'}"]
    run, page = folder / "run.json", folder / "report.html"
    command("simulate", *shared, "--hours", "24", "--scenarios", "100", "--out", run)
    command("report", *shared, "--simulation", run, "--out", page)
    text = page.read_text()
    for key in PICTURES:
        part = text.partition(f'<section id="{key}">')[2]
        picture = part.partition("<figure>")[2].partition("</figure>")[0]
        (ROOT / "docs" / "images" / f"risk-report-{key}.svg").write_text(picture)
    print(f"written: {', '.join(PICTURES)}; {page}")


def command(*words: object) -> None:
    """Run a command of the liquidator."""
    subprocess.run([sys.executable, "-m", "prover.cli", "liquidator", *map(str, words)], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
