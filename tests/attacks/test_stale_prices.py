"""A loser leaves its loss with an empty account, at a price of the past."""

import pytest
from attacks.attack_stage import BTC, CENT, DOLLAR, GRACE, PLAIN, AttackStage, Way, in_each_way

from prover import Claim
from prover.chain import Level
from prover.market import PostingStatus
from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full

SETTLED = (PLAIN, Way.BATCH, Way.VENUE)

EACH_SETTLEMENT = in_each_way(*SETTLED)
EACH_WAY = in_each_way(*SETTLED, Way.BASKET, Way.FUNDING, deep=[way | Way.BASKET | Way.FUNDING for way in SETTLED])


@EACH_WAY
def test_a_loss_is_not_dumped_at_a_superseded_round(stage: AttackStage) -> None:
    """Alice has lost her 20,000 USD and wants to take 18,000 USD out all the same.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The empty account Carol is Alice's too. Bitcoin falls to 7,500 USD: Alice is worth -5,000 USD.

    What they do: 100 seconds later, Alice sells her position to Carol for 9,800 USD a bitcoin. Both prove at round 2,
    whose price is still 10,000 USD, and claim that the trade reduces risk. Alice would then withdraw.

    What they want: 18,000 USD. Carol would owe 23,000 USD and have nothing to pay it with.

    What stops them: no trade counts at a superseded round (ZS-57). The claim of reduced risk means that the position
    shrinks, which it does not for Carol.
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
    dump = 10 * BTC, stage.least_price(10 * BTC, favourable)
    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, *dump, round_=favourable)
    assert refused.value.refusal == "RoundSuperseded"
    with pytest.raises(ProvingError, match="a position would grow"):
        stage.trade(carol, alice, *dump, claim=Claim.REDUCES_RISK, round_=favourable)
    assert (alice.equity(newest), bob.equity(newest)) == (-5_000 * DOLLAR, 125_000 * DOLLAR)
    assert stage.holdings() == 120_000 * DOLLAR


@EACH_WAY
def test_a_loss_is_not_dumped_within_the_grace_of_a_round(stage: AttackStage) -> None:
    """Alice has lost her 20,000 USD and wants to take 16,000 USD out, with proofs that claim nothing.

    Who holds what: Alice deposits 20,000 USD and is long 20 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The empty account Carol is Alice's too. Bitcoin falls to 8,500 USD: Alice is worth -10,000 USD.

    What they do: in the next block, Alice sells her position to Carol for 9,800 USD a bitcoin. Both prove at round 1.
    Alice would then withdraw.

    What they want: 16,000 USD. Carol would owe 26,000 USD and have nothing to pay it with.

    What stops them: there is no grace after a price has moved by more than the difference of initial and maintenance
    margin (ZS-57).
    """
    favourable = stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join()
    stage.trade(alice, bob, 20 * BTC, 200_000 * DOLLAR)
    newest = stage.post(120, 8_500)
    assert alice.equity(newest) == -10_000 * DOLLAR

    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, 20 * BTC, stage.least_price(20 * BTC, favourable), round_=favourable)
    assert refused.value.refusal == "RoundSuperseded"
    assert (alice.equity(newest), bob.equity(newest)) == (-10_000 * DOLLAR, 130_000 * DOLLAR)
    assert stage.holdings() == 120_000 * DOLLAR


@EACH_SETTLEMENT
def test_the_grace_of_a_round_is_short_and_for_trades_alone(stage: AttackStage) -> None:
    """Alice knows the newest price, and wants to act at the one before, which is 50 USD better for her.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The account Carol with 20,000 USD is Alice's too.

    What they do: bitcoin falls to 9,950 USD. Alice trades, withdraws and deposits at round 1, for as long as it goes.

    What they want: a free option on the older price.

    What stops them: a round serves trades for 12 seconds after the next one, and nothing else from then on (ZS-57).
    """
    before = stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join(20_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    newest = stage.post(120, 9_950)
    recorded_at = stage.contracts.rounds.recorded_at(newest.id)
    assert stage.contracts.rounds.is_calm(newest.id)
    for claim in (Claim.UNSAID, Claim.MEETS_INITIAL_MARGIN):
        with pytest.raises(ChainError) as refused:
            alice.deposit_at(before, CENT, claim)
        assert refused.value.refusal == "RoundSuperseded"
    with pytest.raises(ChainError) as refused:
        alice.withdraw_at(before, DOLLAR)
    assert refused.value.refusal == "RoundSuperseded"

    stage.next_block_at(recorded_at + GRACE)
    stage.trade(carol, alice, BTC, 10_000 * DOLLAR, round_=before)
    assert stage.contracts.chain.timestamp() == recorded_at + GRACE
    fresh = stage.post(240, 9_950)
    later = stage.post(400, 9_950)
    stage.next_block_at(stage.contracts.rounds.recorded_at(later.id) + GRACE + 1)
    for claim in (Claim.UNSAID, Claim.REDUCES_RISK):
        with pytest.raises(ChainError) as refused:
            stage.trade(bob, alice, BTC, 9_950 * DOLLAR, claim=claim, round_=fresh)
        assert refused.value.refusal == "RoundSuperseded"


@pytest.mark.parametrize("falls", [1, pytest.param(10, marks=pytest.mark.deep)])
def test_a_loss_dumped_within_the_grace_leaves_no_debt(stage: AttackStage, falls: int) -> None:
    """Alice dumps a part of her position in the grace of each round of a slow fall.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD. For
    each round she has an empty account.

    What they do: bitcoin falls by 0.6 % a round. In each grace, Alice sells 1 BTC to an empty account at the round
    before, for 2 % less than its price.

    What they want: empty accounts that owe more than they have, while Alice keeps the difference.

    What stops them: a round has a grace after a move of at most initial less maintenance margin (ZS-57). So the empty
    account still meets maintenance margin at the newest round. It can be flagged before it owes anything, and it can
    withdraw nothing.
    """
    price = 10_000
    before = stage.post(0, price)
    bob, alice = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    for fall in range(1, falls + 1):
        empty, cost = stage.join(), stage.least_price(BTC, before)
        price = price * 994 // 1000
        newest = stage.post(120 * fall, price)
        stage.trade(empty, alice, BTC, cost, round_=before)
        assert empty.health(newest).is_healthy
        with pytest.raises(ProvingError, match="below initial margin"):
            empty.withdraw(CENT)
        before = newest


@EACH_SETTLEMENT
def test_there_is_no_grace_once_a_price_is_stale(stage: AttackStage) -> None:
    """Alice knows that a feed has died, and wants to trade at the round before, where nothing says so.

    Who holds what: Alice deposits 20,000 USD and is long 10 BTC at 10,000 USD, against honest Bob with 100,000 USD.
    The account Carol with 20,000 USD is Alice's too.

    What they do: no reporter signs a price of BTC-PERP, and the round keeps 10,000 USD. In the next block, Alice sells
    1 BTC to Carol at the round before.

    What they want: a position that grows in a slot whose price is not known.

    What stops them: there is no grace after a round in which a price has become stale (ZS-57).
    """
    before = stage.post(0, 10_000)
    bob, alice, carol = stage.join(100_000 * DOLLAR), stage.join(20_000 * DOLLAR), stage.join(20_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    newest = stage.post(120, 10_000, dead=["BTC-PERP"])
    assert newest.prices[stage.perpetual] == before.prices[stage.perpetual]
    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, BTC, 10_000 * DOLLAR, round_=before)
    assert refused.value.refusal == "RoundSuperseded"


@EACH_WAY
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
    dump = 10 * BTC, stage.least_price(10 * BTC, favourable)
    with pytest.raises(ProvingError, match="a position would grow"):
        stage.trade(carol, alice, *dump, claim=Claim.REDUCES_RISK)
    with pytest.raises(ChainError) as refused:
        stage.trade(carol, alice, *dump)
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

    What stops them: the book takes no deposit of an asset whose price is stale, and none at an older round.
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
    assert refused.value.refusal == "RoundSuperseded"
    stage.flag(alice, stale)
    assert stage.flagged_at(alice) == stale.id
