"""Flags that come when they should not, do not hold when they should, and pay when they should not."""

import pytest
from attacks.attack_stage import BTC, CENT, DOLLAR, TIP, AttackStage, Party, TheftSucceeded

from prover import Claim
from prover.chain import OnchainRound, Permission
from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full

THIEF = 0xBEEF
"""Address that earns the tips. It sends nothing, so its balance is what it was paid."""


def long_position(stage: AttackStage, first: OnchainRound) -> Party:
    """Alice with 3,000 USD, long 10 BTC at the first round's 10,000 USD against Bob with 100,000 USD."""
    bob, alice = stage.join(100_000 * DOLLAR), stage.join(3_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    assert alice.health(first).health == 2_000 * DOLLAR
    return alice


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': flags at the newest round only",
)
def test_a_healthy_account_is_flagged_at_a_round_that_is_over(stage: AttackStage) -> None:
    """A rival freezes Alice's healthy account by a price of five minutes ago.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. For one round the price is 9,750 USD;
    a good minute later it is 10,300 USD, and Alice is worth 6,000 USD.

    What they do: a guardian who is Alice's rival flags her at the low round, 220 seconds after the next one came.

    What they get: Alice may do nothing but cure herself, although there is nothing to cure. Her proof of solvency at
    the newest round does not free her. A liquidator could take her position.

    What must stop them: an account is flagged at the newest round only.
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    low, newest = stage.post(120, 9_750), stage.post(190, 10_300)
    assert alice.health(low).health == -475 * DOLLAR
    assert alice.equity(newest) == 6_000 * DOLLAR
    assert alice.health(newest).health == 4_970 * DOLLAR

    stage.wait_until(410)
    stage.flag(alice, low)

    solvent = stage.prove_margin(alice, newest, healthy=True)
    with pytest.raises(ChainError) as refused:
        stage.gate.prove_solvent(alice.identity, newest.id, 0, solvent)
    assert refused.value.refusal == "AccountIsFlagged"
    permission = stage.contracts.book.permission_of(alice.identity)
    if stage.flagged_at(alice) == low.id and permission is Permission.CURE_ONLY:
        raise TheftSucceeded("Alice is frozen with 4,970 USD more than she needs")


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': cures at the newest round only",
)
def test_a_cent_clears_a_flag_at_a_superseded_round(stage: AttackStage) -> None:
    """Alice is worth -12,000 USD and frees herself of her flag with a cent.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. She is flagged at round 2, at 9,750 USD.
    Round 3 has 10,100 USD for a minute. Round 4 has 8,500 USD: Alice is worth -12,000 USD.

    What they do: 220 seconds later, Alice deposits a cent and proves at round 3 that she meets initial margin.

    What they get: the flag is gone, and with it the clock of her liquidation. A guardian has to prove and flag again.

    What must stop them: a flagged account is cured at the newest round only.
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    low = stage.post(120, 9_750)
    stage.flag(alice, low)
    assert stage.flagged_at(alice) == low.id
    high, newest = stage.post(200, 10_100), stage.post(270, 8_500)
    assert alice.equity(newest) == -12_000 * DOLLAR

    stage.wait_until(490)
    with pytest.raises(ProvingError, match="below initial margin"):
        alice.deposit(CENT, Claim.MEETS_INITIAL_MARGIN)
    alice.deposit_at(high, CENT, Claim.MEETS_INITIAL_MARGIN)

    assert alice.equity(newest) == -12_000 * DOLLAR + CENT
    if stage.flagged_at(alice) == 0:
        raise TheftSucceeded("a cent cleared the flag of an account that is worth -12,000 USD")


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': claim 3, a deposit that leaves the account below maintenance margin",
)
def test_a_cure_of_two_deposits_is_refused(stage: AttackStage) -> None:
    """Alice has enough to cure herself, in two assets, and the book takes neither.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. She is flagged at round 2, at 9,750 USD,
    and needs 1,450 USD more to meet initial margin. She has 1,000 USD and 0.1 WBTC, which counts for 828.75 USD.

    What happens: each deposit alone leaves her below initial margin, so the cure cannot be proven. A deposit that
    claims nothing is refused, since she is flagged. An update moves one asset, so she cannot deposit both at once.

    What she loses: the position, to a liquidator, although she holds what would save it.

    What must stop this: a flagged account may deposit without being cured yet. The flag stays until it is.
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    newest = stage.post(120, 9_750)
    initial = alice.owner.state().health(newest).initial
    assert initial.health == -1_450 * DOLLAR
    money, bitcoin = 1_000 * DOLLAR, BTC // 10
    counted = bitcoin * (newest.vectors.effective_prices[stage.wbtc] - newest.vectors.initial.long[stage.wbtc])
    assert counted == 828_75 * CENT
    assert initial.health + money + counted == 378_75 * CENT
    stage.flag(alice, newest)

    with pytest.raises(ChainError) as refused:
        alice.deposit(money)
    assert refused.value.refusal == "NotPermitted"
    for amount, asset in ((money, None), (bitcoin, stage.wbtc)):
        with pytest.raises(ProvingError, match="below initial margin"):
            alice.deposit(amount, Claim.MEETS_INITIAL_MARGIN, asset=asset)

    if stage.flagged_at(alice) == newest.id:
        raise TheftSucceeded("Alice was refused two deposits that together cure her by 378.75 USD to spare")


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'A market that cannot be robbed': a bond at opening pays the tip, and a cure refills it",
)
def test_tips_are_farmed_with_dust_accounts(stage: AttackStage) -> None:
    """A thief flags its own account of two cents three times and takes three tips.

    Who holds what: the gate's pot holds 1 ETH, and pays 0.01 ETH for a flag. The thief opens two accounts with a cent
    each and lets one buy 0.000045 BTC, worth 45 cents, from the other.

    What they do: the price falls by 2 % a round. Each time, the thief flags its long account, earns the tip, and cures
    the account with another cent.

    What they get: 0.03 ETH for five cents and the gas of six transactions. More accounts and rounds empty the pot.

    What must stop them: the account's owner pays the tip, out of a bond that it leaves at opening.
    """
    first = stage.post(0, 10_000)
    stage.gate.fund_tips(100 * TIP)
    long, short = stage.join(CENT), stage.join(CENT)
    stage.trade(long, short, 45 * BTC // 10**6, 45 * CENT)
    assert long.health(first).is_healthy
    brought = 2 * CENT
    for seconds, price in ((120, 9_800), (200, 9_600), (280, 9_410)):
        newest = stage.post(seconds, price)
        stage.flag(long, newest, recipient=THIEF)
        long.deposit(CENT, Claim.MEETS_INITIAL_MARGIN)
        assert stage.flagged_at(long) == 0
        brought += CENT

    assert brought == 5 * CENT
    assert stage.gate.tip_pot() == 97 * TIP
    paid = int(stage.market.node.request("eth_getBalance", f"0x{THIEF:040x}", "latest"), 16)
    if paid >= 3 * TIP:
        raise TheftSucceeded("three tips, 0.03 ETH, for flags of an account of five cents")
