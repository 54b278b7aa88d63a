"""Greeks of accounts and of a book: what its options add up to, by underlying."""

from collections.abc import Sequence
from typing import NamedTuple

from liquidator.risk._options import OptionBoard
from prover.account import State
from prover.market import BALANCE_DECIMALS, PriceRound


class Exposure(NamedTuple):
    """Of an account, or of several, to one asset. Secret.

    Attributes:
        delta: tokens of the asset that move as the account does, its own balance among them.
        gamma: change of delta for a price higher by 1 USD [tokens].
        vega: change of value for a volatility higher by 1, that is by 100 % [USD].
        theta: change of value in a year [USD].
    """

    delta: float
    gamma: float
    vega: float
    theta: float


def exposures(states: Sequence[State], round_: PriceRound) -> dict[str, Exposure]:
    """What states add up to, by symbol of the asset; assets without exposure are left out.

    Args:
        states: of accounts, or parts of them.
        round_: with the prices that imply the volatilities of options.

    Raises:
        InputError: an option that is held has no strike or expiry, or its price implies no volatility.
    """
    totals = [sum(balances) for balances in zip(*(state.balances for state in states), strict=True)]
    held = [slot for slot, total in enumerate(totals) if any(state.balances[slot] for state in states)]
    board = OptionBoard.at(round_, held)
    board.require_volatilities()
    sums: dict[int, list[float]] = {}
    options = {option.slot: (place, option) for place, option in enumerate(board.options)}
    for slot in held:
        amount = totals[slot] / 10**BALANCE_DECIMALS
        if slot in options:
            place, option = options[slot]
            root, parts = option.underlying, [float(each[place]) for each in board.greeks[1:]]
        else:
            root, parts = slot, [1.0, 0.0, 0.0, 0.0]
        into = sums.setdefault(root, [0.0] * len(Exposure._fields))
        into[:] = [old + amount * part for old, part in zip(into, parts, strict=True)]
    assets = round_.book.assets
    return {assets[slot].symbol: Exposure(*parts) for slot, parts in sorted(sums.items()) if any(parts)}
