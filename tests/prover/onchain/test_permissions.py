"""What an account may do now, and what its next proof must show for it."""

from types import SimpleNamespace
from typing import Any

import pytest

from prover.chain import Level, Permission
from prover.onchain import AccountPermission, is_stopped, may_trade
from prover.trade import Claim
from verifier import ChainError

ANY = pytest.mark.parametrize("permission", list(Permission))


def held(permission: Permission, *, by_breaker: bool = False) -> AccountPermission:
    return AccountPermission(permission, by_breaker)


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


def test_a_deposit_shows_initial_margin_only_to_cure() -> None:  # ZS-48
    claims = [held(permission).deposit_claim() for permission in Permission if permission is not Permission.FROZEN]
    assert claims == [Claim.UNSAID, Claim.UNSAID, Claim.MEETS_INITIAL_MARGIN, Claim.MEETS_INITIAL_MARGIN]
    with pytest.raises(ChainError, match=r"do nothing now \(Frozen\)"):
        held(Permission.FROZEN).deposit_claim()


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
    with pytest.raises(ChainError, match="the gate of the book"):  # a breaker never says this much
        held(Permission.FROZEN, by_breaker=True).require_withdrawals()


@pytest.mark.parametrize("level", list(Level))
def test_a_breaker_that_stops_flags_stops_new_risk_too(level: Level) -> None:
    """As `Permissions._permissionOf` of the contracts has it."""
    book: Any = SimpleNamespace(contracts=SimpleNamespace(breaker=SimpleNamespace(level=lambda: level)))
    assert is_stopped(book) is (level is not Level.OPEN)
