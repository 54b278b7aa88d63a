"""What `release` allows: the victim's side of a takeover, in exact integers (spec ZS-76)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

from prover.account import State, assess_at
from prover.market import Health
from verifier import BASIS, InputError, ReleaseInputs


class Rates(NamedTuple):
    """What a taker earns [1e-4 of the margin that it takes].

    Attributes:
        covered: where the account's equity pays it, so that equity / margin does not fall.
        uncovered: where equity does not pay the least rate of the auction.
    """

    covered: int
    uncovered: int = 0


class SizeRule(NamedTuple):
    """Which of the rules on size a proof goes by: private bits.

    Attributes:
        is_small: the account is dust, so that any part of it may be taken.
        by_amount: the part is large enough by its margin, not by its share of the account.
    """

    is_small: bool
    by_amount: bool


_SIZE_RULES: Final = tuple(SizeRule(is_small, by_amount) for is_small in (False, True) for by_amount in (False, True))


@dataclass(frozen=True)
class Release:
    """A part of an account leaves for a taker, at effective prices less a reward. Secret but for the rates.

    Attributes:
        old: a valid state.
        taken: the part of each balance that leaves, with its sign [1e-9 token].
        rates: of the reward.
        is_covered: whether the covered rate is paid: a private bit of the proof.
        inputs: of the round and kind.

    Raises:
        InputError: the part or the round has another number of slots than the account.
    """

    old: State = field(repr=False)
    taken: tuple[int, ...] = field(repr=False)
    rates: Rates
    is_covered: bool = field(repr=False)
    inputs: ReleaseInputs

    def __post_init__(self) -> None:
        if not len(self.taken) == len(self.old.balances) == self.inputs.vectors.n:
            raise InputError("release: account, part and round are of books of different sizes")

    @classmethod
    def of(cls, old: State, taken: tuple[int, ...], rates: Rates, inputs: ReleaseInputs) -> Self:
        """A release that pays the covered rate where equity pays it, and the uncovered one elsewhere."""
        release = cls(old, taken, rates, is_covered=True, inputs=inputs)
        return release if _pays(release.whole, rates.covered) else replace(release, is_covered=False)

    @cached_property
    def whole(self) -> Health:
        """Equity and margin of the account before."""
        return _assess(self.old, self.inputs)

    @cached_property
    def parcel(self) -> Health:
        """Value and margin of what is taken."""
        return _assess(State(self.taken, 0), self.inputs)

    @property
    def reward(self) -> int:
        """What the taker earns, rounded down [1e-18 USD]."""
        return (self.rates.covered if self.is_covered else self.rates.uncovered) * self.parcel.margin // BASIS

    @property
    def cost(self) -> int:
        """What the taker pays [1e-18 USD]; below 0 it is paid."""
        return self.parcel.equity - self.reward

    @cached_property
    def new(self) -> State:
        """The state afterwards."""
        left = (balance - taken for balance, taken in zip(self.old.balances, self.taken, strict=True))
        return State(tuple(left), self.old.quote + self.cost)

    @cached_property
    def health_after(self) -> int:
        """Equity less margin of the new state [1e-18 USD]."""
        return _assess(self.new, self.inputs).health

    @property
    def is_cured(self) -> bool:
        """Whether the account meets its margin afterwards."""
        return self.health_after >= 0

    @cached_property
    def rule(self) -> SizeRule | None:
        """The first rule on size by which it can be proven; None when there is none."""
        return next((rule for rule in _SIZE_RULES if not any(self.broken_rules(rule))), None)

    def reasons_against(self) -> list[str]:
        """Why it cannot be proven, in words that tell no amount; empty when it can."""
        if self.rule is not None:
            return []
        is_small = self.whole.margin <= self.inputs.limits.dust
        return list(self.broken_rules(SizeRule(is_small, by_amount=self._is_least_amount)))

    def broken_rules(self, rule: SizeRule) -> Iterator[str]:
        """What it breaks when it is proven by one rule on size, in words that tell no amount. None when it may be.

        Args:
            rule: private bits of the proof.
        """
        limits = self.inputs.limits
        pairs = list(zip(self.old.balances, self.taken, strict=True))
        if not any(self.taken):
            yield "nothing would be taken"
        if any(not (0 <= taken <= balance or balance <= taken <= 0) for balance, taken in pairs):
            yield "more would be taken than there is, or from the other side"
        if any(taken and not self.inputs.sellable >> slot & 1 for slot, taken in enumerate(self.taken)):
            yield "a slot cannot be sold now"
        if self.whole.health >= 0:
            yield f"the account meets its {self.inputs.kind} margin"
        if self.is_covered and not _pays(self.whole, self.rates.covered):
            yield "equity does not pay the reward"
        if not self.is_covered and _pays(self.whole, limits.floor_rate):
            yield "equity pays the least rate, so no uncovered reward is due"
        if not self.new.is_in_range:
            yield "quote would leave its range"
        if rule.is_small and self.whole.margin > limits.dust:
            yield "the account is not dust"
        left = self.whole.margin - self.parcel.margin
        if not rule.is_small and BASIS * self.health_after > limits.buffer_rate * left:
            yield "too much would be taken: the account would be far above its margin"
        if not self.is_cured and not (self._is_least_amount if rule.by_amount else self._is_least_share):
            yield "too little would be taken: the account would not be cured"

    @property
    def _is_least_amount(self) -> bool:
        return self.parcel.margin >= self.inputs.limits.least_amount

    @property
    def _is_least_share(self) -> bool:
        for_sale = _assess(State(sellable_part(self.old, self.inputs), 0), self.inputs)
        return BASIS * self.parcel.margin >= self.inputs.limits.least_share * for_sale.margin


def sellable_part(state: State, inputs: ReleaseInputs) -> tuple[int, ...]:
    """All that a takeover may take of an account [1e-9 token].

    Args:
        state: of the account.
        inputs: of the round and kind.
    """
    return tuple(balance if inputs.sellable >> slot & 1 else 0 for slot, balance in enumerate(state.balances))


def payable_rates(state: State, reached: Rates, inputs: ReleaseInputs) -> Rates:
    """The rates that a release offers a taker: none that it could not be proven with.

    Equity that pays the least rate of the auction pays at most what it has. The covered rate is public, so it rises
    only to a multiple of that least rate: else it would end at equity divided by margin, to a hundredth of a per cent.

    Args:
        state: of the account.
        reached: the highest rates that the auction has reached.
        inputs: of the round and kind.
    """
    whole, floor = _assess(state, inputs), inputs.limits.floor_rate
    if not whole.margin or not _pays(whole, floor):
        return reached
    most = BASIS * whole.equity // whole.margin
    return reached._replace(covered=min(reached.covered, most - most % floor if floor else 0))


def _pays(whole: Health, rate: int) -> bool:
    return BASIS * whole.equity >= rate * whole.margin


def _assess(state: State, inputs: ReleaseInputs) -> Health:
    return assess_at(state, inputs.vectors, inputs.kind)
