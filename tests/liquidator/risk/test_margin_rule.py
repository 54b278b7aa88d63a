"""The rule of margin fractions: what changes them, what does not, and bounds that no change leaves."""

import numpy as np
import pytest

from liquidator.risk import FractionRange, Regime, Regimes, States, decide, replay
from liquidator.risk._margin_rule import CALM_DAYS, DEAD_BAND
from liquidator.risk._regimes import LEAST_DAYS
from prover.market import PPM
from tests.liquidator.risk.margin_stage import (
    BITCOIN,
    CRASH,
    DAY,
    ENTRIES,
    MAJORS,
    RANGE,
    bitcoin,
    bitcoin_regimes,
    made_prices,
    noise,
    regimes,
)


def ratio_at(until: int, present: float = 1.0) -> float:
    known = bitcoin_regimes(until)
    return decide(known, len(known), present, RANGE.bounds).ratio


def changes_of_noise(seeds: range, every: int) -> list[int]:
    """The seeds whose noise changed anything, on any of many days."""
    found = []
    for seed in seeds:
        step = (3_600, DAY)[seed % 2]
        known = regimes(made_prices(noise(seed, 430, step), step))
        days = range(LEAST_DAYS, len(known) + 1, every)
        if any(decide(known, day, 1.0, RANGE.bounds).ratio != 1.0 for day in days):
            found.append(seed)
    return found


def test_noise_alone_changes_nothing() -> None:
    assert changes_of_noise(range(30), 15) == []


@pytest.mark.deep
def test_noise_alone_changes_nothing_in_500_series() -> None:
    assert changes_of_noise(range(500), 1) == []


def test_the_crash_of_november_2018_raises() -> None:
    assert ratio_at(CRASH) <= 1.0
    assert ratio_at(CRASH + 2 * DAY) > 1.5
    assert ratio_at(CRASH + 40 * DAY) > 1.5


def test_a_regime_that_fractions_fit_changes_nothing_more() -> None:
    raised = ratio_at(CRASH + 4 * DAY)
    for factor in (DEAD_BAND - 0.01, 1.0, 1 / (DEAD_BAND - 0.01)):
        assert ratio_at(CRASH + 4 * DAY, raised * factor) == raised * factor
    assert ratio_at(CRASH + 4 * DAY, raised / (DEAD_BAND + 0.01)) == raised


def test_lowering_waits_until_calm_has_lasted() -> None:
    returns = noise(1, 200)
    returns[150 * 24 :] *= 0.4
    history = made_prices(returns)
    for days in (CALM_DAYS - 2, CALM_DAYS + 2):
        known = regimes(history.until((150 + days) * 24 + 1))
        found = decide(known, len(known), 1.0, RANGE.bounds)
        assert (found.ratio < 1.0) is (days > CALM_DAYS), found


@pytest.mark.parametrize(
    ("seen", "states", "present", "expected"),
    [
        (2.0, States(0.0, 0.4, 0.6), 1.0, 2.0),
        (2.0, States(0.0, 0.6, 0.4), 1.0, 1.0),
        (2.0, States(0.0, 0.6, 0.4), 0.5, 1.0),
        (0.5, States(0.6, 0.4, 0.0), 1.0, 0.5),
        (0.5, States(0.4, 0.6, 0.0), 1.0, 1.0),
        (0.5, States(0.4, 0.6, 0.0), 2.0, 1.0),
        (1.0, States(0.0, 0.4, 0.6), 2.0, 2.0),
    ],
)
def test_both_methods_must_agree(seen: float, states: States, present: float, expected: float) -> None:
    """Above the book's fractions a wild state is likely, below them a calm one. In a wild one nothing is lowered."""
    regime = Regime(0, 2 * CALM_DAYS, seen * 0.01, 0.01, is_only=False)
    known = Regimes(np.zeros(100, np.int64), np.ones(100), {100: regime}, {100: states})
    assert decide(known, 100, present, RANGE.bounds).ratio == expected


def test_what_was_raised_returns_to_the_book_when_prices_are_usual() -> None:
    known = regimes(made_prices(noise(1, 200)))
    assert decide(known, len(known), 2.0, RANGE.bounds).ratio == 1.0
    assert decide(known, len(known), 0.5, RANGE.bounds).ratio == 1.0


def test_a_ratio_stays_within_the_bounds_of_the_entry() -> None:
    returns = noise(1, 200)
    returns[180 * 24 :] *= 30.0
    known = regimes(made_prices(returns))
    assert known.at(len(known)).ratio > 2.0
    assert decide(known, len(known), 1.0, (0.5, 2.0)).ratio == 2.0


@pytest.mark.parametrize("symbol", [asset.symbol for asset in MAJORS.assets])
def test_scaled_entries_are_ones_that_the_contract_takes(symbol: str) -> None:
    slot = MAJORS.slots[symbol]
    base, terms = ENTRIES[slot], MAJORS.assets[slot].option
    on = None if terms is None else ENTRIES[MAJORS.slots[terms.underlying]]
    range_ = FractionRange(base, on)
    for present in (base, range_.scaled(base, range_.bounds[1]), range_.scaled(base, range_.bounds[0])):
        for ratio in (0.01, 0.5, 0.99, 1.01, 1.7, 100.0):
            made = range_.scaled(present, ratio)
            rose = [new > old for new, old in zip(range_.of(made), range_.of(present), strict=True)]
            fell = [new < old for new, old in zip(range_.of(made), range_.of(present), strict=True)]
            assert not any(fell) or not any(rose)
            assert made.floor_ppm <= made.maintenance_ppm <= made.initial_ppm <= made.ceiling_ppm
            assert max(range_.of(made)) <= made.ceiling_ppm
            assert range_.of(made)[0] <= range_.of(made)[1]
            if on is None:
                assert 3 * made.deviation_ppm <= made.initial_ppm
                assert 3 * PPM * made.deviation_amount <= made.least_price * made.initial_ppm
            else:
                least = max(on.least_price, made.strike)
                assert 3 * PPM * made.deviation_amount <= least * made.underlying_initial_ppm
                assert made[:7] == present[:7]


def test_the_last_year_counts_moves_beyond_margin() -> None:
    history = bitcoin()
    found = replay(history, 0, bitcoin_regimes(), RANGE, DAY)
    moves = np.abs(np.expm1(history.returns[history.times[:-1] >= found.since, 0])) * PPM
    assert (found.moves, found.exceeded_without) == (len(moves), int((moves > found.without_ppm).sum()))
    assert found.exceeded < found.exceeded_without
    assert found.mean_ppm < 1.5 * found.without_ppm
    raised = [(time, ppm) for time, ppm in found.changes if ppm > found.without_ppm]
    assert raised[0][0] in {CRASH + DAY, CRASH + 2 * DAY}


def test_in_a_replay_loosening_waits_for_governance_and_tightening_does_not() -> None:
    history, known = bitcoin(), bitcoin_regimes()
    soon, late = (replay(history, 0, known, RANGE, delay).changes for delay in (DAY, 15 * DAY))
    assert late[0][0] - soon[0][0] == 14 * DAY
    assert soon[0][1] < RANGE.of(ENTRIES[BITCOIN])[0]
    assert soon[-1][0] == late[-1][0]


def test_a_year_of_noise_is_the_same_with_the_rule() -> None:
    history = made_prices(noise(4, 430))
    found = replay(history, 0, regimes(history), RANGE, DAY)
    assert (found.changes, found.exceeded) == ((), found.exceeded_without)
    assert found.mean_ppm == found.without_ppm
