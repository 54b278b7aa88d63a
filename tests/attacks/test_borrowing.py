"""Money leaves the book that its owner never lent."""

import pytest
from attacks.attack_stage import BTC, CENT, DOLLAR, PLAIN, AttackStage, TheftSucceeded, Way, in_each_way

from verifier import ProvingError

pytestmark = pytest.mark.full


@in_each_way(PLAIN, Way.VENUE)
def test_the_cash_of_all_others_cannot_be_borrowed_for_nothing(stage: AttackStage) -> None:
    """Dave wants to turn bitcoin into all the money that the book holds, without a sale, a loan or interest.

    Who holds what: honest Bob deposits 100,000 USD. Dave deposits 12 WBTC, worth 120,000 USD, and no money. The empty
    account Erin is Dave's too.

    What they do: Dave may not withdraw more money than a small part of the bitcoin backs. So he buys 0 bitcoin from
    Erin for 100,000 USD: the statement knows no price for nothing. Erin would then withdraw.

    What they want: 100,000 USD, for as long as they like, at no interest, while Dave stays healthy. Bob, who has no
    position and lent nothing, could not withdraw a single dollar.

    What stops them: an account may owe money against spot collateral up to a small public fraction of it only: 5 %, or
    6,000 USD.
    """
    newest = stage.post(0, 10_000)
    bob, dave, erin = stage.join(100_000 * DOLLAR), stage.join(wbtc=12 * BTC), stage.join()
    with pytest.raises(ProvingError, match="sell spot or deposit"):
        dave.withdraw(6_001 * DOLLAR)
    for buyer, seller, cost in ((dave, erin, 100_000), (erin, dave, -100_000), (dave, erin, 6_001)):
        with pytest.raises(ProvingError, match="cash would be short"):
            stage.trade(buyer, seller, 0, cost * DOLLAR)

    stage.trade(dave, erin, 0, 6_000 * DOLLAR)
    with pytest.raises(ProvingError, match="cash would be short"):
        stage.trade(dave, erin, 0, 1)
    with pytest.raises(ProvingError, match="cash would be short"):
        dave.withdraw(CENT)
    erin.withdraw(6_000 * DOLLAR)
    assert (dave.equity(newest), stage.holdings()) == (114_000 * DOLLAR, 94_000 * DOLLAR)
    bob.withdraw(94_000 * DOLLAR)


@in_each_way(PLAIN, Way.FUNDING)
def test_no_basket_borrows_what_spot_does_not_cover(stage: AttackStage) -> None:
    """Dave wants to borrow money by a spread that costs more than it is worth.

    Who holds what: honest Bob deposits 100,000 USD, Dave 12 WBTC, worth 120,000 USD. The account Erin is Dave's too,
    with 10,000 USD for margin.

    What they do: Dave buys 10 BTC and sells 100 ETH from Erin in one basket. He pays her 6,001 USD more than both legs
    are worth at their mark prices. Then he does it again with 6,000 USD, and sells the basket back for 1 USD less.

    What they want: the difference, for Erin to withdraw.

    What stops them: covered cash counts what all legs are worth at their effective prices. Dave may owe 5 % of his
    bitcoin, 6,000 USD, and 10 % after a trade that only shrinks. He cannot grow again then.
    """
    newest = stage.post(0, 10_000)
    stage.join(100_000 * DOLLAR)
    dave, erin = stage.join(wbtc=12 * BTC), stage.join(10_000 * DOLLAR)
    legs = {stage.perpetual: 10 * BTC, stage.ether: -100 * BTC}
    back = {slot: -amount for slot, amount in legs.items()}
    worth = sum(amount * newest.vectors.effective_prices[slot] for slot, amount in legs.items())
    with pytest.raises(ProvingError, match="cash would be short"):
        stage.exchange(dave, erin, legs, worth + 6_001 * DOLLAR)
    stage.exchange(dave, erin, legs, worth + 6_000 * DOLLAR)
    with pytest.raises(ProvingError, match="cash would be short"):
        stage.exchange(dave, erin, back, -worth + 6_001 * DOLLAR)
    stage.exchange(dave, erin, back, -worth + DOLLAR)
    assert dave.equity(newest) == 113_999 * DOLLAR
    with pytest.raises(ProvingError, match="cash would be short"):
        stage.exchange(dave, erin, legs, worth)


@in_each_way(PLAIN, Way.BASKET, Way.FUNDING, deep=[Way.VENUE | Way.BASKET | Way.FUNDING])
def test_buying_at_the_mark_and_closing_below_it_borrows_nothing(stage: AttackStage) -> None:
    """Dave wants to move money that he does not have to Erin, by round trips at a loss.

    Who holds what: honest Bob deposits 100,000 USD, Dave 12 WBTC, worth 120,000 USD. The account Erin is Dave's too,
    with 10,000 USD for margin.

    What they do: Dave buys 10 BTC from Erin at the mark, which needs no cash. He sells them back for 2,000 USD less: a
    trade that shrinks, and frees more margin than it loses.

    What they want: the loss of each round trip, until Erin has what Bob paid in.

    What stops them: covered cash counts in both steps. Once Dave owes more than 6,000 USD, 5 % of his bitcoin, he
    cannot buy again.
    """
    newest = stage.post(0, 10_000)
    stage.join(100_000 * DOLLAR)
    dave, erin = stage.join(wbtc=12 * BTC), stage.join(10_000 * DOLLAR)
    for _ in range(3):
        stage.trade(dave, erin, 10 * BTC, 100_000 * DOLLAR)
        stage.trade(erin, dave, 10 * BTC, 98_000 * DOLLAR)
    assert dave.equity(newest) == 114_000 * DOLLAR
    stage.trade(dave, erin, 10 * BTC, 100_000 * DOLLAR)
    stage.trade(erin, dave, 10 * BTC, 98_000 * DOLLAR)
    assert dave.equity(newest) == 112_000 * DOLLAR  # an account that only shrinks may owe 12,000
    with pytest.raises(ProvingError, match="cash would be short"):
        stage.trade(dave, erin, 10 * BTC, 100_000 * DOLLAR)


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
    stage.pay_out()
    assert stage.holdings() == 90_000 * DOLLAR
    if long.wallet() >= 17_000 * DOLLAR:
        raise TheftSucceeded("Ann has 20,000 USD of the 7,000 USD that she brought, and left 13,000 USD of debt")
