"""What selling costs a taker, by the impact of its hedges on markets that the engine knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from liquidator.risk import AssetMarket, ImpactMethod, PriceImpact
from prover.liquidation import ClosingCosts
from prover.market import PriceRound
from verifier import InputError


@dataclass
class ImpactCosts:
    """Costs by impact, and others where an account holds what has no known market.

    Attributes:
        otherwise: costs before the markets are known, and where one is missing.
        method: how hedging moves prices.
    """

    otherwise: ClosingCosts
    method: ImpactMethod
    _impact: PriceImpact | None = field(default=None, init=False, repr=False)

    def know(self, round_: PriceRound, markets: Sequence[AssetMarket]) -> None:
        """Go by markets from now on. From any thread.

        Args:
            round_: the newest one.
            markets: that are known; none for other costs.
        """
        self._impact = PriceImpact(round_, tuple(markets), self.method) if markets else None

    def per_unit(self, amounts: Sequence[int], prices: Sequence[int]) -> tuple[int, ...]:
        """As `ClosingCosts.per_unit`."""
        impact = self._impact
        if impact is None:
            return self.otherwise.per_unit(amounts, prices)
        try:
            return impact.per_unit(amounts, prices)
        except InputError:
            return self.otherwise.per_unit(amounts, prices)
