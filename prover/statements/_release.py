"""`release`: its claim and witness inputs (spec ZS-76)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from prover.account import SealedState, ViewingKeys
from prover.toolchain import Inputs, to_inputs
from prover.trade import Release, Ticket
from verifier import ProvingError, ReleaseClaim, Value, to_field


@dataclass(frozen=True)
class SealedRelease:
    """A release with the ticket that its taker buys, and the account's next state.

    Attributes:
        before: the account's state on chain.
        after: its next state, sealed.
        release: what leaves it, and for what.
        ticket: the taker's `update` buys it. Known to guardian and takers.
        taker: identity of the one account that may take it; 0 for any.
    """

    before: SealedState
    after: SealedState
    release: Release = field(repr=False)
    ticket: Ticket
    taker: int

    @classmethod
    def make(
        cls,
        keys: ViewingKeys,
        before: SealedState,
        release: Release,
        *,
        taker: int = 0,
        bind: Callable[[int], int] | None = None,
    ) -> Self:
        """Make the ticket of a release, and seal the state after it.

        Args:
            keys: of the account.
            before: its state on chain.
            release: of this state.
            taker: identity of the one account that may take it; 0 for any.
            bind: makes the rho of the next state of the ticket's id, where a book demands one; None draws a fresh one.

        Raises:
            ProvingError: the release is of another state.
            InputError: the cost is out of the range of a ticket.
        """
        if release.old != before.state:
            raise ProvingError("the release is of another state of the account")
        ticket = Ticket.create(keys.domain, release.taken, release.cost)
        after = keys.seal(release.new, None if bind is None else bind(ticket.id))
        return cls(before, after, release, ticket, taker)

    def claimed(self) -> ReleaseClaim:
        """What `release` says of it."""
        return ReleaseClaim(
            old_commitment=self.before.commitment,
            new_commitment=self.after.commitment,
            ticket=self.ticket.id,
            taker=self.taker,
            rate=self.release.rates.covered,
            uncovered_rate=self.release.rates.uncovered,
            cured=self.release.is_cured,
            rho=self.after.rho,
            ciphertext=self.after.ciphertext,
        )


def release_inputs(keys: ViewingKeys, sealed: SealedRelease) -> Inputs:
    """Witness inputs of `release`, which every reader of the account can prove.

    Args:
        keys: of the account.
        sealed: what is released.

    Raises:
        ProvingError: it breaks a rule at its round and kind.
        InputError: a rate is out of its range.
    """
    release, old = sealed.release, sealed.before.state
    rule = release.rule
    if rule is None:
        raise ProvingError(f"the release cannot be proven: {'; '.join(release.reasons_against())}")
    private: dict[str, Value] = {
        "ownerTag": keys.owner_tag,
        "viewKey": keys.view_key,
        "domain": keys.domain.tag(),
        "oldBalance": [to_field(balance) for balance in old.balances],
        "oldQuote": to_field(old.quote),
        "oldShorts": old.shorts,
        "oldSalt": sealed.before.salt,
        "taken": [to_field(amount) for amount in release.taken],
        "ticketSalt": sealed.ticket.salt,
        "covered": int(release.is_covered),
        "isSmall": int(rule.is_small),
        "byAmount": int(rule.by_amount),
    }
    return to_inputs(sealed.claimed().values() | release.inputs.values() | private)
