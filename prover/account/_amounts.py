"""What a state holds, and its equity and margins at a round, as exact decimal strings."""

from prover.account._state import State
from prover.market import QUOTE_DECIMALS, AccountHealth, AssetList, asset_decimals, asset_symbol, format_decimal


def position_amounts(assets: AssetList, state: State) -> dict[str, str]:
    """Balances other than 0, by symbol."""
    return _amounts(assets, state.balances)


def held_amounts(assets: AssetList, state: State, before: State | None = None) -> dict[str, str]:
    """What an account holds, or what it has gained since another state, without zeros. The quote is called USD.

    Args:
        assets: of its book.
        state: the state.
        before: an older one; None for the amounts themselves.
    """
    held = (*state.balances, state.quote)
    if before is not None:
        then = (*before.balances, before.quote)
        held = tuple(new - old for new, old in zip(held, then, strict=True))
    return _amounts(assets, held)


def health_amounts(health: AccountHealth) -> dict[str, str]:
    """Equity, margins and health at a round [USD]."""
    amounts = {
        "equity": health.maintenance.equity,
        "maintenance_margin": health.maintenance.margin,
        "initial_margin": health.initial.margin,
        "health": health.maintenance.health,
    }
    return {name: format_decimal(amount, QUOTE_DECIMALS) for name, amount in amounts.items()}


def _amounts(assets: AssetList, units: tuple[int, ...]) -> dict[str, str]:
    return {
        asset_symbol(assets, slot): format_decimal(amount, asset_decimals(assets, slot))
        for slot, amount in enumerate(units)
        if amount
    }
