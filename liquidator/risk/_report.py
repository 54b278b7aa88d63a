"""A report on the accounts of a book, which tells no account from another unless that is asked for by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from liquidator.risk._report_accounts import (
    LEAST_GROUP,
    Markets,
    concentration_section,
    distance_section,
    health_section,
    named_section,
)
from liquidator.risk._report_section import Cell, Report
from liquidator.risk._report_sources import (
    History,
    auctions_section,
    calibration_section,
    cascades_section,
    fund_section,
)
from liquidator.store import Job
from prover.account import Account
from prover.market import PriceRound
from verifier import InputError


class Sources(NamedTuple):
    """What a report is of, beside accounts and round. What is missing leaves its section out.

    Attributes:
        histories: past prices of markets.
        jobs: that an engine has ended; None for no engine.
        simulation: a result of `liquidator simulate`, as JSON; None for none.
    """

    histories: tuple[History, ...] = ()
    jobs: tuple[Job, ...] | None = None
    simulation: Mapping[str, Any] | None = None


def make_report(
    accounts: Mapping[str, Account],
    round_: PriceRound,
    sources: Sources,
    shown: Sequence[str] = (),
    told: Callable[[str], None] = lambda _: None,
) -> Report:
    """Look at accounts, prices, an engine's jobs and a simulation.

    Args:
        accounts: by name.
        round_: at which they are now.
        sources: what else there is.
        shown: names of the accounts that are told by name.
        told: what is looked at.

    Raises:
        InputError: an unknown name, fewer accounts than may be told of without their names, an option whose price
            implies no volatility, or a simulation that is none.
    """
    unknown = [name for name in shown if name not in accounts]
    if unknown:
        raise InputError(f"--show-account: there is no account {', '.join(unknown)}")
    if len(accounts) < LEAST_GROUP and len(set(shown)) < len(accounts):
        raise InputError(
            f"a report of fewer than {LEAST_GROUP} accounts shows what each of them holds: name all of them with "
            "--show-account, or add accounts"
        )
    told("looking at the accounts")
    ratios = [account.health(round_).ratio for account in accounts.values()]
    margins = np.array([np.inf if ratio is None else float(ratio) for ratio in ratios])
    markets = Markets(list(accounts.values()), round_, [each.symbols for each in sources.histories])
    sections = [health_section(margins), distance_section(markets), concentration_section(markets)]
    sections += [
        cascades_section(sources.simulation),
        auctions_section(sources.jobs),
        calibration_section(sources.histories, told),
    ]
    sections.append(fund_section(sources.simulation))
    if shown:
        sections.append(named_section(list(accounts), accounts, round_, markets, shown))
    about: dict[str, Cell] = {
        "book": round_.book.name,
        "round": round_.id,
        "round_digest": round_.digest(),
        "accounts": len(accounts),
        "below_maintenance": int((margins < 1.0).sum()),
    }
    return Report(about, tuple(sections))
