"""Flags that come when they should not, do not hold when they should, and pay when they should not."""

import pytest
from attacks.attack_stage import BOND, BTC, CENT, DOLLAR, PLAIN, AttackStage, Party, Way, in_each_way

from prover import Claim
from prover.chain import OnchainRound, Permission
from verifier import ChainError, ProvingError

pytestmark = pytest.mark.full

EARNER = 0xBEEF
"""Address that earns the tips. It sends nothing, so its balance is what it was paid."""

CURE_WINDOW = 60
"""Of the book, seconds."""

EACH_PRICE = in_each_way(PLAIN, Way.FUNDING)


def long_position(stage: AttackStage, first: OnchainRound) -> Party:
    """Alice with 3,000 USD, long 10 BTC at the first round's 10,000 USD against Bob with 100,000 USD."""
    bob, alice = stage.join(100_000 * DOLLAR), stage.join(3_000 * DOLLAR)
    stage.trade(alice, bob, 10 * BTC, 100_000 * DOLLAR)
    assert alice.health(first).health == 2_000 * DOLLAR
    return alice


@EACH_PRICE
def test_a_healthy_account_is_not_flagged_at_a_round_that_is_over(stage: AttackStage) -> None:
    """A rival wants to freeze Alice's healthy account by a price of five minutes ago.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. For one round the price is 9,750 USD;
    a good minute later it is 10,300 USD, and Alice is worth 6,000 USD.

    What they do: a guardian who is Alice's rival proves at the low round that she is below maintenance margin, 220
    seconds after the next one came.

    What they want: Alice could do nothing but cure herself, although there is nothing to cure. A liquidator could take
    her position.

    What stops them: an account is flagged at the newest round only (ZS-57).
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    low, newest = stage.post(120, 9_750), stage.post(190, 10_300)
    assert alice.health(low).health == -475 * DOLLAR
    assert alice.equity(newest) == 6_000 * DOLLAR
    assert alice.health(newest).health == 4_970 * DOLLAR

    stage.wait_until(410)
    with pytest.raises(ChainError) as refused:
        stage.flag(alice, low)
    assert refused.value.refusal == "RoundSuperseded"

    solvent = stage.prove_margin(alice, newest, healthy=True)
    stage.gate.prove_solvent(alice.identity, newest.id, 0, solvent)
    assert stage.contracts.book.permission_of(alice.identity) is Permission.FREE


def test_a_cent_does_not_clear_a_flag_at_a_superseded_round(stage: AttackStage) -> None:
    """Alice is worth -12,000 USD and wants to free herself of her flag with a cent.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. She is flagged at round 2, at 9,750 USD.
    Round 3 has 10,100 USD for a minute. Round 4 has 8,500 USD: Alice is worth -12,000 USD.

    What they do: 220 seconds later, Alice deposits a cent and proves at round 3 that she meets initial margin.

    What they want: no flag, and a new clock of her liquidation. A guardian would have to prove and flag again.

    What stops them: a flagged account is cured at the newest round only (ZS-57).
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    low = stage.post(120, 9_750)
    stage.flag(alice, low)
    flagged_at = stage.flag_time(alice)
    high, newest = stage.post(200, 10_100), stage.post(270, 8_500)
    assert alice.equity(newest) == -12_000 * DOLLAR

    stage.wait_until(490)
    with pytest.raises(ProvingError, match="below initial margin"):
        alice.deposit(CENT, Claim.MEETS_INITIAL_MARGIN)
    with pytest.raises(ChainError) as refused:
        alice.deposit_at(high, CENT, Claim.MEETS_INITIAL_MARGIN)
    assert refused.value.refusal == "RoundSuperseded"

    assert alice.equity(newest) == -12_000 * DOLLAR
    assert stage.flag_time(alice) == flagged_at > 0


