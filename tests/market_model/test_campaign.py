"""A coalition of four accounts plays every kind of action, and steals nothing.

Money out is at most money in, gains at accepted prices, and the losses that prices made within the cure window and two
rounds; the ledger adds up after each step (`measures`): quotes, queued withdrawals and positions that settled are the
tokens that are held and the debt that nothing covers. Engine, fund and ledger test the specification: the contracts do
not have them yet.
"""

import pytest
from market_model.campaign import CAMPAIGN, LIFE
from market_model.rules import Rules
from market_model.search import Hunt, search

SHORT, LONG = 2_500, 5_000
SEEDS, DEEP_SEEDS = range(3), range(100, 124)


@pytest.mark.parametrize("hunt", [CAMPAIGN, LIFE], ids=["campaign", "life"])
@pytest.mark.parametrize(
    ("seed", "steps"),
    [
        *((seed, SHORT) for seed in SEEDS),
        *(pytest.param(seed, LONG, marks=pytest.mark.deep) for seed in DEEP_SEEDS),
    ],
)
def test_a_coalition_steals_nothing(hunt: Hunt, seed: int, steps: int) -> None:
    result = search(hunt, Rules(), seed, steps)
    assert not result.thefts, result
    assert result.steps >= steps


@pytest.mark.parametrize(
    "rule",
    [
        "cash_for_growth",
        "initial_margin",
        "newest_for_trades",
        "overdrafts_are_called",
        "spot_is_long_only",
        "stop_ends_growth",
        "top_up_needs_unhealthy",
    ],
)
def test_the_campaign_finds_a_theft_without_the_rule(rule: str) -> None:
    """Others need more luck in so wide a market: each has a quiet one."""
    result = search(CAMPAIGN, Rules().without(rule), 1, 4 * LONG)
    assert result.thefts


@pytest.mark.parametrize(
    "rule",
    [
        "new_identity",
        "wind_down_needs_silence",
        *(
            pytest.param(rule, marks=pytest.mark.deep)
            for rule in ("closing_is_reduce_only", "exit_is_flat", "settlement_near_round")
        ),
    ],
)
def test_the_life_of_assets_finds_a_theft_without_the_rule(rule: str) -> None:
    result = search(LIFE, Rules().without(rule), 1, 4 * LONG)
    assert result.thefts
