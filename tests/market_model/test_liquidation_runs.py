"""The runs of engine, fund and ledger that the contracts replay are those that the model plays (tests/vectors)."""

from collections import Counter

import pytest
from market_model import liquidation_runs
from market_model.liquidation_recording import LiquidationMarket, LiquidationStep

LEAST_REFUSED = 1 / 3
"""Part of the calls."""

LEAST_CALLS = 300


@pytest.fixture(scope="module")
def markets() -> list[LiquidationMarket]:
    return liquidation_runs.runs()


@pytest.fixture
def steps(markets: list[LiquidationMarket]) -> list[LiquidationStep]:
    return [step for market in markets for step in market.steps if isinstance(step, LiquidationStep)]


def test_the_vectors_are_those_of_the_model(markets: list[LiquidationMarket]) -> None:
    """Else run `make vectors`, and look at what changed."""
    assert liquidation_runs.VECTORS.read_text() == liquidation_runs.text(markets)


def test_many_calls_are_refused_and_many_are_not(steps: list[LiquidationStep]) -> None:
    refused = sum(bool(step.error) for step in steps)
    assert len(steps) >= LEAST_CALLS
    assert LEAST_REFUSED < refused / len(steps) < 1 - LEAST_REFUSED


def test_every_call_of_engine_fund_and_ledger_is_accepted(steps: list[LiquidationStep]) -> None:
    accepted = {step.action for step in steps if not step.error}
    assert {
        "flagOn",
        "recover",
        "takeOver",
        "writeOff",
        "challenge",
        "answer",
        "endChallenge",
        "flagSilent",
    } <= accepted
    assert {"joinFund", "requestRedeem", "redeem", "withdrawFund", "moveShares"} <= accepted
    assert {"recapitalise", "drawFund", "claim", "acceptHaircut"} <= accepted


def test_each_rule_bars_a_call_whose_proofs_hold(steps: list[LiquidationStep]) -> None:
    """A verifier would accept it, so a contract without the rule would too."""
    barred = {(step.action, step.error) for step in steps if step.error and all(side.holds for side in step.sides)}
    assert {
        ("acceptHaircut", "FractionOutOfRange"),
        ("answer", "ChallengeOver"),
        ("answer", "InvalidRecipient"),
        ("answer", "NotChallenged"),
        ("challenge", "AccountNotOpen"),
        ("challenge", "AlreadyChallenged"),
        ("challenge", "AlreadyFlagged"),
        ("challenge", "AlreadyProven"),
        ("challenge", "OtherEpoch"),
        ("challenge", "RoundTooOld"),
        ("challenge", "WrongBond"),
        ("claim", "NothingToClaim"),
        ("contribute", "NotTheLedger"),
        ("cover", "NotTheEngine"),
        ("deposit", "AmountDoesNotScale"),
        ("deposit", "HaircutNotAccepted"),
        ("draw", "NotTheLedger"),
        ("claim", "Stopped"),
        ("drawFund", "NothingDrawn"),
        ("drawFund", "NothingOwed"),
        ("endChallenge", "ChallengeNotOver"),
        ("endChallenge", "NotChallenged"),
        ("flagOn", "AlreadyFlagged"),
        ("flagOn", "RoundSuperseded"),
        ("flagOn", "Stopped"),
        ("flagSilent", "AnswerWindowOpen"),
        ("flagSilent", "ChallengeOver"),
        ("flagSilent", "NotChallenged"),
        ("flagSilent", "OtherEpoch"),
        ("flagSilent", "Stopped"),
        ("moveShares", "ERC20InsufficientBalance"),
        ("moveShares", "SharesLocked"),
        ("prepare", "UnknownRound"),
        ("recapitalise", "NothingOwed"),
        ("recordPayOut", "NotTheVault"),
        ("recover", "NotFlagged"),
        ("recover", "RecoveryNotAfterChange"),
        ("redeem", "ERC4626ExceededMaxRedeem"),
        ("requestRedeem", "RequestTooLarge"),
        ("takeOver", "CommitmentNotCurrent"),
        ("takeOver", "FlagExpired"),
        ("takeOver", "InCureWindow"),
        ("takeOver", "NotFlagged"),
        ("takeOver", "NotPermitted"),
        ("takeOver", "OtherEpoch"),
        ("takeOver", "RateNotReached"),
        ("takeOver", "RoundSuperseded"),
        ("takeOver", "Stopped"),
        ("takeOver", "WrongCiphertextLength"),
        ("takeOver", "WrongRho"),
        ("takeOver", "ZeroTicket"),
        ("withdrawFund", "ERC4626ExceededMaxWithdraw"),
        ("writeOff", "CommitmentNotCurrent"),
        ("writeOff", "InCureWindow"),
    } <= barred, barred
    refused = {(step.action, step.error) for step in steps}
    assert {("claim", "InvalidRecipient"), ("takeOver", "SameAccount"), ("writeOff", "NoDebt")} <= refused
    assert {("writeOff", "NotFlagged"), ("flagOn", "RoundTooOld"), ("recover", "RoundSuperseded")} <= refused


def test_accounts_are_sold_on_both_grounds_and_at_each_rate(steps: list[LiquidationStep]) -> None:
    sold = [step for step in steps if step.action == "takeOver" and not step.error]
    assert {(step.ground, step.cured) for step in sold} == {(0, False), (0, True), (1, False), (1, True)}
    assert {step.rate for step in sold} >= {0, 10_000}
    assert {step.reserved for step in sold} == {False, True}


def test_a_debt_is_paid_in_part_and_shared(steps: list[LiquidationStep]) -> None:
    scales = Counter(step.insurance[6] for step in steps)
    assert len(scales) > 3
    assert any(step.insurance[2] for step in steps), "a claim"
    assert any(step.update_inputs for step in steps), "a proof at scaled prices"
