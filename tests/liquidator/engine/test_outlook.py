"""The order of work: by expected loss where a forecast knows it, by what an account lacks where none does."""

from types import SimpleNamespace
from typing import Any, cast

from liquidator.engine._events import BelowLine, Screened
from liquidator.engine._loop import by_shortfall
from liquidator.engine._outlook import KnownRisk, Outlook
from verifier import VectorKind

MAINTENANCE, OVERDRAFT = VectorKind.MAINTENANCE, VectorKind.OVERDRAFT
USD = 1e18


def screened(*below: tuple[int, float], changed: tuple[int, ...] = (), ground: VectorKind = MAINTENANCE) -> Screened:
    opened = cast("Any", SimpleNamespace(changed=changed))
    return Screened(opened, [BelowLine(account, ground, health * USD) for account, health in below])


def order(outlook: Outlook, found: Screened) -> list[int]:
    return [one.account for one in outlook.order(found)]


def test_without_a_forecast_the_account_that_lacks_most_comes_first() -> None:
    found = screened((7, -1.0), (8, -300.0), (9, -20.0))
    assert order(Outlook(), found) == [one.account for one in by_shortfall(found)] == [8, 9, 7]


def test_a_larger_expected_loss_comes_before_a_larger_shortfall() -> None:
    """Account 7 lacks little, but what it holds swings widely; account 8 has equity enough to be sold at leisure."""
    outlook = Outlook()
    outlook.publish({7: KnownRisk(margin=100.0, deviation=500.0), 8: KnownRisk(margin=5_000.0, deviation=10.0)})
    assert order(outlook, screened((8, -300.0), (7, -1.0))) == [7, 8]


def test_present_health_counts_and_not_that_of_the_forecast() -> None:
    outlook = Outlook()
    outlook.publish({7: KnownRisk(margin=100.0, deviation=50.0), 8: KnownRisk(margin=100.0, deviation=50.0)})
    assert order(outlook, screened((7, -10.0), (8, -200.0))) == [8, 7]
    assert order(outlook, screened((7, -200.0), (8, -10.0))) == [7, 8]


def test_an_account_that_is_not_known_counts_with_all_that_it_lacks() -> None:
    outlook = Outlook()
    outlook.publish({7: KnownRisk(margin=1_000.0, deviation=10.0)})
    assert order(outlook, screened((7, -300.0), (8, -2.0))) == [8, 7]


def test_a_forecast_of_an_account_that_has_changed_since_is_not_used() -> None:
    outlook = Outlook()
    known = {7: KnownRisk(margin=100.0, deviation=500.0)}
    outlook.publish(known)
    assert order(outlook, screened((8, -30.0), (7, -1.0), changed=(7,))) == [8, 7]
    outlook.begin()
    assert order(outlook, screened((8, -30.0), (7, -1.0))) == [8, 7], "until the next forecast is there"
    outlook.publish(known)
    assert order(outlook, screened((8, -30.0), (7, -1.0))) == [7, 8]


def test_what_changes_while_a_forecast_is_made_is_not_taken_from_it() -> None:
    outlook = Outlook()
    outlook.begin()
    outlook.order(screened(changed=(7,)))
    outlook.publish({7: KnownRisk(margin=100.0, deviation=500.0)})
    assert order(outlook, screened((8, -30.0), (7, -1.0))) == [8, 7]


def test_a_missing_overdraft_counts_with_what_is_missing() -> None:
    outlook = Outlook()
    outlook.publish({7: KnownRisk(margin=1.0, deviation=500.0)})
    assert order(outlook, screened((7, -30.0), (8, -60.0), ground=OVERDRAFT)) == [8, 7]
