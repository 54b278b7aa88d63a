"""The runs that the contracts replay (contracts/test/unit/book/MarketRuns.t.sol) are those that the model plays."""

from collections import Counter
from collections.abc import Iterator

import pytest
from market_model import recorded_runs
from market_model.recording import RecordedMarket, Step

from prover.trade import Claim

LEAST_REFUSED = 0.3
"""Part of the calls."""


@pytest.fixture(scope="module")
def markets() -> list[RecordedMarket]:
    return recorded_runs.runs()


@pytest.fixture
def steps(markets: list[RecordedMarket]) -> list[Step]:
    return [step for market in markets for step in market.steps]


def test_the_vectors_are_those_of_the_model(markets: list[RecordedMarket]) -> None:
    """Else run `make vectors`, and look at what changed."""
    assert recorded_runs.VECTORS.read_text() == recorded_runs.text(markets)


def test_many_calls_are_refused_and_many_are_not(steps: list[Step]) -> None:
    refused = sum(bool(step.error) for step in steps)
    assert LEAST_REFUSED < refused / len(steps) < 1 - LEAST_REFUSED
    assert min(Counter(step.error for step in steps).values()) > 1


def test_each_rule_of_the_contracts_bars_a_call_that_is_proven(steps: list[Step]) -> None:
    """A verifier would accept it, so a contract without the rule would too."""
    barred = {(step.action, step.reason) for step in steps if step.reason and all(side.holds for side in step.sides)}
    assert {
        ("deposit", "commitment is not current"),
        ("deposit", "flagged"),
        ("deposit", "initial margin is not shown"),
        ("deposit", "only a cure after the cure window"),
        ("deposit", "price is stale"),
        ("deposit", "round superseded"),
        ("deposit", "round too old"),
        ("flag", "flagged"),
        ("flag", "round superseded"),
        ("flag", "stopped"),
        ("open", "identity is in use"),
        ("payOut", "nothing is due"),
        ("payOut", "stopped"),
        ("settle", "commitment is not current"),
        ("settle", "flagged"),
        ("settle", "grace is over"),
        ("settle", "initial margin is not shown"),
        ("settle", "no grace after a jump"),
        ("settle", "no grace after a slot became stale"),
        ("settle", "round before the last change"),
        ("settle", "round superseded"),
        ("settle", "round too old"),
        ("settle", "same account"),
        ("settle", "stopped"),
        ("withdraw", "commitment is not current"),
        ("withdraw", "flagged"),
        ("withdraw", "round superseded"),
        ("withdraw", "round too old"),
        ("withdraw", "stopped"),
    } <= barred


def test_every_claim_is_accepted(steps: list[Step]) -> None:
    def accepted(action: str) -> Iterator[int]:
        return (side.claim for step in steps if step.action == action and not step.error for side in step.sides)

    assert set(accepted("deposit")) == set(Claim)
    assert set(accepted("settle")) == set(Claim) - {Claim.TOPS_UP}
