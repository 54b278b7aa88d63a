"""Takeovers of the liquidation engine: rates, and what `release` allows."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from market_model.rounds import Round
from market_model.rules import BASIS, RefusedError, Rules, require

from prover import trade
from prover.account import State
from prover.trade import Rates, SizeRule
from verifier import ReleaseInputs, ReleaseLimits, VectorKind

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
        rates: of the reward, which both sides of the flag's curve have to reach [1e-4 of its margin].
        is_covered: whether the victim's equity pays the covered one.
    """

    amounts: tuple[int, ...]
    kind: VectorKind
    rates: Rates
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


def rates_at(rules: Rules, kind: VectorKind, elapsed: int) -> Rates:
    """The highest rates some active seconds after a flag. Within the cure window no equity pays the covered one.

    Raises:
        RefusedError: the flag is older than its lifetime.
    """
    require(elapsed <= rules.flag_lifetime, "flag is over")
    floor, cap, ramp = (
        (rules.overdraft_floor, rules.overdraft_cap, rules.overdraft_ramp)
        if kind is VectorKind.OVERDRAFT
        else (rules.rate_floor, rules.rate_cap, rules.rate_ramp)
    )
    is_early = elapsed < rules.cure_window
    covered = BASIS if is_early else floor + (cap - floor) * min(elapsed - rules.cure_window, ramp) // ramp
    uncovered = rules.uncovered_cap * min(elapsed, rules.uncovered_ramp) // rules.uncovered_ramp
    return Rates(covered, min(uncovered, cap))


def require_reached(rules: Rules, kind: VectorKind, elapsed: int, asked: Rates) -> bool:
    """That a curve has reached what a taker asks for; whether only equity below 0 pays less than the least rate.

    Within the cure window only such an account is sold: no account below its margin pays the rate 10^4.

    Raises:
        RefusedError: it has not.
    """
    reached = rates_at(rules, kind, elapsed)
    if not any(asked):
        return False
    is_early = elapsed < rules.cure_window
    require(not is_early or asked.covered == BASIS, "cure window")
    is_reached = all(one <= most for one, most in zip(asked, reached, strict=True))
    require(is_reached and max(asked) <= BASIS, "rate is not reached")
    return is_early


def release_inputs(rules: Rules, chosen: Round, kind: VectorKind, *, is_early: bool) -> ReleaseInputs:
    """What `release` takes from a round; `is_early` is what `require_reached` says."""
    limits = ReleaseLimits(
        floor_rate=0 if is_early else floor_rate(rules, kind),
        buffer_rate=rules.overdraft_buffer if kind is VectorKind.OVERDRAFT else rules.buffer,
        least_share=rules.least_share,
        least_amount=rules.least_amount if rules.enough_is_an_amount else _UNREACHED,
        dust=rules.dust,
    )
    return ReleaseInputs.of_round(chosen.risk.vectors, kind, limits, spot=chosen.spot, stale=chosen.stale)


def released(rules: Rules, inputs: ReleaseInputs, victim: State, part: Part) -> Release:
    """What `release` proves of a part.

    Args:
        rules: of the market.
        inputs: of the round.
        victim: its state.
        part: what is taken.

    Raises:
        RefusedError: `release` does not allow it.
    """
    release = trade.Release(victim, part.amounts, part.rates, part.is_covered, inputs)
    reasons = min((_reasons(rules, release, size) for size in _SIZES), key=len)
    if reasons:
        raise RefusedError(reasons[0])
    return Release(release.new, release.cost, release.reward, release.is_cured)


def _reasons(rules: Rules, release: trade.Release, size: SizeRule) -> list[str]:
    """What a release breaks of the rules that are not taken out."""
    names = (
        (reason, next((name for start, name in _NAMES.items() if reason.startswith(start)), None))
        for reason in release.broken_rules(size)
    )
    return [reason for reason, name in names if name is None or getattr(rules, name)]
