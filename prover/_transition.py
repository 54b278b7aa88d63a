"""From one state of an account to the next, in exact integers: what `update` allows (spec ZS-61)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from prover._margin import assess_at
from prover._state import State
from prover._ticket import Side, Ticket
from prover._units import QUOTE_BITS
from verifier import InputError, RiskInputs, VectorKind


class Claim(IntEnum):
    """Which rule on risk an update shows. UNSAID keeps to itself which of the two holds."""

    UNSAID = 0
    MEETS_INITIAL_MARGIN = 1
    REDUCES_RISK = 2


@dataclass(frozen=True, slots=True)
class Transfer:
    """A deposit or withdrawal: public.

    Attributes:
        asset: slot, or the number of slots for the settlement currency.
        amount: [1e-9 token], of the settlement currency [1e-18 USD]; 0 <= amount < 2^144.
        is_withdrawal: whether it leaves the account.
    """

    asset: int
    amount: int
    is_withdrawal: bool

    def __post_init__(self) -> None:
        if self.asset < 0:
            raise InputError("transfer: no such asset")
        if not 0 <= self.amount < 1 << QUOTE_BITS:
            raise InputError(f"transfer: amount outside 0 <= amount < 2^{QUOTE_BITS}")

    @property
    def change(self) -> int:
        """What the account gains."""
        return -self.amount if self.is_withdrawal else self.amount


NO_TRANSFER: Final = Transfer(asset=0, amount=0, is_withdrawal=False)


def next_state(old: State, transfer: Transfer, ticket: Ticket | None, side: Side) -> State:
    """The state after a transfer and one side of a trade.

    Raises:
        InputError: the book has no such asset, or a side without a ticket or the other way round.
    """
    if (ticket is None) != (side is Side.NONE):
        raise InputError("update: a ticket takes a side, and a side a ticket")
    accounts = [*old.balances, old.quote]
    if transfer.asset >= len(accounts) or (ticket is not None and ticket.asset >= len(old.balances)):
        raise InputError("update: the book has no such asset")
    accounts[transfer.asset] += transfer.change
    if ticket is not None:
        accounts[ticket.asset] += side.sign * ticket.size
        accounts[-1] -= side.sign * ticket.cost
    return State(tuple(accounts[:-1]), accounts[-1])


def health(state: State, risk: RiskInputs, kind: VectorKind) -> int:
    """Equity less margin of a state [1e-18 USD]."""
    return assess_at(state, risk.vectors, kind).health


def reduces_risk(old: State, new: State, risk: RiskInputs) -> bool:
    """Whether initial health does not fall, both states taken at the same prices."""
    return health(new, risk, VectorKind.INITIAL) >= health(old, risk, VectorKind.INITIAL)


def broken_rules(old: State, new: State, risk: RiskInputs, *, is_withdrawal: bool, claim: Claim) -> Iterator[str]:
    """The rules of `update` that a new state breaks, in words that tell no amount. None when it may stand.

    Args:
        old: a valid state.
        new: `next_state` of it.
        risk: the round's.
        is_withdrawal: whether something leaves the account.
        claim: the rule on risk that is to be shown.
    """
    if not new.is_in_range:
        yield "a balance or quote leaves its range"
        return
    if new.shorts & risk.long_only:
        yield "an asset would be short that cannot be: a spot asset (borrow in quote instead), or one without margin"
    if health(new, risk, VectorKind.MAINTENANCE) < 0:
        yield "the account would be below maintenance margin"
    if is_withdrawal and new.quote < 0:
        yield "a withdrawal would leave quote negative: unrealised profit cannot be withdrawn"
    meets, reduces = health(new, risk, VectorKind.INITIAL) >= 0, reduces_risk(old, new, risk)
    if not (meets or reduces):
        yield "the account would be below initial margin, and its risk would not fall"
    elif claim is Claim.MEETS_INITIAL_MARGIN and not meets:
        yield "the account would be below initial margin"
    elif claim is Claim.REDUCES_RISK and not reduces:
        yield "risk would not fall"
