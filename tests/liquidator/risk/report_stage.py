"""Accounts of a book, a simulation and the jobs of an engine, for tests of reports."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from liquidator.store import Job, Outcome, Stage, Task
from prover.account import Account, Domain, OwnerKeys
from tests.liquidator.risk.risk_stage import BOOK

DOMAIN = Domain(31_337, 0)


def account(positions: Mapping[str, str], quote: str) -> Account:
    return Account.create(BOOK, positions, quote, OwnerKeys.generate(DOMAIN))


def perpetual_accounts(count: int = 8) -> dict[str, Account]:
    """Long and short Bitcoin, ever larger; the first one below its margin, and one with the only Ether."""
    made = {}
    for place in range(count):
        size, price = (place + 1) * (-1 if place % 2 else 1) * 1.234567891, 97_150.5
        equity = abs(size) * price * (0.02 + 0.03 * place)
        ether = {"ETH-PERP": "17.654321987"} if place == 3 else {}
        made[f"desk-{place}-zurich"] = account({"BTC-PERP": f"{size:.9f}", **ether}, f"{equity - size * price:.9f}")
    return made


def simulation(scenarios: int = 200, fund: float = 1_000.0) -> dict[str, Any]:
    """In every fifth scenario a cascade, whose debts are twice the fund in every twentieth."""
    rows = []
    for place in range(scenarios):
        wave = place % 5 == 0
        rows.append(
            {
                "flagged": 3 * wave,
                "sold": 5_000.0 * wave,
                "seconds": 60.0 * (place % 25) * wave,
                "depth": (1 + place % 3) * wave,
                "debt": 2_000.0 * (place % 20 == 0),
                "open_debt": 0.0,
            }
        )
    return {"format": "zksolvency/simulation/1", "equity": 100_000.0, "fund": fund, "scenarios": rows}


def job(place: int, action: str, outcome: Outcome, seconds: float) -> Job:
    task = Task(1, "0x" + 40 * "1", place, action)
    return Job(place, task, place, Stage.MINED, outcome, "", 1_000.0, 1_000.0 + seconds)


def column(section: Any, title: str) -> list[Any]:
    """The values of a column of a section."""
    place = [one.title for one in section.columns].index(title)
    return [row[place] for row in section.rows]


def quantile(values: list[float], part: float) -> float:
    return float(np.quantile(values, part))
