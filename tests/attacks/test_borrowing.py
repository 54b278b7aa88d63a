"""Money leaves the book that its owner never lent."""

import pytest
from attacks.attack_stage import BTC, DOLLAR, AttackStage, TheftSucceeded

from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': the cash rule, spot collateral covers little debt",
)
def test_the_cash_of_all_others_is_borrowed_for_nothing(stage: AttackStage) -> None:
    """Dave turns bitcoin into all the money that the book holds, without a sale, a loan or interest.

    Who holds what: honest Bob deposits 100,000 USD. Dave deposits 12 WBTC, worth 120,000 USD, and no money. The empty
    account Erin is Dave's too.

    What they do: Dave himself may not withdraw money that he does not have. So he buys 0 bitcoin from Erin for
    100,000 USD: the statement knows no price for nothing. Erin then withdraws.

    What they get: 100,000 USD, for as long as they like, at no interest. Dave stays healthy. Bob, who has no position
    and lent nothing, cannot withdraw a single dollar.

    What must stop them: an account may owe money against spot collateral up to a small public fraction of it only.
    """
    newest = stage.post(0, 10_000)
    bob, dave, erin = stage.join(100_000 * DOLLAR), stage.join(wbtc=12 * BTC), stage.join()
    assert stage.holdings() == 100_000 * DOLLAR
    with pytest.raises(ProvingError, match="quote negative"):
        dave.withdraw(DOLLAR)

    stage.trade(dave, erin, 0, 100_000 * DOLLAR)
    assert dave.health(newest).is_healthy
    assert dave.equity(newest) == 20_000 * DOLLAR
    erin.withdraw(100_000 * DOLLAR)

    assert bob.equity(newest) == 100_000 * DOLLAR
    assert stage.holdings() == 0
    with pytest.raises(ChainError) as refused:
        bob.withdraw(DOLLAR)
    assert refused.value.refusal == "HoldingsExhausted"
    if erin.wallet() >= 100_000 * DOLLAR:
        raise TheftSucceeded("Erin took 100,000 USD that Bob had paid in")


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'The liquidation engine': a takeover within a round or two, before a withdrawal leaves the queue",
)
def test_one_owner_bets_on_both_sides_and_leaves_the_loss(stage: AttackStage) -> None:
    """Ann earns 13,000 USD by a bet against herself, whichever way the price goes.

    Who holds what: honest Bob deposits 100,000 USD. Ann has three accounts: long and short with 2,000 USD each, and a
    third one with 3,000 USD. Her long account buys 10 BTC at 10,000 USD from her short one.

    What they do: Bitcoin rises to 11,500 USD. The guardian flags the short account at once, and nothing follows. The
    long account sells its position to the third one at the mark and withdraws.

    What they get: 17,000 USD, while the third account still is worth its 3,000 USD. Ann brought 7,000 USD. The short
    account owes 13,000 USD, and the book holds 90,000 USD of the 103,000 USD that it owes.

    What must stop them: a liquidator must take over the losing side while it is worth something. A withdrawal must
    wait for that long.
    """
    stage.post(0, 10_000)
    bob = stage.join(100_000 * DOLLAR)
    long, short, third = stage.join(2_000 * DOLLAR), stage.join(2_000 * DOLLAR), stage.join(3_000 * DOLLAR)
    stage.trade(long, short, 10 * BTC, 100_000 * DOLLAR)
    newest = stage.post(120, 11_500)
    assert short.equity(newest) == -13_000 * DOLLAR
    stage.flag(short, newest)
    assert stage.flagged_at(short) == newest.id

    stage.trade(third, long, 10 * BTC, 115_000 * DOLLAR)
    long.withdraw(17_000 * DOLLAR)

    assert bob.equity(newest) == 100_000 * DOLLAR
    assert third.equity(newest) == 3_000 * DOLLAR
    assert long.equity(newest) == 0
    assert stage.holdings() == 90_000 * DOLLAR
    if long.wallet() >= 17_000 * DOLLAR:
        raise TheftSucceeded("Ann has 20,000 USD of the 7,000 USD that she brought, and left 13,000 USD of debt")
