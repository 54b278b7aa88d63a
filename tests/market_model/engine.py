"""Takeovers of the liquidation engine: rates, and what `release` allows. Not in the contracts yet."""

from dataclasses import dataclass
from typing import NamedTuple

from market_model.rules import BASIS, Rules, require

from prover.account import State, assess_at
from verifier import RiskInputs, VectorKind


class Rates(NamedTuple):
    """The highest rates that an auction has reached [1e-4 of the margin taken]."""

    covered: int
    uncovered: int


@dataclass(frozen=True)
class Part:
    """What a taker takes over.

    Attributes:
        amounts: of each slot [1e-9 token], on the victim's side.
        kind: maintenance or overdraft.
        rate: reward [1e-4 of its margin].
        is_covered: whether the victim's equity pays the rate.
    """

    amounts: tuple[int, ...]
    kind: VectorKind
    rate: int
    is_covered: bool = True


class Release(NamedTuple):
    """The victim's side of a takeover.

    Attributes:
        left: its state afterwards.
        cost: what the taker pays [1e-18 USD].
        reward: of the taker, in that cost [1e-18 USD].
        is_cured: whether the victim is healthy afterwards.
    """

    left: State
    cost: int
    reward: int
    is_cured: bool


def floor_rate(rules: Rules, kind: VectorKind) -> int:
    """Where the curve of a kind begins [1e-4]."""
    return rules.overdraft_floor if kind is VectorKind.OVERDRAFT else rules.rate_floor


def rates_at(rules: Rules, kind: VectorKind, elapsed: int, *, is_insolvent: bool) -> Rates:
    """The rates some active seconds after a flag. Raises `RefusedError` in the cure window and after the lifetime."""
    require(is_insolvent or elapsed >= rules.cure_window, "cure window")
    require(elapsed <= rules.flag_lifetime, "flag is over")
    floor, cap, ramp = (
        (rules.overdraft_floor, rules.overdraft_cap, rules.overdraft_ramp)
        if kind is VectorKind.OVERDRAFT
        else (rules.rate_floor, rules.rate_cap, rules.rate_ramp)
    )
    covered = floor + (cap - floor) * min(max(0, elapsed - rules.cure_window), ramp) // ramp
    uncovered = rules.uncovered_cap * min(elapsed, rules.uncovered_ramp) // rules.uncovered_ramp
    return Rates(covered, min(uncovered, cap))


def released(rules: Rules, risk: RiskInputs, stale: int, victim: State, part: Part) -> Release:
    """What `release` proves of a part.

    Args:
        rules: of the market.
        risk: of the round.
        stale: bitmap of the slots that cannot be sold.
        victim: its state.
        part: what is taken.

    Raises:
        RefusedError: `release` does not allow it.
    """
    vectors, is_overdraft = risk.vectors, part.kind is VectorKind.OVERDRAFT
    sellable = (risk.long_only if is_overdraft else -1) & ~stale
    pairs = list(zip(victim.balances, part.amounts, strict=True))
    require(any(part.amounts), "nothing is taken")
    require(all(0 <= t <= b or b <= t <= 0 for b, t in pairs), "side or size of the part")
    require(all(not t or sellable >> slot & 1 for slot, t in enumerate(part.amounts)), "slot is not for sale")

    whole = assess_at(victim, vectors, part.kind)
    require(whole.health < 0 or not rules.release_needs_unhealthy, "victim is healthy")
    parcel = assess_at(State(part.amounts, 0), vectors, part.kind)
    reward = part.rate * parcel.margin // BASIS
    if part.is_covered:
        is_covered = BASIS * whole.equity >= part.rate * whole.margin
        require(is_covered or not rules.covered_reward, "reward is not covered")
    else:
        floor = floor_rate(rules, part.kind)
        is_short = BASIS * whole.equity < floor * whole.margin
        require(is_short or not rules.uncovered_below_floor, "equity pays the floor")

    cost = parcel.equity - reward
    left = State(tuple(b - t for b, t in pairs), victim.quote + cost)
    require(left.is_in_range, "range of the victim")
    health = assess_at(left, vectors, part.kind).health
    buffer = rules.overdraft_buffer if is_overdraft else rules.buffer
    is_small = whole.margin <= rules.dust
    require(is_small or BASIS * health <= buffer * (whole.margin - parcel.margin), "too much is taken")

    for_sale = State(tuple(b if sellable >> slot & 1 else 0 for slot, b in enumerate(victim.balances)), 0)
    share = rules.least_share * assess_at(for_sale, vectors, part.kind).margin
    least = min(share, BASIS * rules.least_amount) if rules.enough_is_an_amount else share
    require(health >= 0 or BASIS * parcel.margin >= least, "too little is taken")
    return Release(left, cost, reward, health >= 0)
