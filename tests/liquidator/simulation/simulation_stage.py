"""The same small market twice: as it is simulated, and played by the exact rules of the market model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from market_model.engine import Part, rates_at, release_inputs, released, require_reached
from market_model.fund import Fund
from market_model.ledger import Ledger
from market_model.rules import Rules

from liquidator.risk import AssetMarket, Floats, Holdings, PriceImpact
from liquidator.simulation import SimulatedMarket, SimulationTerms
from prover.account import State, assess_at
from prover.market import PriceRound
from prover.trade import Rates, plan_release
from tests.liquidator.risk.risk_stage import BOOK, ROUND
from verifier import VectorKind

MAINTENANCE = VectorKind.MAINTENANCE
DOLLAR = 10**18
ASSETS = ("BTC-PERP", "ETH-PERP", "SOL-PERP")
SLOTS = [BOOK.slots[symbol] for symbol in ASSETS]


def markets(volume: float, volatility: float = 0.04) -> tuple[AssetMarket, ...]:
    """One market for each of three perpetuals; no two of them are as deep."""
    return tuple(AssetMarket((symbol,), volatility, volume / 2**place) for place, symbol in enumerate(ASSETS))


def willing(**changes: Any) -> SimulationTerms:
    """Liquidators who take everything at once for any reward, and close it in the next moment at no cost."""
    free = {"spread": 0.0, "gas": 0.0, "least_profit": 0.0, "risk": 0.0, "capital": 1e15, "liquidators": 1}
    return SimulationTerms().changed(**(free | {"participation": 1e9, "memory": 1e12, "deviation": 1e3} | changes))


def perpetual_states(count: int, seed: int, equity: tuple[float, float] = (0.026, 0.12)) -> list[State]:
    """Accounts with one to three perpetuals, long and short, whose equity is a part of their gross value."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        usd = rng.lognormal(11, 1.5, 3) * np.where(rng.random(3) < 0.6, 1, -1) * (rng.random(3) < 0.6)
        usd[rng.integers(3)] += 500.0
        balances = [0] * BOOK.n
        for slot, amount in zip(SLOTS, usd.tolist(), strict=True):
            balances[slot] = round(amount * 1e18 / ROUND.prices[slot])
        worth = [b * e for b, e in zip(balances, ROUND.vectors.effective_prices, strict=True)]
        made.append(State(tuple(balances), round(sum(map(abs, worth)) * rng.uniform(*equity)) - sum(worth)))
    return made


def simulated(states: Sequence[State], terms: SimulationTerms, volume: float) -> SimulatedMarket:
    """The market of the simulation."""
    return SimulatedMarket(ROUND, Holdings.of(states), markets(volume), terms)


@dataclass
class ExactMarket:
    """The same market in exact integers, with liquidators who take what pays for its impact, and hedge it at once.

    Attributes:
        states: of the accounts.
        terms: of the simulation.
        volume: of the markets.
        rules: of the market model.
        flags: time of the flag, by account.
        flagged: accounts that ever had one.
        taken: account, time and notional of each takeover [USD].
        rewards: of takers [1e-18 USD].
        debts: that were written off [1e-18 USD].
    """

    states: list[State]
    terms: SimulationTerms
    volume: float
    rules: Rules = field(default_factory=Rules)
    flags: dict[int, int] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    taken: list[tuple[int, int, float]] = field(default_factory=list)
    rewards: int = 0
    debts: int = 0

    def __post_init__(self) -> None:
        self.rules = replace(self.rules, cure_window=self.terms.cure_window)
        self.fund = Fund(self.rules)
        self.fund.deposit("volunteer", round(self.terms.fund) * DOLLAR)
        self.ledger = Ledger()
        self.impact = PriceImpact(ROUND, markets(self.volume), self.terms.impact)
        self.traded = np.zeros(len(ASSETS))

    def play(self, path: Floats, rounds: int) -> None:
        """Play the rounds of a path, and more at its last prices."""
        for place in range(rounds):
            self._play_round((place + 1) * self.terms.round_interval, path[:, min(place, path.shape[1] - 1)], place)

    def _play_round(self, now: int, path: Floats, round_id: int) -> None:
        moved = [
            self.impact.trade(market, float(amount)).move
            for market, amount in zip(self.impact.markets, self.traded, strict=True)
        ]
        prices = list(ROUND.prices)
        for slot, move in zip(SLOTS, (path + np.log1p(moved)).tolist(), strict=True):
            prices[slot] = round(prices[slot] * float(np.exp(move)))
        round_ = replace(ROUND, prices=tuple(prices))
        self._flag(round_, now)
        before = self.traded.copy()
        costs = PriceImpact(round_, self.impact.markets, self.terms.impact)
        for account in sorted(self.flags):
            self._sell(account, round_, now, costs, before)
        for account, since in list(self.flags.items()):
            if now - since >= self.rules.cure_window and not any(self.states[account].balances):
                self._write_off(account, now, round_id)
        most = self.ledger.owed
        self._drawn(self.fund.draw(min(most, self.fund.drawable(round_id, now)), round_id, now))

    def _flag(self, round_: PriceRound, now: int) -> None:
        for account, state in enumerate(self.states):
            is_healthy = assess_at(state, round_.vectors, MAINTENANCE).health >= 0
            if not is_healthy and account not in self.flags:
                self.flags[account] = now
                self.flagged.add(account)
            elif is_healthy:
                self.flags.pop(account, None)

    def _sell(self, account: int, round_: PriceRound, now: int, costs: PriceImpact, before: Floats) -> None:
        state, age = self.states[account], now - self.flags[account]
        reached = rates_at(self.rules, MAINTENANCE, age)
        is_early = age < self.rules.cure_window
        chosen = SimpleNamespace(risk=SimpleNamespace(vectors=round_.vectors), spot=BOOK.spot, stale=0)
        inputs = release_inputs(self.rules, chosen, MAINTENANCE, is_early=is_early)  # type: ignore[arg-type]
        plan = plan_release(state, inputs, reached, costs.per_unit(state.balances, round_.prices))
        if plan is None or (is_early and plan.rates.covered != Rates(10_000).covered):
            return
        require_reached(self.rules, MAINTENANCE, age, plan.rates)
        part = Part(plan.taken, MAINTENANCE, plan.rates, plan.is_covered)
        found = released(self.rules, inputs, state, part)
        amounts = [-plan.taken[slot] * round_.prices[slot] / DOLLAR for slot in SLOTS]
        if found.reward / DOLLAR < self._cost(before, amounts):
            return
        self.states[account] = found.left
        self.taken.append((account, now, sum(map(abs, amounts))))
        self.rewards += found.reward
        if found.is_cured:
            del self.flags[account]
        self.traded += amounts

    def _cost(self, before: Floats, amounts: Sequence[float]) -> float:
        """Of trading against a parcel, by the impact of it alone."""
        total = 0.0
        for market, old, amount in zip(self.impact.markets, before.tolist(), amounts, strict=True):
            move = self.impact.trade(market, old + amount).move - self.impact.trade(market, old).move
            total += abs(amount * move) / 2.0
        return total

    def _write_off(self, account: int, now: int, round_id: int) -> None:
        state = self.states[account]
        debt = -state.quote
        assert debt > 0
        self.debts += debt
        self.ledger.shortfall += debt
        self._drawn(self.fund.draw(debt, round_id, now))
        self.states[account] = State(state.balances, 0)
        del self.flags[account]

    def _drawn(self, amount: int) -> None:
        self.ledger.shortfall -= amount
