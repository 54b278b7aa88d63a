"""A loser leaves its loss with an empty account, at a price of the past."""

import pytest
from attacks.attack_stage import BTC, DOLLAR, AttackStage, TheftSucceeded

from prover import Claim
from prover.chain import Level
from prover.market import PostingStatus
from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full


def test_a_loss_is_not_dumped_at_a_superseded_round(stage: AttackStage) -> None:
    """Alice has lost her 20,000 USD and wants to take 18,000 USD out all the same.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The empty account Carol is Alice's too. Bitcoin falls to 7,500 USD: Alice is worth -5,000 USD.

    What they do: 100 seconds later, Alice sells her position to Carol for 9,800 USD a bitcoin. Both prove at round 2,
    whose price is still 10,000 USD, and claim that the trade reduces risk. Alice would then withdraw.

    What they want: 18,000 USD. Carol would owe 23,000 USD and have nothing to pay it with.

    What stops them: a trade that may add risk does not count at a superseded round. The claim of reduced risk means
    that the position shrinks, which it does not for Carol.
    """
    stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join()
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    favourable = stage.post(60, 10_000)
    stage.post(130, 8_500)
    newest = stage.post(200, 7_500)
    assert alice.equity(newest) == -5_000 * DOLLAR
    with pytest.raises(ProvingError, match="below maintenance margin"):
        alice.withdraw(DOLLAR)

    stage.wait_until(300)
    dump = 10 * BTC, 98_000 * DOLLAR
    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, *dump, round_=favourable)
    assert refused.value.refusal == "RoundSuperseded"
    with pytest.raises(ProvingError, match="a position would grow"):
        stage.trade(carol, alice, *dump, claim=Claim.REDUCES_RISK, round_=favourable)
    assert (alice.equity(newest), bob.equity(newest)) == (-5_000 * DOLLAR, 125_000 * DOLLAR)
    assert stage.holdings() == 120_000 * DOLLAR


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': a grace of 12 s, and none when a price moved far",
)
def test_a_loss_is_dumped_within_the_grace_of_a_round(stage: AttackStage) -> None:
    """Alice has lost her 20,000 USD and takes 16,000 USD out, with proofs that claim nothing.

    Who holds what: Alice deposits 20,000 USD and is long 20 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The empty account Carol is Alice's too. Bitcoin falls to 8,500 USD: Alice is worth -10,000 USD.

    What they do: 52 seconds later, Alice sells her position to Carol for 9,800 USD a bitcoin. Both prove at round 1,
    which still serves for the grace of a minute. Alice then withdraws.

    What they get: 16,000 USD. Carol owes 26,000 USD and has nothing to pay it with.

    What must stop them: the grace must be short, and there must be none after a price has moved by more than the
    difference of initial and maintenance margin.
    """
    favourable = stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join()
    stage.trade(alice, bob, 20 * BTC, 200_000 * DOLLAR)
    newest = stage.post(120, 8_500)
    assert alice.equity(newest) == -10_000 * DOLLAR

    stage.wait_until(172)
    stage.trade(carol, alice, 20 * BTC, 196_000 * DOLLAR, round_=favourable)
    assert alice.equity(newest) == 16_000 * DOLLAR
    assert carol.equity(newest) == -26_000 * DOLLAR
    alice.withdraw(16_000 * DOLLAR)

    assert bob.equity(newest) == 130_000 * DOLLAR
    stage.pay_out()
    assert stage.holdings() == 104_000 * DOLLAR
    if alice.wallet() >= 16_000 * DOLLAR:
        raise TheftSucceeded("Alice took 16,000 USD out of an account that was worth -10,000 USD")


