"""Rules of engine, fund and ledger that no theft is about, by examples with whole numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from market_model.actions import (
    Deposit,
    Post,
    Trade,
    Wait,
)
from market_model.engine import Part
from market_model.engine_actions import (
    FlagOn,
    Recover,
)
from market_model.ledger import ONE, Claims, Ledger
from market_model.market import VOLUNTEER, Market
from market_model.rules import DOLLAR, RefusedError, Rules
from market_model.scenes import BTC, SAFE, USD, money, scene

from prover.trade import Claim, Rates
from verifier import VectorKind

GRAIN = 10**12
"""Of a token with 6 decimals [1e-18 USD]."""

COARSE = Rules(grain=GRAIN, max_age=3_600)
MILLION = 10**12
"""Of such a token [1e-6 USD]."""

_PERP = (("perp", 1),)
_LONG = scene(("a", money(20_000)), ("b", money(20_000)), opening=(Trade("a", "maker", _PERP, 0),))
_FALL = Post((("perp", -40_000),))


@contextmanager
def refused(reason: str) -> Iterator[None]:
    with pytest.raises(RefusedError, match=reason):
        yield


def market_of(rules: Rules = COARSE, fund: int = 0, deposited: int = 10 * MILLION) -> Market:
    market = Market.of(SAFE, (BTC, BTC, 100 * USD), rules, fund=fund)
    market.open("maker", "maker", money=deposited * rules.grain)
    return market


def test_the_numbers_of_the_page_on_bad_debt() -> None:
    """docs/shortfall.md: T is 9.5 million, 700,000 are written off, the fund of 3 million pays 300,000."""
    market = market_of(fund=3 * MILLION, deposited=9_500_000 * 10**6)
    vault = market.vault
    vault.write_off(700_000 * DOLLAR, 1, market.now)
    assert (vault.backing, vault.shortfall) == (9_800_000 * DOLLAR, 400_000 * DOLLAR)
    assert vault.ledger.fraction(vault.backing) == 9_800_000 * ONE // 10_200_000
    market.withdraw(market.accounts["maker"], market.n, 1_000_000 * DOLLAR)
    market.wait(market.rules.withdrawal_delay)
    assert vault.wallet("maker")[3] == (-9_500_000_000_000 + 960_784_313_725) * GRAIN
    assert vault.ledger.claims.total == 39_215_686_275
    assert vault.shortfall == 400_000 * DOLLAR - 39_215_686_275 * GRAIN
    assert vault.unpaid(3) - vault.queued(3) == vault.ledger.claimed * GRAIN


def test_a_recapitalisation_pays_claims_and_shortfall_alike() -> None:
    ledger = Ledger(GRAIN, shortfall=300 * GRAIN)
    ledger.claims.add("one", 60)
    ledger.claims.add("other", 40)
    assert ledger.recapitalise(200) == (50, 150)
    assert (ledger.shortfall, ledger.claims.total) == (150 * GRAIN, 50)
    assert [ledger.claim(name) for name in ("one", "other")] == [30, 20]
    with refused("nothing to claim"):
        ledger.claim("one")
    assert ledger.recapitalise(10**6) == (50, 150)
    with refused("nothing is owed"):
        ledger.recapitalise(1)
    assert ledger.held == 50


def test_claims_round_against_their_owners() -> None:
    claims = Claims()
    for name in ("one", "other", "third"):
        claims.add(name, 10)
    claims.pay(10)
    settled = [claims.settled(name) for name in ("one", "other", "third")]
    assert [(claim.owed, claim.due) for claim in settled] == [(6, 3)] * 3
    claims.pay(20)
    assert [claims.settled(name).due for name in ("one", "other", "third")] == [9] * 3


def test_spot_is_scaled_in_steps_that_round_down() -> None:
    ledger = Ledger()
    for shortfall, backing, scale in (
        (0, 10, ONE),
        (999, 10**6, ONE),
        (1_000, 10**6, ONE + ONE // 1_000),
        (9 * 10**6, 10**6, 10 * ONE),
        (10**9, 10**6, 10 * ONE),
        (1, 0, 10 * ONE),
    ):
        ledger.shortfall = shortfall
        assert ledger.scale(backing) == scale


def test_a_deposit_of_money_needs_consent_while_it_is_worth_less() -> None:
    market = market_of()
    maker = market.accounts["maker"]
    market.vault.write_off(1_000_000 * DOLLAR, 1, market.now)
    with refused("haircut not accepted"):
        market.deposit(maker, market.n, DOLLAR)
    market.accept_haircut("maker", 10 * ONE // 11 + 1)
    with refused("haircut not accepted"):
        market.deposit(maker, market.n, DOLLAR)
    market.accept_haircut("maker", 10 * ONE // 11)
    market.deposit(maker, market.n, DOLLAR)
    with refused("fraction above 1"):
        market.accept_haircut("maker", ONE + 1)


def test_draws_keep_to_the_limits_of_a_round_and_of_a_day() -> None:
    fund = market_of(fund=1_000_000).vault.fund
    assert [fund.draw(most, 1, 0) for most in (60_000, 60_000, 1)] == [60_000, 40_000, 0]
    assert [fund.draw(10**6, round_id, 0) for round_id in (2, 3, 4)] == [90_000, 81_000, 29_000]
    assert fund.draw(10**6, 5, 0) == 0
    assert fund.drawable(5, 86_400 // 4) == (700_000 + 247_500) * 3 // 10 - 247_500
    assert fund.drawable(5, 86_400) == 70_000


def test_shares_are_redeemed_within_the_window_of_a_request() -> None:
    market = market_of(replace(COARSE, max_age=30 * 86_400), fund=1_000)
    fund = market.vault.fund
    shares = fund.shares[VOLUNTEER]
    assert shares == 1_000 * 10**6
    with refused("more than its shares"):
        market.request_redeem(VOLUNTEER, shares + 1)
    market.request_redeem(VOLUNTEER, shares // 2)
    with refused("more than can be redeemed"):
        market.redeem(VOLUNTEER, 1)
    with refused("shares are locked"):
        market.move_shares(VOLUNTEER, "maker", shares // 2 + 1)
    market.move_shares(VOLUNTEER, "maker", shares // 2)
    market.now += 7 * 86_400
    market.rounds.breaker.raise_to(1, market.now)
    assert market.redeemable(VOLUNTEER) == 0
    market.rounds.breaker.lower_to(0, market.now)
    market.redeem(VOLUNTEER, shares // 4)
    with refused("more than can be withdrawn"):
        market.withdraw_from_fund(VOLUNTEER, 251)
    market.withdraw_from_fund(VOLUNTEER, 249)
    market.now += 2 * 86_400 + market.rules.resume_grace
    assert market.redeemable(VOLUNTEER) == shares // 4 - 249 * 10**6
    market.now += 1
    assert market.redeemable(VOLUNTEER) == 0
    assert fund.assets == 501


@pytest.mark.parametrize(("rules", "is_free"), [(Rules(), False), (Rules().without("recovery_after_change"), True)])
def test_a_deposit_that_does_not_cure_is_no_cheap_cure(rules: Rules, is_free: bool) -> None:
    """Between maintenance and initial margin an account stays flagged until the next round shows it healthy."""
    table = _LONG.table(rules)
    table.market.keeper = lambda _: None
    for action in (*[_FALL] * 3, FlagOn("a"), Deposit("a", "money", 5_000 * DOLLAR, Claim.REDUCES_RISK)):
        action.play(table)
    account = table.account("a")
    assert table.market.health(account) >= 0 > table.market.health(account, VectorKind.INITIAL)
    if is_free:
        Recover("a").play(table)
        return
    with refused("round not after the last change"):
        Recover("a").play(table)
    Post().play(table)
    Recover("a").play(table)
    assert not account.is_flagged


def test_a_silent_account_is_flagged_once_its_time_is_over() -> None:
    table = _LONG.table(Rules())
    market, account = table.market, table.account("a")
    market.keeper = lambda _: None
    with refused("proven already"):
        market.challenge(account, "b")
    Post().play(table)
    market.challenge(account, "b")
    with refused("challenged already"):
        market.challenge(account, "b")
    started = market.active
    for _ in range(60):
        Post().play(table)
    assert market.active == started + market.rules.answer_window
    with refused("answer window"):
        market.flag_silent("a")
    with refused("challenge is not over"):
        market.end_challenge("a")
    Wait(1).play(table)
    market.flag_silent("a")
    assert account.flagged_at == started + market.rules.answer_window + 1
    assert market.bonds["b"] == 0


def test_a_challenge_is_answered_at_its_round() -> None:
    """An account that lost since may answer: another challenge sees that."""
    table = _LONG.table(Rules())
    market, account = table.market, table.account("a")
    market.keeper = lambda _: None
    Post().play(table)
    market.challenge(account, "b")
    for _ in range(3):
        _FALL.play(table)
    assert market.health(account) < 0
    market.answer("a", "a")
    assert (market.bonds["a"], market.bonds["b"]) == (1, -1)
    market.challenge(account, "b")
    with refused("unhealthy"):
        market.answer("a", "a")
    market.flag_on(account, VectorKind.MAINTENANCE)
    with refused("challenge is over"):
        market.answer("a", "a")
    market.end_challenge("a")
    assert market.bonds["b"] == -1


def test_within_the_cure_window_debt_alone_is_sold() -> None:
    table = _LONG.table(Rules())
    market, victim, taker = table.market, table.account("a"), table.account("b")
    market.keeper = lambda _: None
    for _ in range(3):
        _FALL.play(table)
    market.flag_on(victim, VectorKind.MAINTENANCE)
    Wait(30).play(table)
    whole = victim.state.balances

    def take(covered: int, uncovered: int, *, is_covered: bool) -> None:
        part = Part(whole, VectorKind.MAINTENANCE, Rates(covered, uncovered), is_covered)
        market.take_over(victim, taker, part)

    with refused("cure window"):
        take(1_000, 0, is_covered=True)
    with refused("equity does not pay"):
        take(10_000, 250, is_covered=True)
    with refused("equity pays the least rate"):
        take(10_000, 250, is_covered=False)
    with refused("rate is not reached"):
        take(10_000, 251, is_covered=False)
    Wait(30).play(table)
    with refused("rate is not reached"):
        take(1_001, 0, is_covered=True)
