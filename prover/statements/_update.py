"""One step of an account, and the witness inputs of `update` that prove it (spec ZS-61)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from prover.account import OwnerKeys, SealedState, ViewingKeys
from prover.toolchain import Inputs, to_inputs
from prover.trade import NO_TRANSFER, Claim, Side, Ticket, Transfer, Transition, provable_rule, reasons_against
from verifier import (
    RECIPIENT_BITS,
    InputError,
    ProvingError,
    RiskInputs,
    UpdateClaim,
    UpdateTerms,
    Value,
    to_field,
)


@dataclass(frozen=True)
class Update:
    """One step of an account.

    Attributes:
        account: its identity.
        before: its state on chain.
        after: its next state, sealed.
        transfer: what comes in or goes out: public.
        ticket: the trade, if there is one.
        side: which side of it.
        claim: what is shown.
        recipient: of a withdrawal: an address as an integer below 2^160, 0 for none.
    """

    account: int
    before: SealedState
    after: SealedState
    transfer: Transfer
    ticket: Ticket | None
    side: Side
    claim: Claim
    recipient: int

    @classmethod
    def make(
        cls,
        keys: ViewingKeys,
        before: SealedState,
        *,
        transfer: Transfer = NO_TRANSFER,
        ticket: Ticket | None = None,
        side: Side = Side.NONE,
        claim: Claim = Claim.UNSAID,
        recipient: int = 0,
        bind: Callable[[int], int] | None = None,
    ) -> Self:
        """Move an account and seal its next state, under a fresh rho at each call.

        Args:
            keys: of the account.
            before: its state on chain.
            transfer: what comes in or goes out.
            ticket: the trade, if there is one.
            side: which side of it.
            claim: what to show.
            recipient: whom a withdrawal pays.
            bind: makes another rho of the fresh one, a field element that is as fresh: what a venue has the owner sign,
                the fresh rho in it, goes into the proof that way.

        Raises:
            InputError: the ticket is of another book, the book has no such asset, or the recipient is no address.
        """
        if ticket is not None and ticket.domain != keys.domain:
            raise InputError("ticket: of another book")
        if not 0 <= recipient < 1 << RECIPIENT_BITS:
            raise InputError("recipient: not an address of 20 bytes")
        after = keys.seal(Transition.of(before.state, transfer, ticket, side).new)
        if bind is not None:
            after = keys.seal(after.state, bind(after.rho))
        return cls(keys.identity, before, after, transfer, ticket, side, claim, recipient)

    def claimed(self) -> UpdateClaim:
        """What `update` says of the step."""
        return UpdateClaim(
            account=self.account,
            old_commitment=self.before.commitment,
            new_commitment=self.after.commitment,
            claim=int(self.claim),
            rho=self.after.rho,
            ciphertext=self.after.ciphertext,
        )

    def terms(self) -> UpdateTerms:
        """What the use of the proof says of the step."""
        return UpdateTerms(
            ticket=0 if self.ticket is None else self.ticket.id,
            side=int(self.side),
            asset=self.transfer.asset,
            amount=self.transfer.amount,
            is_withdrawal=self.transfer.is_withdrawal,
            recipient=self.recipient,
        )

    @cached_property
    def transition(self) -> Transition:
        """The step in integers."""
        return Transition.of(self.before.state, self.transfer, self.ticket, self.side)


def update_inputs(keys: OwnerKeys, update: Update, risk: RiskInputs) -> Inputs:
    """Witness inputs of `update`.

    Args:
        keys: of the account.
        update: the step.
        risk: the round's.

    Raises:
        ProvingError: the step breaks a rule at this round.
    """
    step, old, ticket = update.transition, update.before.state, update.ticket
    rule = provable_rule(step, risk, update.claim)
    if rule is None:
        raise ProvingError(f"the update cannot be proven: {'; '.join(reasons_against(step, risk, update.claim))}")
    amounts, cost, salt = (
        ((0,) * len(old.balances), 0, 0) if ticket is None else (ticket.amounts, ticket.cost, ticket.salt)
    )
    private: dict[str, Value] = {
        "ownerSecret": keys.owner_secret,
        "viewKey": keys.view_key,
        "domain": keys.domain.tag(),
        "oldBalance": [to_field(balance) for balance in old.balances],
        "oldQuote": to_field(old.quote),
        "oldShorts": old.shorts,
        "oldSalt": update.before.salt,
        "tradeAmount": [to_field(amount) for amount in amounts],
        "tradeCost": to_field(cost),
        "ticketSalt": salt,
        "shrinks": int(rule.shrinks),
        "keepsCash": int(rule.keeps_cash),
    }
    return to_inputs(update.claimed().values(update.terms()) | risk.values() | private)