def test_a_cure_of_several_deposits_is_taken(stage: AttackStage) -> None:
    """Alice has enough to cure herself, in two assets, and no single deposit of hers is enough.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. She is flagged at round 2, at 9,750 USD,
    and needs 1,450 USD more to meet initial margin. She has 1,000 USD and 0.1 WBTC, which counts for 828.75 USD.

    What they do: a flag pays Alice's bond to the guardian. She deposits 400 USD, which leaves her below maintenance
    margin, then 600 USD, which leaves her between the two margins, then the bitcoin.

    What they lose, if that is refused: the position, to a liquidator, although Alice holds what saves it.

    What allows it: a flagged account may top up within the cure window (ZS-71). The flag and its clock stay until the
    last deposit, which shows initial margin and refills the bond.
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    newest = stage.post(120, 9_750)
    initial = alice.owner.state().health(newest).initial
    assert initial.health == -1_450 * DOLLAR
    bitcoin = BTC // 10
    counted = bitcoin * (newest.vectors.effective_prices[stage.wbtc] - newest.vectors.initial.long[stage.wbtc])
    assert counted == 828_75 * CENT
    assert initial.health + 1_000 * DOLLAR + counted == 378_75 * CENT
    stage.flag(alice, newest, recipient=EARNER)
    flagged_at = stage.flag_time(alice)
    assert stage.bond(alice) == 0

    with pytest.raises(ChainError) as refused:
        alice.deposit(1_000 * DOLLAR)
    assert refused.value.refusal == "NotPermitted"
    alice.deposit(400 * DOLLAR, Claim.TOPS_UP)
    alice.deposit(600 * DOLLAR, Claim.REDUCES_RISK)
    assert stage.flag_time(alice) == flagged_at > 0
    assert stage.contracts.book.permission_of(alice.identity) is Permission.TOP_UP_ONLY
    alice.deposit(bitcoin, Claim.MEETS_INITIAL_MARGIN, asset=stage.wbtc)

    assert stage.flag_time(alice) == 0
    assert stage.contracts.book.permission_of(alice.identity) is Permission.FREE
    assert stage.bond(alice) == BOND


@EACH_PRICE
@pytest.mark.parametrize("cents", [1, pytest.param(15, marks=pytest.mark.deep)])
def test_a_flag_is_not_dodged_by_a_deposit_of_a_cent_each_block(stage: AttackStage, cents: int) -> None:
    """Alice is below maintenance margin and wants to void each proof about her before it is mined.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD. At 9,750 USD she is below maintenance
    margin by 475 USD.

    What they do: whenever a proof about her present state is on its way, Alice deposits a cent. Her commitment is
    another one then, and the proof is void. When the price rises, she goes on between the two margins.

    What they want: no flag, or a flag whose clock begins again with each deposit, and no takeover before it expires.

    What stops them: a deposit that leaves her below maintenance margin flags her (claim 3). Further ones leave the
    clock as it is, and after the cure window none is taken but one that cures (ZS-71).
    """
    first = stage.post(0, 10_000)
    alice = long_position(stage, first)
    low = stage.post(120, 9_750)
    void = stage.prove_margin(alice, low, healthy=False)
    for claim in (Claim.UNSAID, Claim.REDUCES_RISK):
        with pytest.raises(ProvingError, match="below maintenance margin"):
            alice.deposit(CENT, claim)
    alice.deposit(CENT, Claim.TOPS_UP)
    flagged_at = stage.flag_time(alice)
    assert flagged_at > 0
    with pytest.raises(ChainError) as refused:
        stage.gate.flag(alice.identity, low.id, 0, void)
    assert refused.value.refusal == "AccountIsFlagged"

    for _ in range(cents):
        alice.deposit(CENT, Claim.TOPS_UP)
        assert stage.flag_time(alice) == flagged_at

    stage.wait_until(125 + CURE_WINDOW)
    with pytest.raises(ChainError) as refused:
        alice.deposit(CENT, Claim.TOPS_UP)
    assert refused.value.refusal == "NotPermitted"
    stage.post(280, 9_850)
    with pytest.raises(ChainError) as refused:
        alice.deposit(CENT, Claim.REDUCES_RISK)
    assert refused.value.refusal == "NotPermitted"
    assert stage.flag_time(alice) == flagged_at


def test_a_healthy_account_does_not_flag_itself(stage: AttackStage) -> None:
    """Alice wants the clock of her flag to run before there is anything to cure.

    Who holds what: Alice deposits 3,000 USD and is long 10 BTC at 10,000 USD, 2,000 USD above maintenance margin.

    What they do: she deposits a cent with claim 3, and offers a trade with it.

    What they want: a flag on a healthy account. Its takeover rates would have risen by the time that she is unhealthy.

    What stops them: claim 3 proves a deposit that leaves the account below maintenance margin (ZS-61).
    """
    alice = long_position(stage, stage.post(0, 10_000))
    with pytest.raises(ProvingError):
        alice.deposit(CENT, Claim.TOPS_UP)
    assert stage.flag_time(alice) == 0


def test_tips_are_not_farmed_with_dust_accounts(stage: AttackStage) -> None:
    """A thief flags its own account of two cents three times, and wants to earn by it.

    Who holds what: the thief opens two accounts with a cent each, and leaves a bond of 0.01 ETH for each. It lets one
    buy 0.000045 BTC, worth 45 cents, from the other.

    What they do: the price falls by 2 % a round. Each time, the thief flags its long account, earns the tip, and cures
    the account with another cent.

    What they want: 0.03 ETH for five cents and the gas of six transactions.

    What stops them: the tip is the account's own bond, and each cure refills it (ZS-72). A deposit that cures and
    sends less is refused.
    """
    first = stage.post(0, 10_000)
    long, short = stage.join(CENT), stage.join(CENT)
    stage.trade(long, short, 45 * BTC // 10**6, 45 * CENT)
    assert long.health(first).is_healthy
    for seconds, price in ((120, 9_800), (200, 9_600), (280, 9_410)):
        newest = stage.post(seconds, price)
        stage.flag(long, newest, recipient=EARNER)
        assert stage.bond(long) == 0
        with pytest.raises(ChainError) as refused:
            long.deposit_at(newest, CENT, Claim.MEETS_INITIAL_MARGIN)
        assert refused.value.refusal == "WrongBond"
        long.deposit(CENT, Claim.MEETS_INITIAL_MARGIN)
        assert stage.flag_time(long) == 0

    vault = stage.contracts.book.vault.contract
    posted = sum(event.arguments["amount"] for event in vault.logs("BondPosted", account=long.identity))
    assert posted == 4 * BOND
    assert (stage.contracts.chain.balance(f"0x{EARNER:040x}"), stage.bond(long)) == (3 * BOND, BOND)
