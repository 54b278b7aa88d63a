"""What an account may do now, and what its next proof must show for it."""

from types import SimpleNamespace
from typing import Any

import pytest

from prover.chain import BookAccount, Level, Permission
from prover.onchain import AccountPermission, is_stopped, may_trade
from prover.trade import Claim
from verifier import ChainError

ANY = pytest.mark.parametrize("permission", list(Permission))


def held(permission: Permission, *, by_breaker: bool = False, cure_time: int | None = None) -> AccountPermission:
    return AccountPermission(permission, by_breaker, cure_time)


@ANY
def test_a_trade_shows_what_its_permission_asks_for(permission: Permission) -> None:
    if permission not in {Permission.FREE, Permission.NO_NEW_RISK}:
        for reduce_only in (False, True):
            with pytest.raises(ChainError, match="not permitted") as refused:
                held(permission).trade_claim(reduce_only=reduce_only)
            assert refused.value.refusal == "NotPermitted"
        return
    assert may_trade(permission, held(permission).trade_claim())
    assert held(permission).trade_claim(reduce_only=True) is Claim.REDUCES_RISK


def test_only_a_free_account_trades_without_showing_anything() -> None:
    assert held(Permission.FREE).trade_claim() is Claim.UNSAID
    assert held(Permission.NO_NEW_RISK).trade_claim() is Claim.REDUCES_RISK
    assert [permission for permission in Permission if may_trade(permission, Claim.UNSAID)] == [Permission.FREE]


def test_an_account_that_changed_often_shows_that_it_meets_initial_margin() -> None:  # ZS-100
    busy = AccountPermission(Permission.FREE, by_breaker=False, must_show=True)
    assert busy.trade_claim() is Claim.MEETS_INITIAL_MARGIN
    assert busy.deposit_claims() == (Claim.MEETS_INITIAL_MARGIN, Claim.TOPS_UP)
    stopped = AccountPermission(Permission.NO_NEW_RISK, by_breaker=False, must_show=True)  # by the gate
    for trade in (lambda: busy.trade_claim(reduce_only=True), stopped.trade_claim):
        with pytest.raises(ChainError, match="until two price rounds have come") as refused:
            trade()
        assert refused.value.refusal == "InitialMarginNotShown"


def test_a_deposit_of_a_free_account_shows_nothing_or_flags_it() -> None:
    for permission in (Permission.FREE, Permission.NO_NEW_RISK):
        assert held(permission).deposit_claims() == (Claim.UNSAID, Claim.TOPS_UP)
        assert [held(permission).is_flagged_by(claim) for claim in Claim] == [False, False, False, True]


def test_a_flagged_account_is_cured_by_several_deposits_until_its_window_is_over() -> None:  # ZS-48
    cures = (Claim.MEETS_INITIAL_MARGIN,)
    topped_up = held(Permission.TOP_UP_ONLY, cure_time=1)
    assert topped_up.deposit_claims() == (*cures, Claim.REDUCES_RISK, Claim.TOPS_UP)
    assert not topped_up.is_flagged_by(Claim.TOPS_UP)  # it is already
    assert held(Permission.TOP_UP_ONLY).is_flagged_by(Claim.TOPS_UP)  # by the gate alone
    assert held(Permission.CURE_ONLY, cure_time=0).deposit_claims() == cures
    with pytest.raises(ChainError, match=r"do nothing now \(Frozen\)"):
        held(Permission.FROZEN, cure_time=1).deposit_claims()


@pytest.mark.parametrize(
    ("maintenance", "overdraft", "window", "left"),
    [(0, 0, 60, None), (100, 0, 60, 55), (0, 100, 60, 55), (103, 100, 60, 55), (100, 103, 60, 55), (100, 0, 3, 0)],
)
def test_the_cure_window_runs_from_the_first_flag_and_ends_at_0(
    maintenance: int, overdraft: int, window: int, left: int | None
) -> None:
    """On the clock of flags, which stands still while flags are stopped."""
    account = BookAccount(1, 1, maintenance_flagged_at=maintenance, overdraft_flagged_at=overdraft)
    contract = SimpleNamespace(
        permission_of=lambda _: Permission.FREE,
        account=lambda _: account,
        cure_window=lambda: window,
        must_show_margin=lambda _: False,
    )
    breaker = SimpleNamespace(level=lambda: Level.OPEN, active_time={Level.NO_FLAGS: 105}.get)
    book: Any = SimpleNamespace(contracts=SimpleNamespace(book=contract, breaker=breaker))
    assert AccountPermission.read(book, 7).cure_time == left


@ANY
def test_only_a_free_account_withdraws(permission: Permission) -> None:
    if permission is Permission.FREE:
        held(permission).require_withdrawals()
        return
    with pytest.raises(ChainError, match="not permitted"):
        held(permission).require_withdrawals()


def test_the_refusal_names_who_refuses() -> None:
    for by_breaker, words in ((True, "the circuit breaker lets"), (False, "the gate of the book lets")):
        with pytest.raises(ChainError, match=words):
            held(Permission.NO_NEW_RISK, by_breaker=by_breaker).require_withdrawals()
    with pytest.raises(ChainError, match="its flag lets the account do nothing now but be cured"):
        held(Permission.CURE_ONLY, cure_time=0).require_withdrawals()
    with pytest.raises(ChainError, match="the gate of the book"):  # neither breaker nor flag ever says this much
        held(Permission.FROZEN, by_breaker=True, cure_time=1).require_withdrawals()


@pytest.mark.parametrize("level", list(Level))
def test_a_breaker_that_stops_flags_stops_new_risk_too(level: Level) -> None:
    """As `Permissions._permissionOf` of the contracts has it."""
    book: Any = SimpleNamespace(contracts=SimpleNamespace(breaker=SimpleNamespace(level=lambda: level)))
    assert is_stopped(book) is (level is not Level.OPEN)
