"""Each rule is needed: in a quiet market a theft is found once that rule is out, and none while it is there.

The rules of `update`, of rounds and of the book are those of `prover`. Those of engine, fund and ledger test the
specification.
"""

from dataclasses import fields

import pytest
from market_model.quiet import BACKED_UP, ELSEWHERE, QUIET, Quiet
from market_model.rules import Rules
from market_model.search import Found, replayed, search

SEED = 1
STEPS = 300
ENOUGH = 2_000
"""Steps in which every theft is found, most of them in 100."""


def found(quiet: Quiet, rules: Rules, steps: int) -> Found:
    return search(quiet.hunt, rules, SEED, steps)


@pytest.mark.parametrize("rule", QUIET)
def test_a_theft_is_found_without_the_rule(rule: str) -> None:
    quiet = QUIET[rule]
    result = found(quiet, quiet.rules.without(rule), ENOUGH)
    assert quiet.theft in result.thefts, result
    assert not replayed(quiet.hunt, quiet.rules, result.script)


@pytest.mark.parametrize("steps", [STEPS, pytest.param(10 * STEPS, marks=pytest.mark.deep)])
@pytest.mark.parametrize("rule", QUIET)
def test_no_theft_is_found_with_the_rule(rule: str, steps: int) -> None:
    quiet = QUIET[rule]
    result = found(quiet, quiet.rules, steps)
    assert not result.thefts, result


@pytest.mark.parametrize("group", BACKED_UP, ids=" and ".join)
def test_any_rule_of_a_group_is_enough(group: tuple[str, ...]) -> None:
    quiet = BACKED_UP[group]
    result = found(quiet, quiet.rules.without(*group), ENOUGH)
    assert quiet.theft in result.thefts, result
    for rule in group:
        alone = found(quiet, quiet.rules.without(*(each for each in group if each != rule)), STEPS)
        assert not alone.thefts, (rule, alone)


def test_every_rule_has_a_market() -> None:
    switches = {each.name for each in fields(Rules) if isinstance(each.default, bool)}
    backed_up = {rule for group in BACKED_UP for rule in group}
    assert switches == QUIET.keys() | backed_up | ELSEWHERE.keys()
    assert not ELSEWHERE.keys() & (QUIET.keys() | backed_up)
