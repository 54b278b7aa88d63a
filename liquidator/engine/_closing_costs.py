"""What selling costs, as settings say."""

from pathlib import Path

from liquidator.engine._settings import GuardianSettings
from liquidator.risk import require_libraries
from prover.liquidation import ClosingCosts, Liquidity
from prover.market import AssetList


def liquidity_of(path: Path | None, assets: AssetList) -> Liquidity:
    """Costs by a file, or a guess. Raises InputError as `Liquidity.load`."""
    return Liquidity.uniform(assets.n) if path is None else Liquidity.load(path, assets)


def closing_costs(settings: GuardianSettings | None, assets: AssetList) -> ClosingCosts:
    """Costs by which a guardian's sales go.

    Args:
        settings: of the guardian; None where it is no role.
        assets: of the book.

    Raises:
        InputError: as `Liquidity.load`.
        ToolError: the extra `risk` is needed.
    """
    liquidity = liquidity_of(None if settings is None else settings.liquidity, assets)
    if settings is None or settings.impact is None:
        return liquidity
    require_libraries()
    from liquidator.engine._impact_costs import ImpactCosts  # noqa: PLC0415 - of the extra `risk`

    return ImpactCosts(liquidity, settings.impact)
