"""The sections of a report that look at accounts.

Amounts in USD are left out of those that name no account: what is shown are counts, ratios and shares. Markets that few
accounts hold are left out too, since their figures would be those of an account.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from liquidator.risk._black76 import Floats
from liquidator.risk._report_section import Cell, Column, Section
from liquidator.risk._valuation import Holdings, Valuation
from prover.account import Account
from prover.market import PriceRound

LEAST_GROUP: Final = 5
"""Accounts of which a figure is shown."""

_RATIOS: Final = (1.0, 1.1, 1.25, 1.5, 2.0, 5.0)
_MOVES: Final = np.geomspace(1e-3, 0.5, 80)
_WITHIN: Final = (0.02, 0.05, 0.1, 0.2)
_BUMP: Final = 1e-4
"""Of the logarithm of a price, for derivatives."""

_AT_ONCE: Final = 5_000
"""Accounts whose health on all moves fits the memory."""


class Markets:
    """How far prices must move until accounts miss their margin, a market at a time.

    Attributes:
        names: of the markets: the symbols that move together.
        exposures: derivative of each account's equity by the logarithm of each market's price; a column a market.
        down: part of its price that each market must fall until each account misses its margin; infinite for never.
        up: the same for a rise.
    """

    def __init__(self, accounts: Sequence[Account], round_: PriceRound, together: Sequence[Sequence[str]]) -> None:
        holdings = Holdings.of([account.state for account in accounts])
        groups = _groups(round_, holdings.held, together)
        self.names = [", ".join(group) for group in groups]
        valuation = Valuation.of(round_, groups, holdings.held)
        count = len(groups)
        bumps = np.hstack([np.eye(count), -np.eye(count)]) * _BUMP
        worth = holdings.balances[:, holdings.held] @ valuation.unit_values(bumps, 0.0).effective if count else bumps
        self.exposures = (worth[:, :count] - worth[:, count:]) / (2.0 * _BUMP)
        self.down, self.up = (np.full((len(accounts), count), np.inf) for _ in range(2))
        for market in range(count):
            for found, logs in ((self.down, np.log1p(-_MOVES)), (self.up, np.log1p(_MOVES))):
                moves = np.zeros((count, len(logs) + 1))
                moves[market, 1:] = logs
                values = valuation.unit_values(moves, 0.0)
                for first in range(0, len(accounts), _AT_ONCE):
                    rows = slice(first, first + _AT_ONCE)
                    part = Holdings(holdings.balances[rows], holdings.quote[rows])
                    found[rows, market] = _first_below(valuation.health(part, values))

    @property
    def nearest(self) -> Floats:
        """The smaller of both moves."""
        return np.asarray(np.minimum(self.down, self.up))

    def exposed(self, market: int) -> Floats:
        """Absolute exposures of the accounts that have one, the largest first."""
        sizes = np.abs(self.exposures[:, market])
        return np.asarray(np.sort(sizes[sizes > 0])[::-1])


def _groups(round_: PriceRound, held: Sequence[int], together: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The markets of what is held: symbols that move together, and every other asset alone."""
    assets = round_.book.assets
    terms = [(assets[slot].symbol, assets[slot].option) for slot in held]
    roots = {symbol if option is None else option.underlying for symbol, option in terms}
    groups = [tuple(group) for group in together if roots & set(group)]
    grouped = {symbol for group in groups for symbol in group}
    return [*groups, *((symbol,) for symbol in sorted(roots - grouped, key=round_.book.slots.__getitem__))]


def _first_below(health: Floats) -> Floats:
    """The move at which each row's health crosses zero first: 0 where it is below before, infinite for never."""
    below = health < 0
    first = np.argmax(below, axis=1)
    moves = np.concatenate([[0.0], _MOVES])
    rows = np.arange(len(health))
    before = np.maximum(first - 1, 0)
    high, low = health[rows, before], health[rows, first]
    part = np.where(high > low, high / np.where(high > low, high - low, 1.0), 0.0)
    crossing = np.where(first == 0, 0.0, moves[before] + part * (moves[first] - moves[before]))
    return np.where(below.any(axis=1), crossing, np.inf)


