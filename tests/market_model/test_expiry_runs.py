"""The runs of expiries, moves, exits and a wind-down are those that the model plays (tests/vectors)."""

from collections import Counter

import pytest
from market_model import expiry_runs
from market_model.expiry_recording import ExpiryMarket, ExpiryStep

LEAST_REFUSED = 0.3
"""Part of the calls."""


@pytest.fixture(scope="module")
def markets() -> list[ExpiryMarket]:
    return expiry_runs.runs()


@pytest.fixture
def steps(markets: list[ExpiryMarket]) -> list[ExpiryStep]:
    return [step for market in markets for step in market.steps if isinstance(step, ExpiryStep)]


def test_the_vectors_are_those_of_the_model(markets: list[ExpiryMarket]) -> None:
    """Else run `make vectors`, and look at what changed."""
    assert expiry_runs.VECTORS.read_text() == expiry_runs.text(markets)


def test_every_call_is_accepted_and_refused(steps: list[ExpiryStep]) -> None:
    accepted = {step.action for step in steps if not step.error}
    refused = {step.action for step in steps if step.error}
    assert accepted - refused == {"announce"}
    assert refused <= accepted
    assert LEAST_REFUSED < sum(bool(step.error) for step in steps) / len(steps) < 1 - LEAST_REFUSED


def test_each_rule_of_the_contracts_bars_a_call(steps: list[ExpiryStep]) -> None:
    """Of a call with a proof, one that holds: a contract without the rule would take it."""
    barred = Counter((step.action, step.error) for step in steps if step.error and all(s.holds for s in step.sides))
    assert {
        ("close", "OtherEpoch"),
        ("delist", "CannotExpire"),
        ("delist", "NoticeTooShort"),
        ("deposit", "OtherEpoch"),
        ("exit", "AccountNotFree"),
        ("exit", "CommitmentNotCurrent"),
        ("exit", "OtherEpoch"),
        ("list", "SlotNotFree"),
        ("list", "TooEarly"),
        ("list", "WindDownStarted"),
        ("post", "BookWindsDown"),
        ("proveSolvent", "OtherEpoch"),
        ("proveSolvent", "RoundNotNewer"),
        ("recordWindDown", "NotWindingDown"),
        ("recordWindDown", "RoundsAreFresh"),
        ("rekey", "AlreadyOpen"),
        ("rekey", "NotProvenAtNewest"),
        ("rekey", "OtherEpoch"),
        ("settle", "OtherEpoch"),
        ("settleExpiry", "NotExpiring"),
        ("settleExpiry", "OptionIsOpen"),
        ("settleExpiry", "PriceIsStale"),
        ("settleExpiry", "RoundBeforeExpiry"),
        ("settleExpiry", "SettlementTooFar"),
        ("settleExpiry", "WindDownStarted"),
        ("startWindDown", "SilenceTooShort"),
        ("startWindDown", "WindDownStarted"),
        ("withdraw", "OtherEpoch"),
    } <= barred.keys()


def test_an_expiry_has_a_statement_or_none(steps: list[ExpiryStep]) -> None:
    expires = [step for step in steps if step.action == "expire"]
    assert {step.error for step in expires} == {"", "EpochNotNewer", "EpochWithoutRound", "SlotSettledTwice"}
    assert all(bool(step.slots) == bool(step.settlement) == step.sides[0].holds for step in expires)


def test_listings_wait_for_both_rounds(steps: list[ExpiryStep]) -> None:
    reasons = {step.reason for step in steps if step.error == "SlotNotFree"}
    assert {f"{each} from before a settlement" for each in ("newest round", "reference round", "reports")} <= reasons
