"""Takeovers of the liquidation engine: rates, and what `release` allows."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from market_model.rules import RefusedError, Rules, require

from prover import trade
from prover.account import State
from prover.trade import Rates, SizeRule
from verifier import ReleaseInputs, ReleaseLimits, RiskInputs, VectorKind

_SIZES: Final = tuple(SizeRule(*bits) for bits in ((False, False), (False, True), (True, False), (True, True)))
"""The private bits that a prover may choose."""

_UNREACHED: Final = (1 << 150) - 1
"""A least amount that no part reaches [1e-18 USD]."""

_NAMES: Final = {
    "the account meets its": "release_needs_unhealthy",
    "equity does not pay": "covered_reward",
    "equity pays the least rate": "uncovered_below_floor",
}
"""The rule that a reason of the reference is of, where it can be taken out."""


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
    inputs = ReleaseInputs.of_round(
        risk.vectors, part.kind, _limits(rules, part.kind), spot=risk.long_only, stale=stale
    )
    release = trade.Release(victim, part.amounts, Rates(part.rate, part.rate), part.is_covered, inputs)
    reasons = min((_reasons(rules, release, size) for size in _SIZES), key=len)
    if reasons:
        raise RefusedError(reasons[0])
    return Release(release.new, release.cost, release.reward, release.is_cured)


def _limits(rules: Rules, kind: VectorKind) -> ReleaseLimits:
    return ReleaseLimits(
        floor_rate=floor_rate(rules, kind),
        buffer_rate=rules.overdraft_buffer if kind is VectorKind.OVERDRAFT else rules.buffer,
        least_share=rules.least_share,
        least_amount=rules.least_amount if rules.enough_is_an_amount else _UNREACHED,
        dust=rules.dust,
    )


def _reasons(rules: Rules, release: trade.Release, size: SizeRule) -> list[str]:
    """What a release breaks of the rules that are not taken out."""
    names = (
        (reason, next((name for start, name in _NAMES.items() if reason.startswith(start)), None))
        for reason in release.broken_rules(size)
    )
    return [reason for reason, name in names if name is None or getattr(rules, name)]
