"""The replay judges calls as the page says, and uses the functions of the engine."""

import numpy as np

from liquidator.store import CallLevel
from tools.prediction_replay import KNOWN, RULES, Breach, Called, Crowd, Story, replay, warnings
from tools.risk_calibration import committed

EARLY = CallLevel.EARLY
HOURS = range(100, 200)


def story(breaches: dict[int, int], ended: dict[int, int]) -> Story:
    made = Story({a: Breach(hour, True, 0.5) for a, hour in breaches.items()}, ended=ended | breaches)
    made.leverages = [3.0] * 10
    return made


def test_a_call_is_judged_by_the_next_24_hours() -> None:
    told = story({1: 150, 2: 170, 3: 190}, {4: 152, 5: 199})
    calls = [
        Called(148, 1, EARLY),  # two hours before
        Called(149, 1, EARLY),  # the first counts
        Called(140, 2, EARLY),  # too early: false
        Called(150, 4, EARLY),  # closed two hours later: not judged
        Called(150, 5, EARLY),  # closed after more than a day: false
        Called(90, 3, EARLY),  # before these hours
    ]
    found = warnings(told, told.part(100, 200, np.inf), calls, HOURS)
    assert (found.minutes, found.breaches, found.calls, found.false) == ([120.0], 3, 5, 2)


def test_a_part_of_a_story_has_the_accounts_of_its_leverage_alone() -> None:
    told = story({1: 150, 2: 170}, {})
    told.leverages[2] = 40.0
    told.calls[0] = [Called(149, 1, EARLY), Called(160, 2, EARLY)]
    part = told.part(100, 200, 10.0)
    assert (set(part.breaches), [call.account for call in part.calls[0]]) == ({1}, [1])


def test_a_crowd_lives_along_real_prices() -> None:
    made = replay(committed("btc-hourly"), range(KNOWN, KNOWN + 12), 60, 100)
    assert made.breaches
    assert len(made.calls) == len(RULES)
    assert len(made.leverages) > 60, "those that breached were replaced"
    assert all(made.ended[account] == breach.hour for account, breach in made.breaches.items())


def test_new_accounts_have_the_equity_of_their_leverage() -> None:
    crowd = Crowd(np.random.default_rng(1), 50)
    crowd.replace(np.arange(50), 0, 7_000.0)
    leverage = np.abs(crowd.tokens) * 7_000.0 / crowd.equity(7_000.0)
    assert np.allclose(leverage, crowd.leverages)
    assert ((leverage >= 2) & (leverage <= 50)).all()
