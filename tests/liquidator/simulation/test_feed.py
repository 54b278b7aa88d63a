"""Which prices become rounds: as by the exact rules of a price source."""

import numpy as np
import pytest

from liquidator.simulation._feed import Feed
from prover.market import PostingStatus, PriceRules, Quote, RoundRefusedError, SlotRules
from prover.market._price_rules import PriceSet

LIMITS = (0.01, 0.02)
BASE = 10**14


def exact_rules() -> PriceRules:
    rules = PriceRules([SlotRules(round(limit * 1e6), 0, 1, 1 << 60) for limit in LIMITS], min_interval=0)
    rules.post(PriceSet(0, {slot: Quote(BASE, 0) for slot in range(2)}), 0)
    return rules


@pytest.mark.parametrize("interval", [10, 20, 60, 90])
@pytest.mark.parametrize("seed", range(4))
def test_recorded_prices_are_those_of_the_exact_rules(interval: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    jumps = (rng.random((300, 2)) < 0.1) * rng.normal(0, 0.03, (300, 2))
    path = np.cumsum(rng.normal(0, 0.002, (300, 2)) + jumps, axis=0)
    rules, feed, seen = exact_rules(), Feed.at_start(np.array(LIMITS)), set()
    for place, moves in enumerate(path):
        now = (place + 1) * interval
        prices = [round(BASE * float(np.exp(move))) for move in moves]
        try:
            outcome = rules.post(PriceSet(now, {slot: Quote(price, 0) for slot, price in enumerate(prices)}), now)
            seen.add(outcome.status)
        except RoundRefusedError:
            seen.add("refused")
        feed = feed.post(now, np.log(np.array(prices) / BASE))
        assert rules.latest is not None
        assert feed.recorded_at == rules.latest.timestamp
        exact = [np.log(rules.latest.quotes[slot].price / BASE) for slot in range(2)]
        assert feed.recorded == pytest.approx(exact, abs=1e-12)
    assert {PostingStatus.RECORDED, PostingStatus.HELD, PostingStatus.CONFIRMED} <= seen
    assert ("refused" in seen) is (interval < 60)


def test_a_candidate_that_is_too_old_confirms_nothing() -> None:
    feed = Feed.at_start(np.array(LIMITS)).post(60, np.array([0.05, 0.0]))
    assert feed.recorded_at == 0
    late = feed.post(60 + 15 * 60 + 1, np.array([0.05, 0.0]))
    assert (late.recorded_at, late.held_at) == (0, 961)
    assert feed.post(60 + 15 * 60, np.array([0.05, 0.0])).recorded_at == 960
