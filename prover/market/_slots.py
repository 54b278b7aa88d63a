"""Slots of a book by symbol, and amounts in them. Slot N is the settlement currency, which is called USD."""

from typing import Final

from prover.market._book import AssetList
from prover.market._units import BALANCE_DECIMALS, QUOTE_DECIMALS, parse_decimal
from verifier import InputError

USD: Final = "USD"
"""Names the settlement currency where an asset is asked for."""


def asset_slot(assets: AssetList, symbol: str, where: str) -> int:
    """The number of an asset in transfers: its slot, N for `USD`.

    Raises:
        InputError: the book has no such asset.
    """
    return assets.n if symbol == USD else assets.slot(symbol, where)


def asset_symbol(assets: AssetList, slot: int) -> str:
    """The name of a slot, `USD` for N."""
    if slot == assets.n:
        return USD
    return assets.assets[slot].symbol if slot < len(assets.assets) else f"slot {slot}"


def slot_symbols(assets: AssetList, slots: int) -> list[str]:
    """The names of the slots of a bitmap."""
    return [asset_symbol(assets, slot) for slot in range(assets.n) if slots >> slot & 1]


def asset_decimals(assets: AssetList, slot: int) -> int:
    """Digits after the point of an amount of a slot, N for the settlement currency."""
    return QUOTE_DECIMALS if slot == assets.n else BALANCE_DECIMALS


def parse_amount(assets: AssetList, slot: int, text: str, where: str) -> int:
    """A positive amount of a slot [1e-9 token], of the settlement currency [1e-18 USD].

    Raises:
        InputError: no decimal number above 0, or one with too many digits after the point.
    """
    amount = parse_decimal(text, asset_decimals(assets, slot), where)
    if amount <= 0:
        raise InputError(f"{where}: must be above 0")
    return amount
