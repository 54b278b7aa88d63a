"""How far a state is from the limits of a withdrawal: what it lacks, and how much can be taken out (spec ZS-59, ZS-61).

The amounts are secret.
"""

from dataclasses import dataclass, field
from typing import Self

from prover.account import State
from prover.market import PPM, QUOTE_BITS
from prover.trade._ticket import Side
from prover.trade._transition import Claim, Transfer, Transition, covered_cash, health, provable_rule
from verifier import RiskInputs, VectorKind


@dataclass(frozen=True, slots=True)
class Headroom:
    """What a state has above the limits of an account that grows or withdraws [1e-18 USD]; below 0 it lacks as much.

    Attributes:
        maintenance: equity less maintenance margin.
        initial: equity less initial margin: the free collateral.
        cash: covered cash, rounded down.
    """

    maintenance: int = field(repr=False)
    initial: int = field(repr=False)
    cash: int = field(repr=False)

    @classmethod
    def of(cls, state: State, risk: RiskInputs) -> Self:
        """The headroom of a state at a round.

        Args:
            state: of an account.
            risk: the round's.
        """
        return cls(
            maintenance=health(state, risk, VectorKind.MAINTENANCE),
            initial=health(state, risk, VectorKind.INITIAL),
            cash=covered_cash(state, risk, risk.lambdas_ppm[0]) // PPM,
        )

    @property
    def missing(self) -> int:
        """The least deposit of the settlement currency after which no limit is broken [1e-18 USD]."""
        return max(0, -min(self.maintenance, self.initial, self.cash))


def withdrawable(state: State, risk: RiskInputs, asset: int) -> int:
    """The largest amount of an asset that a withdrawal can be proven for; 0 when there is none.

    Prices and haircuts of a round are such that a smaller withdrawal leaves more above each limit.

    Args:
        state: of an account.
        risk: the round's.
        asset: slot of a spot asset, N for the settlement currency.

    Raises:
        InputError: the book has no such asset.
    """
    low, high = 0, 1 << QUOTE_BITS
    while high - low > 1:
        amount = (low + high) // 2
        step = Transition.of(state, Transfer(asset, amount, is_withdrawal=True), None, Side.NONE)
        if provable_rule(step, risk, Claim.UNSAID) is None:
            high = amount
        else:
            low = amount
    return low
