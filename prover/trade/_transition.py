"""From one state of an account to the next, in exact integers: what `update` allows (spec ZS-58, ZS-59, ZS-61)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Final, NamedTuple, Self

from prover.account import State, assess_at
from prover.market import BALANCE_BITS, PPM, QUOTE_BITS
from prover.trade._ticket import Side, Ticket
from verifier import InputError, RiskInputs, VectorKind


class Claim(IntEnum):
    """What an update shows. UNSAID keeps to itself which of the rules on risk holds.

    MEETS_INITIAL_MARGIN: the new state does.
    REDUCES_RISK: every position shrinks or stays, and initial health does not fall.
    TOPS_UP: a deposit that leaves the account below maintenance margin, where the others need it to be met.
    """

    UNSAID = 0
    MEETS_INITIAL_MARGIN = 1
    REDUCES_RISK = 2
    TOPS_UP = 3


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


@dataclass(frozen=True)
class Transition:
    """One step of an account, in integers. Secret but for the transfer.

    Attributes:
        old: a valid state.
        traded: what the trade adds to each balance [1e-9 token].
        paid: what the account pays for it [1e-18 USD].
        trades: whether there is a trade, of whatever size.
        transfer: what comes in or goes out.

    Raises:
        InputError: the book has no such asset, or another number of slots than the trade.
    """

    old: State = field(repr=False)
    traded: tuple[int, ...] = field(repr=False)
    paid: int = field(repr=False)
    trades: bool
    transfer: Transfer

    def __post_init__(self) -> None:
        slots = len(self.old.balances)
        if len(self.traded) != slots:
            raise InputError(f"update: a trade of {len(self.traded)} slots, in a book of {slots}")
        if self.transfer.asset > slots:
            raise InputError("update: the book has no such asset")

    @classmethod
    def of(cls, old: State, transfer: Transfer, ticket: Ticket | None, side: Side) -> Self:
        """A transfer and one side of a trade.

        Raises:
            InputError: the book has no such asset, or another number of slots than the ticket; or a side without a
                ticket, or the other way round.
        """
        if (ticket is None) != (side is Side.NONE):
            raise InputError("update: a ticket takes a side, and a side a ticket")
        if ticket is None:
            return cls(old, (0,) * len(old.balances), 0, trades=False, transfer=transfer)
        traded = tuple(side.sign * amount for amount in ticket.amounts)
        return cls(old, traded, side.sign * ticket.cost, trades=True, transfer=transfer)

    @cached_property
    def new(self) -> State:
        """The state afterwards."""
        values = [balance + amount for balance, amount in zip(self.old.balances, self.traded, strict=True)]
        values.append(self.old.quote - self.paid)
        values[self.transfer.asset] += self.transfer.change
        return State(tuple(values[:-1]), values[-1])

    def shrinks_in(self, slot: int) -> bool:
        """Whether the trade takes from the position of a slot, or leaves it, and does not turn it to the other side."""
        old, traded, new = self.old.balances[slot], self.traded[slot], self.new.balances[slot]
        side = -1 if old < 0 else 1
        return 0 <= -side * traded < 1 << BALANCE_BITS and side * new >= 0

    @property
    def shrinks(self) -> bool:
        """Whether every slot shrinks and nothing is withdrawn."""
        return not self.transfer.is_withdrawal and all(map(self.shrinks_in, range(len(self.traded))))


class RiskRule(NamedTuple):
    """Which of the rules on risk and on cash a proof goes by: its private bits.

    Attributes:
        shrinks: the account only shrinks, so that initial health need only not fall; otherwise it meets initial margin.
        keeps_cash: covered cash does not fall, in place of being at least 0; only where the account shrinks.
    """

    shrinks: bool
    keeps_cash: bool


_GROWING: Final = RiskRule(shrinks=False, keeps_cash=False)
_SHRINKING: Final = (RiskRule(shrinks=True, keeps_cash=False), RiskRule(shrinks=True, keeps_cash=True))
_RULES: Final = {
    Claim.UNSAID: (_GROWING, *_SHRINKING),
    Claim.MEETS_INITIAL_MARGIN: (_GROWING,),
    Claim.REDUCES_RISK: _SHRINKING,
    Claim.TOPS_UP: _SHRINKING,
}


def health(state: State, risk: RiskInputs, kind: VectorKind) -> int:
    """Equity less margin of a state [1e-18 USD]."""
    return assess_at(state, risk.vectors, kind).health


def covered_cash(state: State, risk: RiskInputs, lambda_ppm: int) -> int:
    """What a state is worth when its spot counts by a part only [1e-24 USD] (spec ZS-59).

    Args:
        state: of an account.
        risk: the round's; spot in a reduce-only slot counts nothing.
        lambda_ppm: the part [ppm].
    """
    covered = PPM * state.quote
    for slot, (balance, price) in enumerate(zip(state.balances, risk.vectors.effective_prices, strict=True)):
        if not risk.long_only >> slot & 1:
            covered += PPM * balance * price
        elif not risk.reduce_only >> slot & 1:
            covered += lambda_ppm * balance * price
    return covered


def provable_rule(step: Transition, risk: RiskInputs, claim: Claim) -> RiskRule | None:
    """The first rule by which a step can be proven with a claim; None when there is none."""
    return next((rule for rule in _RULES[claim] if not any(broken_rules(step, risk, claim, rule))), None)


def provable_claim(step: Transition, risk: RiskInputs, claims: Iterable[Claim]) -> Claim | None:
    """The first of some claims that a step can be proven with; None when there is none."""
    return next((claim for claim in claims if provable_rule(step, risk, claim) is not None), None)


def reasons_against(step: Transition, risk: RiskInputs, claim: Claim) -> list[str]:
    """Why a step cannot be proven with a claim, in words that tell no amount; empty when it can."""
    if provable_rule(step, risk, claim) is not None:
        return []
    nearest = _RULES[claim][-1 if step.shrinks else 0]
    return list(broken_rules(step, risk, claim, nearest))


def broken_rules(step: Transition, risk: RiskInputs, claim: Claim, rule: RiskRule) -> Iterator[str]:
    """What a step breaks when it is proven by one rule, in words that tell no amount. None when it may be.

    Args:
        step: of an account.
        risk: the round's.
        claim: what is to be shown.
        rule: the private bits of the proof.
    """
    if not step.new.is_in_range:
        yield "a balance or quote leaves its range"
        return
    if step.new.shorts & risk.long_only:
        yield "an asset would be short that cannot be: spot (borrow in quote instead), or one without a price"
    slots = range(len(step.traded))
    if any(risk.reduce_only >> slot & 1 and not step.shrinks_in(slot) for slot in slots):
        yield "an asset can only be reduced now, and the account would grow in it"
    if rule not in _RULES[claim]:
        yield "the claim says another rule"
    if rule.shrinks and step.transfer.is_withdrawal:
        yield "risk would not fall: a withdrawal takes from what covers it"
    elif rule.shrinks and not step.shrinks:
        yield "risk would not fall: a position would grow, or turn to its other side"
    yield from _broken_maintenance(step, risk, claim)
    yield from _broken_cash(step, risk, rule)
    initial = health(step.new, risk, VectorKind.INITIAL)
    if not rule.shrinks and initial < 0:
        yield "the account would be below initial margin"
    if rule.shrinks and initial < health(step.old, risk, VectorKind.INITIAL):
        yield "risk would not fall: the account would have less above, or lack more of, initial margin"


def _broken_maintenance(step: Transition, risk: RiskInputs, claim: Claim) -> Iterator[str]:
    is_met = health(step.new, risk, VectorKind.MAINTENANCE) >= 0
    if claim is not Claim.TOPS_UP:
        if not is_met:
            yield "the account would be below maintenance margin"
        return
    if step.trades or step.transfer.is_withdrawal or not step.transfer.amount:
        yield "only a deposit tops an account up"
    if is_met:
        yield "the account would not be below maintenance margin: there is nothing to top up"


def _broken_cash(step: Transition, risk: RiskInputs, rule: RiskRule) -> Iterator[str]:
    old, new = (covered_cash(state, risk, risk.lambdas_ppm[rule.shrinks]) for state in (step.old, step.new))
    if rule.keeps_cash:
        if not rule.shrinks or new < old:
            yield "cash would be short, and by more than before: sell spot or deposit"
    elif new < 0:
        less = ", or withdraw less" if step.transfer.is_withdrawal else ""
        yield f"cash would be short, spot may back little debt: sell spot or deposit{less}"
