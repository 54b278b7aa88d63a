"""The deposit that cures an account: of a coarse amount, since each deposit is public (spec ZS-99)."""

from dataclasses import dataclass, field
from typing import Final, Self

from prover.chain import LiquidationTerms
from prover.market import QUOTE_DECIMALS
from prover.onchain._deposits import DepositReceipt
from prover.onchain._owner import Owner
from prover.onchain._permissions import AccountPermission
from prover.trade import Claim, Headroom
from verifier import InputError, ProvingError

DIGITS: Final = 2
"""How many digits of what an account lacks a cure shows."""


@dataclass(frozen=True)
class CurePlan:
    """A deposit of the settlement currency after which an account meets initial margin, and covers its cash.

    Attributes:
        round_id: of the prices.
        missing: the least that does it [1e-18 USD]. Secret.
        amount: of the deposit [1e-18 USD]: public.
        bond: what is sent along to refill the account's bond [wei].
        is_flagged: whether the account is flagged, which the deposit ends.
    """

    round_id: int
    missing: int = field(repr=False)
    amount: int
    bond: int
    is_flagged: bool

    @classmethod
    def make(cls, owner: Owner, at_least: int | None = None) -> Self:
        """Plan the cure of an account at the newest round.

        Args:
            owner: the account.
            at_least: the least amount [1e-18 USD]; None for the dust of the book's engine, or that of most engines.

        Raises:
            InputError: the account is not flagged and lacks nothing.
            ChainError: it is frozen, not open, or has expired positions; or the node is not reached.
        """
        book, round_ = owner.book, owner.book.latest_round()
        book.require_epoch(owner.identity, round_.epoch)
        permission = AccountPermission.read(book, owner.identity)
        permission.deposit_claims()
        is_flagged = permission.cure_time is not None
        missing = Headroom.of(owner.state().sealed.state, book.risk(round_)).missing
        if not missing and not is_flagged:
            raise InputError("the account is not flagged, and lacks nothing: there is nothing to cure")
        if at_least is None:
            engine = book.contracts.engine
            at_least = (LiquidationTerms() if engine is None else engine.terms()).dust
        unit = int(10 ** max(QUOTE_DECIMALS - book.contracts.token(book.n).decimals(), 0))
        amount = coarse_up(max(missing, at_least, unit), unit)
        bond = owner.bond_due(Claim.MEETS_INITIAL_MARGIN)
        return cls(round_.id, missing, amount, bond, is_flagged)

    def carry_out(self, owner: Owner) -> DepositReceipt:
        """Deposit it. The chain is shown that a flagged account meets initial margin, and no such thing of another one.

        Args:
            owner: the account that it is planned for.

        Raises:
            ProvingError: it does not cure the account any more: prices have moved.
            InputError, ChainError: as for `Owner.deposit`.
        """
        claim = Claim.MEETS_INITIAL_MARGIN if self.is_flagged else None
        try:
            return owner.deposit(owner.book.n, self.amount, claim)
        except ProvingError:
            if owner.book.latest_round().id == self.round_id:
                raise
            raise ProvingError("prices have moved, and the deposit does not cure any more: plan it again") from None


def coarse_up(amount: int, unit: int = 1) -> int:
    """Round an amount up to two digits, and to whole units of a token.

    Args:
        amount: above 0.
        unit: of the token, a power of ten.
    """
    step = max(int(10 ** max(len(str(amount)) - DIGITS, 0)), unit)
    return -(-amount // step) * step
