"""What a deposit shows of an account, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from prover.chain import OnchainRound
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._permissions import MUST_SHOW, AccountPermission
from prover.trade import Claim, Side, Transfer, Transition, provable_claim, reasons_against
from verifier import InputError, ProvingError


class DepositReceipt(NamedTuple):
    """A deposit that was accepted.

    Attributes:
        receipt: of the transaction.
        claim: what the chain was shown.
    """

    receipt: Mapping[str, Any]
    claim: Claim


@dataclass(frozen=True)
class DepositPlan:
    """What a deposit would show at a round, and what comes of it.

    Attributes:
        claim: what the chain is shown: what does most for the account of all that can be proven.
        flags: whether the book flags the account for it, which is free now.
    """

    claim: Claim
    flags: bool

    @classmethod
    def make(
        cls,
        book: MarginBook,
        view: AccountView,
        permission: AccountPermission,
        transfer: Transfer,
        round_: OnchainRound,
    ) -> Self:
        """Choose what a deposit shows.

        Args:
            book: where the account lives.
            view: of the account.
            permission: of the account.
            transfer: the deposit.
            round_: that it is proven at.

        Raises:
            ProvingError: nothing that the book takes can be proven.
            InputError: the book has no such asset.
            ChainError: the account is frozen, or the node is not reached.
        """
        step, risk = Transition.of(view.sealed.state, transfer, None, Side.NONE), book.risk(round_)
        claims = permission.deposit_claims()
        claim = provable_claim(step, risk, claims)
        if claim is None:
            reasons = "; ".join(reasons_against(step, risk, claims[0]))
            if permission.cure_time == 0:
                reasons += "; the cure window is over: only a deposit that cures is accepted"
            if permission.must_show:
                reasons += f"; {MUST_SHOW}"
            raise ProvingError(f"the update cannot be proven: {reasons}")
        return cls(claim, flags=permission.is_flagged_by(claim))

    def require_consent(self, *, may_flag: bool) -> None:
        """Refuse a deposit that flags the account, unless its owner has agreed. Raises InputError."""
        if self.flags and not may_flag:
            raise InputError(
                "the account would still be below maintenance margin, and the book flags an account for such a "
                "deposit: deposit more, or agree to the flag"
            )
