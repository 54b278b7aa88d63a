"""Minimal close: the smallest part of an account whose release cures it (spec ZS-76)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from prover.account import State
from prover.trade._release import Rates, Release, payable_rates, sellable_part
from verifier import BASIS, InputError, ReleaseInputs


def plan_release(state: State, inputs: ReleaseInputs, reached: Rates, impact: Sequence[int]) -> Release | None:
    """The part of an account to offer to takers, and the rates for it.

    The slots that free the most margin for their impact go first, until the account meets its margin. All that can be
    sold goes where the account is dust, and where less would not cure it: with negative equity nothing does.

    Args:
        state: of the account.
        inputs: of the round and kind.
        reached: the highest rates that the auction has reached.
        impact: expected impact of a sale of one unit of each slot on its price, at least 0, in one unit for all slots.

    Returns:
        A release that can be proven; None when there is none: the account meets its margin, has nothing to sell, or is
        so small that a unit of a balance decides.

    Raises:
        InputError: an impact for another number of slots, or one below 0.
    """
    if len(impact) != len(state.balances) or min(impact) < 0:
        raise InputError("minimal close: an impact of at least 0 is needed for each slot")
    rates = payable_rates(state, reached, inputs)
    releases = (Release.of(state, taken, rates, inputs) for taken in _parts(state, inputs, rates, impact))
    return next((release for release in releases if release.rule is not None), None)


def _parts(state: State, inputs: ReleaseInputs, rates: Rates, impact: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Parts to try, the preferred ones first."""
    everything = sellable_part(state, inputs)
    release = Release.of(state, everything, rates, inputs)
    if release.whole.margin <= inputs.limits.dust:
        yield everything
    rate = rates.covered if release.is_covered else rates.uncovered
    needed = _margin_to_free(-release.whole.health, rate)
    if needed is not None:
        yield from _least_parts(everything, inputs, needed, impact)
    yield everything


def _margin_to_free(lacking: int, rate: int) -> int | None:
    """The least margin m with m - floor(rate m / 10^4) >= lacking; None when the reward takes all of any margin."""
    if rate >= BASIS:
        return None
    return BASIS * (lacking - 1) // (BASIS - rate) + 1


def _least_parts(
    everything: tuple[int, ...], inputs: ReleaseInputs, needed: int, impact: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """The part that frees a margin for the least impact, then one unit less; nothing when there is not as much.

    With one unit less the account is not cured. It serves where a single unit leaves too much health.
    """
    taken = [0] * len(everything)
    margins = inputs.margins
    per_unit = [
        long if amount >= 0 else short
        for amount, long, short in zip(everything, margins.long, margins.short, strict=True)
    ]
    held = [slot for slot, amount in enumerate(everything) if amount and per_unit[slot]]
    for slot in sorted(held, key=lambda slot: Fraction(impact[slot], per_unit[slot])):
        side = 1 if everything[slot] > 0 else -1
        size = min(-(-needed // per_unit[slot]), abs(everything[slot]))
        taken[slot] = side * size
        needed -= size * per_unit[slot]
        if needed <= 0:
            yield tuple(taken)
            taken[slot] -= side
            yield tuple(taken)
            return
