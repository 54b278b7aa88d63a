"""The margin rule in exact integers: the one reference that circuits, Solidity and numpy are tested against.

health = equity - margin, equity = quote + sum of b_i e_i; the margin of a long balance is b_i d_i, that of a short one
|b_i| (d_i + x_i) (docs/units.md). Rounding goes against the account, and a name says its direction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from prover.market._units import PPM
from verifier import MarginsPerUnit


def effective_price(price: int, funding: int) -> int:
    """e = mark price - cumulative funding per unit [1e-9 USD]: exact, so that no account stores an index."""
    return price - funding


def margin_per_unit_up(price: int, fraction_ppm: int) -> int:
    """d = ceil(price * fraction / 1e6) [1e-9 USD], rounded up: against the account."""
    return -(-price * fraction_ppm // PPM)


@dataclass(frozen=True, slots=True)
class Health:
    """Equity and margin of a state at one round. Secret.

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
        """equity / margin; None where nothing needs margin. Liquidatable below 1."""
        return Fraction(self.equity, self.margin) if self.margin else None


class MarginStatus(StrEnum):
    """Margin status of an account at a round."""

    HEALTHY = "healthy"
    BELOW_INITIAL = "below initial"
    LIQUIDATABLE = "liquidatable"


class AccountHealth(NamedTuple):
    """Equity and margin of an account at one round. Secret, but for its status once that is proven.

    Attributes:
        maintenance: at maintenance margin, below which the account is liquidatable.
        initial: at initial margin, which an account needs to increase its risk.
    """

    maintenance: Health
    initial: Health

    @property
    def status(self) -> MarginStatus:
        """Status at both margins."""
        if not self.maintenance.is_healthy:
            return MarginStatus.LIQUIDATABLE
        return MarginStatus.HEALTHY if self.initial.is_healthy else MarginStatus.BELOW_INITIAL


def assess(balances: Sequence[int], quote: int, effective_prices: Sequence[int], margins: MarginsPerUnit) -> Health:
    """Equity and margin of a state at one round.

    Args:
        balances: b_i [1e-9 token], signed.
        quote: [1e-18 USD], signed.
        effective_prices: e_i [1e-9 USD], signed.
        margins: margin per unit of each slot, by side.

    Returns:
        equity and margin [1e-18 USD].

    Raises:
        ValueError: the lengths differ.
    """
    sides = zip(balances, margins.long, margins.short_extra, strict=True)
    return Health(
        equity=quote + sum(b * e for b, e in zip(balances, effective_prices, strict=True)),
        margin=sum(b * d if b >= 0 else -b * (d + x) for b, d, x in sides),
    )


def liquidation_price(health_at: Callable[[int], int], price: int, price_limit: int) -> int | None:
    """The price of one asset, nearest to its present one, at which an account is liquidatable, all else unchanged.

    The search goes both ways from the present price by bisection. It assumes that health crosses 0 at most once on each
    way. It does: a long unit is worth p - ceil(p f) after its margin, which never falls as p rises (f <= 1); a short
    unit is worth -p less its margin, which never rises; and the margin of a short option never falls as its underlying
    rises. So health rises throughout or falls throughout, except for an account that is long of an asset and short of
    options on it. There it is concave but for rounding, so it can cross 0 once below and once above the present price.
    Rounding may add crossings a few units away where gain and margin nearly cancel; then it returns one of them.

    Args:
        health_at: health [1e-18 USD] as a function of this asset's price [1e-9 USD].
        price: the present one [1e-9 USD].
        price_limit: prices are in [0, price_limit).

    Returns:
        the nearest price [1e-9 USD] with health < 0, the lower of two that are as near; the present price when the
        account is liquidatable already; None when no price makes it so.
    """
    if health_at(price) < 0:
        return price
    found = (_first_unhealthy(health_at, price, end) for end in (0, price_limit - 1))
    return min((each for each in found if each is not None), key=lambda each: abs(each - price), default=None)


def _first_unhealthy(health_at: Callable[[int], int], healthy: int, end: int) -> int | None:
    """The first price with health < 0 on the way from a healthy one to an end; None when it is healthy at the end."""
    if health_at(end) >= 0:
        return None
    best, worst = healthy, end
    while abs(best - worst) > 1:  # health_at(worst) < 0 <= health_at(best)
        middle = (worst + best) // 2
        if health_at(middle) < 0:
            worst = middle
        else:
            best = middle
    return worst
