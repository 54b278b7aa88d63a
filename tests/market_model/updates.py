"""What `update` allows, as `prover.trade` says, less the rules that are taken out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from market_model.rules import RefusedError, Rules

from prover.account import State
from prover.trade import Claim, RiskRule, Transition, broken_rules, reasons_against
from verifier import RiskInputs

_PROOFS: Final = tuple(RiskRule(*bits) for bits in ((False, False), (True, False), (True, True)))
"""The private bits that a prover may choose."""

_NAMES: Final = {
    "the account would be below maintenance": "maintenance_margin",
    "the account would be below initial": "initial_margin",
    "risk would not fall: a position": "shrinking_in_each_slot",
    "risk would not fall: the account": "shrinking_keeps_health",
    "risk would not fall: a withdrawal": "withdrawal_meets_initial",
    "the account would not be below maintenance": "top_up_needs_unhealthy",
    "an asset would be short": "spot_is_long_only",
}
"""The rule that each reason of the reference is of; the reasons of cash are `_CASH`."""

_CASH: Final = "cash would be short"

_OF_UPDATE: Final = (*_NAMES.values(), "cash_for_growth", "cash_for_shrinking", "stale_spot_lends_nothing")


def updated(rules: Rules, step: Transition, risk: RiskInputs, claim: Claim) -> State:
    """The state after a step.

    Raises:
        RefusedError: no proof of the step exists.
    """
    reasons = _reasons(rules, step, risk, claim)
    if reasons:
        raise RefusedError(reasons[-1])
    return step.new


def is_provable(rules: Rules, step: Transition, risk: RiskInputs, claim: Claim = Claim.UNSAID) -> bool:
    """Whether a step has a proof."""
    return not _reasons(rules, step, risk, claim)


def _reasons(rules: Rules, step: Transition, risk: RiskInputs, claim: Claim) -> list[str]:
    if all(getattr(rules, name) for name in _OF_UPDATE):
        return reasons_against(step, risk, claim)
    found: list[str] = []
    for proof in _PROOFS:
        found = list(_reasons_left(rules, step, risk, claim, proof))
        if not found:
            break
    return found


def _reasons_left(rules: Rules, step: Transition, risk: RiskInputs, claim: Claim, proof: RiskRule) -> Iterator[str]:
    cash = replace(risk, reduce_only=risk.reduce_only if rules.stale_spot_lends_nothing else 0)
    is_cash_kept = rules.cash_for_shrinking if proof.shrinks else rules.cash_for_growth
    for reason in broken_rules(step, risk, claim, proof):
        name = next((name for start, name in _NAMES.items() if reason.startswith(start)), None)
        if not reason.startswith(_CASH) and (name is None or getattr(rules, name)):
            yield reason
    if is_cash_kept:
        yield from (reason for reason in broken_rules(step, cash, claim, proof) if reason.startswith(_CASH))
