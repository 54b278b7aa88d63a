"""An asset as governance lists it: what the contract `RiskParameters` takes beyond the two fractions."""

from dataclasses import dataclass
from typing import Final

from prover._units import BALANCE_DECIMALS, PPM
from verifier import InputError

MAX_TOKEN_DECIMALS: Final = 18
"""Tokens of more are not listed."""

MAX_DEVIATION_PPM: Final = 2**32 - 1
"""uint32 on chain: a rise to 4,295 times the price before."""

SYMBOL_BYTES: Final = 32
"""A symbol is one word on chain."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds an asset on chain. None of it enters a proof or the digest of a book.

    Attributes:
        decimals: digits after the point of a spot asset's token, at most 18; 9 for a derivative, whose unit is that of
            balances.
        floor_ppm: the least that the maintenance fraction may become [ppm].
        ceiling_ppm: the most that the initial fraction may become [ppm], at most 1e6.
        deviation_ppm: how far one round may move the price [ppm of the price before], from 1 to 2^32 - 1.
    """

    decimals: int
    floor_ppm: int
    ceiling_ppm: int
    deviation_ppm: int

    def check(self, where: str, *, is_spot: bool, maintenance_ppm: int, initial_ppm: int) -> None:
        """Refuse what `RiskParameters` would refuse at deployment.

        Raises:
            InputError: decimals that no such asset has, fractions outside the bounds, bounds outside 0 to 1e6, or a
                deviation outside its range.
        """
        if is_spot and not 0 <= self.decimals <= MAX_TOKEN_DECIMALS:
            raise InputError(f"{where}: a spot asset has the decimals of its token, at most {MAX_TOKEN_DECIMALS}")
        if not is_spot and self.decimals != BALANCE_DECIMALS:
            raise InputError(f"{where}: a derivative has {BALANCE_DECIMALS} decimals, those of balances")
        if not 0 <= self.floor_ppm <= maintenance_ppm <= initial_ppm <= self.ceiling_ppm <= PPM:
            raise InputError(f"{where}: floor <= maintenance <= initial <= ceiling <= {PPM} ppm does not hold")
        if not 1 <= self.deviation_ppm <= MAX_DEVIATION_PPM:
            raise InputError(f"{where}: the deviation of a round is from 1 to {MAX_DEVIATION_PPM} ppm")


def symbol_word(symbol: str) -> bytes:
    """A symbol as the contracts hold it.

    Returns:
        32 bytes: ASCII, left-aligned, zeros behind.

    Raises:
        InputError: empty, longer than 32 bytes, or with anything but visible ASCII.
    """
    is_visible = all("!" <= character <= "~" for character in symbol)
    if not is_visible or not 0 < len(symbol) <= SYMBOL_BYTES:
        raise InputError(f"{symbol[:40]!r}: a symbol on chain has from 1 to {SYMBOL_BYTES} visible ASCII characters")
    return symbol.encode("ascii").ljust(SYMBOL_BYTES, b"\0")