def health_section(margins: Floats) -> Section:
    edges = np.array([-np.inf, *_RATIOS, np.inf])
    counts = [int(((margins >= low) & (margins < high)).sum()) for low, high in pairwise(edges)]
    counts[-1] += int(np.isinf(margins).sum())
    names = [f"below {_RATIOS[0]:g}", *(f"{a:g} to {b:g}" for a, b in pairwise(_RATIOS))]
    rows = tuple(
        (name, count, count / len(margins))
        for name, count in zip([*names, f"{_RATIOS[-1]:g} or more"], counts, strict=True)
    )
    return Section(
        "health",
        "Health",
        "Equity divided by maintenance margin. An account below 1 can be flagged and sold. The bars just above 1 are "
        "the next ones.",
        (Column("equity / margin", "text"), Column("accounts", "count"), Column("part of all", "percent")),
        rows,
    )


def distance_section(markets: Markets) -> Section:
    rows: list[tuple[Cell, ...]] = []
    curves: dict[str, list[float]] = {}
    for market, name in enumerate(markets.names):
        near = markets.nearest[np.abs(markets.exposures[:, market]) > 0, market]
        if len(near) < LEAST_GROUP:
            continue
        median = float(np.median(near))
        parts = [float(np.mean(near <= within)) for within in _WITHIN]
        rows.append((name, len(near), *parts, median if np.isfinite(median) else None))
        curves[name] = [float(np.mean(near <= move)) for move in _MOVES]
    return Section(
        "distance",
        "Distance to breach",
        "How far the price of one market must move, up or down and alone, until an account misses its margin. "
        f"Markets that fewer than {LEAST_GROUP} accounts hold are left out.",
        (
            Column("market", "text"),
            Column("accounts", "count"),
            *(Column(f"within {within:.0%}", "percent") for within in _WITHIN),
            Column("median distance", "percent"),
        ),
        tuple(rows),
        {"moves": _MOVES.tolist(), "curves": curves},
    )


def concentration_section(markets: Markets) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for market, name in enumerate(markets.names):
        sizes = markets.exposed(market)
        if len(sizes) < LEAST_GROUP:
            continue
        shares = sizes / sizes.sum()
        net = abs(float(markets.exposures[:, market].sum())) / float(sizes.sum())
        parts = [float(shares[:count].sum()) for count in (1, 5, 10)]
        rows.append((name, len(sizes), *parts, float(1.0 / np.sum(shares**2)), net))
    return Section(
        "concentration",
        "Concentration",
        "Which part of a market's whole exposure the largest accounts have. The more, the more one sale moves the "
        "price. The effective number is how many equal accounts would be as concentrated. Net is what longs and shorts "
        "do not set off.",
        (
            Column("market", "text"),
            Column("accounts", "count"),
            *(Column(title, "percent") for title in ("largest", "largest 5", "largest 10")),
            Column("effective number", "ratio"),
            Column("net / gross", "percent"),
        ),
        tuple(rows),
    )


def named_section(
    order: Sequence[str], accounts: Mapping[str, Account], round_: PriceRound, markets: Markets, shown: Sequence[str]
) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for name in dict.fromkeys(shown):
        place, health = order.index(name), accounts[name].health(round_)
        market = int(np.argmin(markets.nearest[place])) if markets.names else 0
        near = float(markets.nearest[place, market]) if markets.names else np.inf
        falls = bool(markets.names) and markets.down[place, market] <= markets.up[place, market]
        rows.append(
            (
                name,
                health.health / 10**18,
                None if health.ratio is None else float(health.ratio),
                markets.names[market] if np.isfinite(near) else None,
                None if not np.isfinite(near) else -near if falls else near,
            )
        )
    return Section(
        "accounts",
        "Accounts asked for by name",
        "Secret: who reads this page knows what these accounts own.",
        (
            Column("account", "text"),
            Column("health [USD]", "ratio"),
            Column("equity / margin", "ratio"),
            Column("nearest market", "text"),
            Column("move to breach", "percent"),
        ),
        tuple(rows),
    )
