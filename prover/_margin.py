"""The margin rule in exact integers: the one reference that circuits, Solidity and numpy are tested against.

health = equity - margin, equity = quote + sum of b_i e_i, margin = sum of |b_i| d_i (docs/units.md).
Rounding goes against the account, and a name says its direction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from prover._state import State
from prover._units import PPM
from verifier import RoundVectors, VectorKind


def effective_price(price: int, funding: int) -> int:
    """e = mark price - cumulative funding per unit [1e-9 USD]: exact, so that no account stores an index."""
    return price - funding


def margin_per_unit_up(price: int, fraction_ppm: int) -> int:
    """d = ceil(price * fraction / 1e6) [1e-9 USD], rounded up: against the account."""
    return -(-price * fraction_ppm // PPM)


@dataclass(frozen=True, slots=True)
class Health:
    """Where an account stands at one round. Secret, as what it is computed from.

    Attributes:
        equity: [1e-18 USD]
        margin: [1e-18 USD], never negative
    """

    equity: int
    margin: int

    @property
    def health(self) -> int:
        """equity - margin [1e-18 USD]."""
        return self.equity - self.margin

    @property
    def is_healthy(self) -> bool:
        """health >= 0; exactly -1 is already liquidatable."""
        return self.health >= 0

    @property
    def ratio(self) -> Fraction | None:
        """equity / margin; None where nothing needs margin. At 1 the account is on the line."""
        return Fraction(self.equity, self.margin) if self.margin else None


class MarginStatus(StrEnum):
    """Where an account stands at a round."""

    HEALTHY = "healthy"
    BELOW_INITIAL = "below initial"
    LIQUIDATABLE = "liquidatable"


class Standing(NamedTuple):
    """Equity and margin of an account at one round. Secret, but for its status once that is proven.

    Attributes:
        maintenance: at maintenance margin: what an account needs to be left alone.
        initial: at initial margin: what an account needs to increase its risk.
    """

    maintenance: Health
    initial: Health

    @property
    def status(self) -> MarginStatus:
        """The side of each line."""
        if not self.maintenance.is_healthy:
            return MarginStatus.LIQUIDATABLE
        return MarginStatus.HEALTHY if self.initial.is_healthy else MarginStatus.BELOW_INITIAL


def assess(
    balances: Sequence[int], quote: int, effective_prices: Sequence[int], margins_per_unit: Sequence[int]
) -> Health:
    """Equity and margin of a state at one round.

    Args:
        balances: b_i [1e-9 token], signed.
        quote: [1e-18 USD], signed.
        effective_prices: e_i [1e-9 USD], signed.
        margins_per_unit: d_i [1e-9 USD], not negative.

    Returns:
        equity and margin [1e-18 USD].

    Raises:
        ValueError: the lengths differ.
    """
    return Health(
        equity=quote + sum(b * e for b, e in zip(balances, effective_prices, strict=True)),
        margin=sum(abs(b) * d for b, d in zip(balances, margins_per_unit, strict=True)),
    )


def assess_at(state: State, vectors: RoundVectors, kind: VectorKind) -> Health:
    """Equity and margin of a state at one round, at one kind of margin. Raises as `assess`."""
    return assess(state.balances, state.quote, vectors.effective_prices, vectors.margins_per_unit(kind))


def liquidation_price(health_at: Callable[[int], int], balance: int, price_limit: int) -> int | None:
    """The price of one asset at which an account becomes liquidatable, all else unchanged.

    Health is monotone in the price of an asset: a unit bought is worth p - ceil(p f) more, which never falls
    as p rises (f <= 1), a unit sold -p - ceil(p f). So the line is found by bisection on the exact rule.

    Args:
        health_at: health [1e-18 USD] as a function of this asset's price [1e-9 USD].
        balance: of this asset [1e-9 token]; its sign tells on which side liquidation lies.
        price_limit: prices are in [0, price_limit).

    Returns:
        For a long balance the highest, for a short one the lowest price [1e-9 USD] with health < 0;
        None when there is no such price, or no balance.
    """
    if balance == 0:
        return None
    worst, best = (0, price_limit - 1) if balance > 0 else (price_limit - 1, 0)
    if health_at(worst) >= 0:
        return None
    if health_at(best) < 0:
        return best
    while abs(best - worst) > 1:  # health_at(worst) < 0 <= health_at(best)
        middle = (worst + best) // 2
        if health_at(middle) < 0:
            worst = middle
        else:
            best = middle
    return worst
