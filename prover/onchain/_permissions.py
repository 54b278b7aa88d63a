"""What breaker and gate let an account do now, and what its proofs must show for it."""

from dataclasses import dataclass
from typing import Final, Self

from prover.chain import Level, Permission
from prover.onchain._book import MarginBook
from prover.trade import Claim
from verifier import ChainError

_ALLOWED: Final = {
    Permission.NO_NEW_RISK: "take on no new risk now: nothing is paid out; deposits go on, and trades that raise none",
    Permission.TOP_UP_ONLY: "do nothing now but be cured or topped up by deposits",
    Permission.CURE_ONLY: "do nothing now but be cured, by a deposit after which it meets initial margin",
    Permission.FROZEN: "do nothing now",
}

MUST_SHOW: Final = (
    "the account has changed often in a row, so the book asks it to show that it meets initial margin, or to wait "
    "until two price rounds have come"
)


@dataclass(frozen=True)
class AccountPermission:
    """What one account may do now.

    Attributes:
        permission: by circuit breaker, flags and gate, of which the strictest counts.
        by_breaker: whether the circuit breaker stops withdrawals and new risk, for all accounts.
        cure_time: seconds left in which a flagged account may deposit without being cured, while flags are not stopped;
            0 once it may not; None when the book has not flagged it.
        must_show: whether a deposit or trade has to show that the account meets initial margin, or tops it up, since
            it has changed often in a row without showing it (spec ZS-100).
    """

    permission: Permission
    by_breaker: bool
    cure_time: int | None = None
    must_show: bool = False

    @classmethod
    def read(cls, book: MarginBook, account: int) -> Self:
        """The permission of an account, by its identity. Raises ChainError when the node is not reached."""
        contract = book.contracts.book
        cure_time, must_show = _cure_time(book, account), contract.must_show_margin(account)
        return cls(contract.permission_of(account), is_stopped(book), cure_time, must_show)

    def deposit_claims(self) -> tuple[Claim, ...]:
        """What a deposit may show, so that the book takes it: what does most for the account first.

        A free account says nothing where it can, since what is said is public. Of a flagged one, MEETS_INITIAL_MARGIN
        ends the flag, and the others keep it.

        Raises:
            ChainError: the account is frozen.
        """
        if self.permission is Permission.FROZEN:
            raise self._refusal()
        if self.permission is Permission.CURE_ONLY:
            return (Claim.MEETS_INITIAL_MARGIN,)
        if self.permission is Permission.TOP_UP_ONLY:
            return Claim.MEETS_INITIAL_MARGIN, Claim.REDUCES_RISK, Claim.TOPS_UP
        return Claim.MEETS_INITIAL_MARGIN if self.must_show else Claim.UNSAID, Claim.TOPS_UP

    def is_flagged_by(self, claim: Claim) -> bool:
        """Whether a deposit with a claim flags the account, which is free."""
        return self.cure_time is None and claim is Claim.TOPS_UP

    def trade_claim(self, *, reduce_only: bool = False) -> Claim:
        """What a trade must show, so that the book takes it.

        Args:
            reduce_only: show that the trade reduces risk, even where that is not needed.

        Raises:
            ChainError: the account may not trade.
        """
        if not may_trade(self.permission, Claim.REDUCES_RISK):
            raise self._refusal()
        shows_nothing = may_trade(self.permission, Claim.UNSAID) and not reduce_only
        if not self.must_show:
            return Claim.UNSAID if shows_nothing else Claim.REDUCES_RISK
        if not shows_nothing:
            raise ChainError(
                f"the trade cannot show that it reduces risk: {MUST_SHOW}", refusal="InitialMarginNotShown"
            )
        return Claim.MEETS_INITIAL_MARGIN

    def require_withdrawals(self) -> None:
        """Refuse a withdrawal that the book would refuse. Raises ChainError."""
        if self.permission is not Permission.FREE:
            raise self._refusal()

    def _refusal(self) -> ChainError:
        by_breaker = self.permission is Permission.NO_NEW_RISK and self.by_breaker
        by_flag = self.permission is not Permission.FROZEN and self.cure_time is not None
        who = "the circuit breaker" if by_breaker else "its flag" if by_flag else "the gate of the book"
        return ChainError(
            f"not permitted: {who} lets the account {_ALLOWED[self.permission]} ({permission_name(self.permission)})",
            refusal="NotPermitted",
        )


def _cure_time(book: MarginBook, account: int) -> int | None:
    flagged_at = book.contracts.book.account(account).first_flagged_at
    if flagged_at is None:
        return None
    end = flagged_at + book.contracts.book.cure_window()
    return max(0, end - book.contracts.breaker.active_time(Level.NO_FLAGS))


def may_trade(permission: Permission, claim: Claim) -> bool:
    """Whether an account of a permission may trade, with what its proof shows."""
    if permission is Permission.NO_NEW_RISK:
        return claim is Claim.REDUCES_RISK
    return permission is Permission.FREE


def is_stopped(book: MarginBook) -> bool:
    """Whether the circuit breaker stops withdrawals and new risk of all accounts. Raises ChainError."""
    return book.contracts.breaker.level() >= Level.NO_FLAGS


def permission_name(permission: Permission) -> str:
    """A permission as the contracts and the docs write it."""
    return permission.name.title().replace("_", "")