def test_a_loss_is_not_dumped_in_a_halted_book(stage: AttackStage) -> None:
    """Alice knows the price that the book holds as a candidate, and wants 18,000 USD out once the book goes on.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The empty account Carol is Alice's too. The reporters sign 7,500 USD. That is further than a price may move in
    a minute, so it is held as a candidate and the circuit breaker halts the book.

    What they do: 230 seconds after that price, Alice sells her position to Carol for 9,800 USD a bitcoin at round 1,
    the newest there is. Both claim that the trade reduces risk, and a halt leaves such trades open. The next reports
    confirm the candidate, which ends the halt, and Alice would withdraw.

    What they want: 18,000 USD. Carol would owe 23,000 USD and have nothing to pay it with.

    What stops them: the claim of reduced risk means that the position shrinks, which it does not for Carol.
    """
    rounds = stage.contracts.rounds
    favourable = stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join()
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    stage.wait_until(60)
    assert rounds.post(stage.reports(60, 7_500)).status is PostingStatus.HELD
    assert rounds.latest_id() == favourable.id
    assert stage.contracts.breaker.level() is Level.NO_WITHDRAWALS

    stage.wait_until(290)
    with pytest.raises(ProvingError, match="a position would grow"):
        stage.trade(carol, alice, 10 * BTC, 98_000 * DOLLAR, claim=Claim.REDUCES_RISK)
    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, 10 * BTC, 98_000 * DOLLAR)
    assert refused.value.refusal == "NotPermitted"
    newest = stage.post(300, 7_500)
    assert stage.contracts.breaker.level() is Level.OPEN
    assert (alice.equity(newest), bob.equity(newest)) == (-5_000 * DOLLAR, 125_000 * DOLLAR)
    assert stage.holdings() == 120_000 * DOLLAR


@pytest.mark.parametrize("alice_buys", [True, False])
def test_collateral_is_not_taken_out_at_a_stale_price(stage: AttackStage, *, alice_buys: bool) -> None:
    """Alice and Bob are one person, on both sides of a trade, and the price of what they traded is not known.

    Who holds what: each deposits 20,000 USD. One is long of 2 BTC-PERP at 10,000 USD, the other short.

    What they do: the feed of BTC-PERP dies, and the round keeps 10,000 USD. Both know from elsewhere that it fell
    to 2,000 USD, or rose to 18,000 USD. The loser is Alice. She takes out all but 2 %: 19,600 USD.

    What they want: once the feed is back, Bob has won 16,000 USD and takes them out too. Alice owes 15,600 USD.

    What stops them: a stale slot bears its whole price as initial margin, on both sides.
    """
    stage.post(0, 10_000)
    alice, bob = stage.join(20_000 * DOLLAR), stage.join(20_000 * DOLLAR)
    buyer, seller = (alice, bob) if alice_buys else (bob, alice)
    stage.trade(buyer, seller, 2 * BTC, 20_000 * DOLLAR)
    stale = stage.post(60, 10_000, dead=["BTC-PERP"])
    assert stale.reduce_only == 1 << stage.perpetual
    assert alice.equity(stale) == 20_000 * DOLLAR
    with pytest.raises(ProvingError, match="below initial margin"):
        alice.withdraw(DOLLAR)
    assert stage.holdings() == 40_000 * DOLLAR

    stage.trade(seller, buyer, BTC, 10_000 * DOLLAR, claim=Claim.REDUCES_RISK)
    alice.withdraw(10_000 * DOLLAR)
    known = stage.post(300, 2_000 if alice_buys else 18_000)
    assert alice.equity(known) == 2_000 * DOLLAR


def test_no_flag_is_dodged_by_collateral_with_a_dead_price(stage: AttackStage) -> None:
    """Alice has lost her 20,000 USD, and pays worthless tokens in so that her account cannot be flagged.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC-PERP at 10,000 USD, against honest Bob with
    100,000 USD. WBTC has been hacked: no reporter signs a price of it, and the round keeps 10,000 USD.

    What they do: BTC-PERP falls to 8,000 USD, and Alice is worth nothing. She buys 1 WBTC for a few cents, and pays
    it in with the claim that this reduces risk.

    What they want: at the kept price the account meets maintenance margin again, by 10,000 USD that are not there. No
    guardian can flag it, and its losses go on.

    What stops them: the book takes no deposit of an asset whose price is stale.
    """
    stage.post(0, 10_000)
    bob, alice = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    fresh = stage.post(120, 8_000)
    stale = stage.post(180, 8_000, dead=["WBTC"])
    assert stale.reduce_only == 1 << stage.wbtc
    assert not alice.health(stale).is_healthy

    with pytest.raises(ChainError) as refused:
        alice.deposit(BTC, Claim.REDUCES_RISK, asset=stage.wbtc)
    assert refused.value.refusal == "AssetIsReduceOnly"
    with pytest.raises(ChainError) as refused:
        alice.deposit_at(fresh, BTC, Claim.REDUCES_RISK, asset=stage.wbtc)
    assert refused.value.refusal == "AssetIsReduceOnly"
    stage.flag(alice, stale)
    assert stage.flagged_at(alice) == stale.id
