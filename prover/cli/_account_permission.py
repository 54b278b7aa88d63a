"""What breaker and gate let an account do now, and what it has to show everybody for it."""

from typing import Final

from prover import Claim
from prover.chain import Level, Permission
from prover.cli._output import note
from prover.onchain import MarginBook, Owner
from verifier import ChainError

_ALLOWED: Final = {
    Permission.NO_NEW_RISK: "take on no new risk now: nothing is paid out; deposits go on, and trades that raise none",
    Permission.CURE_ONLY: "do nothing now but be cured, by a deposit after which it meets initial margin",
    Permission.FROZEN: "do nothing now",
}


def deposit_claim(owner: Owner) -> Claim:
    """What a deposit has to show, so that the book takes it. The user is told when that is anything.

    Raises:
        ChainError: the account is frozen, or the node is not reached.
    """
    permission = _permission(owner)
    if permission is Permission.FROZEN:
        raise _refused(owner.book, permission)
    if permission is not Permission.CURE_ONLY:
        return Claim.UNSAID
    note("the account may only be cured now: the deposit shows everybody that it meets initial margin afterwards")
    return Claim.MEETS_INITIAL_MARGIN


def require_withdrawals(owner: Owner) -> None:
    """Refuse a withdrawal that the book would refuse. Raises ChainError."""
    permission = _permission(owner)
    if permission is not Permission.FREE:
        raise _refused(owner.book, permission)


def trade_claim(owner: Owner, *, reduce_only: bool) -> Claim:
    """What a trade has to show, so that the book takes it. The user is told when that is more than was asked for.

    Args:
        owner: of the account.
        reduce_only: what --reduce-only says.

    Raises:
        ChainError: the account may not trade, or the node is not reached.
    """
    permission = _permission(owner)
    if not may_trade(permission, Claim.REDUCES_RISK):
        raise _refused(owner.book, permission)
    if reduce_only or may_trade(permission, Claim.UNSAID):
        return Claim.REDUCES_RISK if reduce_only else Claim.UNSAID
    note("no new risk is permitted now: the trade shows everybody that it does not raise the account's risk")
    return Claim.REDUCES_RISK


def may_trade(permission: Permission, claim: Claim) -> bool:
    """Whether an account may trade, with what it shows."""
    if permission is Permission.NO_NEW_RISK:
        return claim is Claim.REDUCES_RISK
    return permission is Permission.FREE


def is_stopped(book: MarginBook) -> bool:
    """Whether the circuit breaker stops withdrawals and new risk of all accounts. Raises ChainError."""
    return book.contracts.breaker.level() >= Level.NO_WITHDRAWALS


def permission_name(permission: Permission) -> str:
    """As the contracts and the docs write it."""
    return permission.name.title().replace("_", "")


def _permission(owner: Owner) -> Permission:
    return owner.book.contracts.book.permission_of(owner.identity)


def _refused(book: MarginBook, permission: Permission) -> ChainError:
    by_breaker = permission is Permission.NO_NEW_RISK and is_stopped(book)
    who = "the circuit breaker" if by_breaker else "the gate of the book"
    return ChainError(
        f"not permitted: {who} lets the account {_ALLOWED[permission]} ({permission_name(permission)})",
        refusal="NotPermitted",
    )
