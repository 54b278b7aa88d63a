"""An asset as governance lists it: what the contract `RiskParameters` takes beyond the fractions of margin."""

from dataclasses import dataclass
from typing import Final

from prover.market._units import BALANCE_DECIMALS, PPM
from verifier import PRICE_BITS, InputError

MAX_TOKEN_DECIMALS: Final = 18
"""Tokens of more are not listed."""

MAX_DEVIATION_PPM: Final = 2**32 - 1
"""uint32 on chain."""

LEAST_PRICE: Final = 10_000
"""[1e-9 USD]: a price has five digits, so that its unit is at most 1 in 10,000 of it. Options may be worth less."""

LIMITS_IN_MARGIN: Final = 3
"""A price moves three limits from the bottom of one minute to the top of the next. The initial margin covers them."""

SYMBOL_BYTES: Final = 32
"""A symbol is one word on chain."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds an asset on chain. None of it enters a proof or the digest of a book.

    Attributes:
        decimals: digits after the point of a spot asset's token, at most 18; 9 for a derivative, whose unit is that of
            balances.
        floor_ppm: the least that the maintenance fraction may become [ppm].
        ceiling_ppm: the most that any fraction may become [ppm], at most 1e6.
        deviation_ppm: how far the price may move in a minute [ppm of the price], from 1 to 2^32 - 1.
        deviation_amount: how far any price may move in a minute [1e-9 USD]: the larger limit applies.
        least_price: the least price that counts [1e-9 USD]; 10,000 or more, but for an option.
        greatest_price: the greatest one [1e-9 USD], below 2^64.
    """

    decimals: int
    floor_ppm: int
    ceiling_ppm: int
    deviation_ppm: int
    deviation_amount: int
    least_price: int
    greatest_price: int

    def check(self, where: str, *, is_spot: bool, is_option: bool) -> None:
        """Refuse what `RiskParameters` would refuse at deployment, whatever the asset's fractions.

        Raises:
            InputError: decimals that no such asset has, bounds outside 0 to 1e6, prices out of range or with fewer than
                five digits, or a limit outside its range.
        """
        if is_spot and not 0 <= self.decimals <= MAX_TOKEN_DECIMALS:
            raise InputError(f"{where}: a spot asset has the decimals of its token, at most {MAX_TOKEN_DECIMALS}")
        if not is_spot and self.decimals != BALANCE_DECIMALS:
            raise InputError(f"{where}: a derivative has {BALANCE_DECIMALS} decimals, those of balances")
        if not 0 <= self.floor_ppm <= self.ceiling_ppm <= PPM:
            raise InputError(f"{where}: 0 <= floor <= ceiling <= {PPM} ppm does not hold")
        if not 0 <= self.least_price <= self.greatest_price < 1 << PRICE_BITS or self.greatest_price == 0:
            raise InputError(f"{where}: 0 <= least price <= greatest price < 2^{PRICE_BITS} [1e-9 USD] does not hold")
        if self.least_price < LEAST_PRICE and not is_option:
            raise InputError(f"{where}: at its least price the asset has fewer than five digits; list a multiple of it")
        if not 1 <= self.deviation_ppm <= MAX_DEVIATION_PPM:
            raise InputError(f"{where}: the deviation of a minute is from 1 to {MAX_DEVIATION_PPM} ppm")
        if not 0 <= self.deviation_amount < 1 << PRICE_BITS:
            raise InputError(f"{where}: the deviation of a minute is below 2^{PRICE_BITS} [1e-9 USD]")
        if self.least_price == 0 and self.deviation_amount == 0:
            raise InputError(f"{where}: a price of 0 could not move again, so deviation_amount must be above 0")

    def check_fractions(self, where: str, maintenance_ppm: int, fractions_ppm: tuple[int, ...]) -> None:
        """Refuse fractions outside the bounds.

        Args:
            where: names the asset in errors.
            maintenance_ppm: its maintenance fraction, of the long side [ppm].
            fractions_ppm: all its fractions [ppm].

        Raises:
            InputError: floor <= maintenance, and each fraction <= ceiling, does not hold.
        """
        if maintenance_ppm < self.floor_ppm or max(fractions_ppm) > self.ceiling_ppm:
            raise InputError(f"{where}: floor <= maintenance <= initial <= ceiling <= {PPM} ppm does not hold")

    def check_speed(self, where: str, price_ppm: int, amount: int, amount_ppm: int) -> None:
        """Refuse a limit above a third of the initial margin.

        At any price, that margin is at least `price_ppm` of the price, and at least `amount_ppm` of `amount`.

        Args:
            where: names the asset in errors.
            price_ppm: [ppm]
            amount: [1e-9 USD]
            amount_ppm: [ppm]

        Raises:
            InputError: the price may move by more.
        """
        if LIMITS_IN_MARGIN * self.deviation_ppm > price_ppm:
            third = price_ppm // LIMITS_IN_MARGIN
            raise InputError(
                f"{where}: the price may move by {self.deviation_ppm} ppm in a minute, more than a third of the "
                f"initial margin, {third} ppm"
            )
        if LIMITS_IN_MARGIN * PPM * self.deviation_amount > amount * amount_ppm:
            third = amount * amount_ppm // PPM // LIMITS_IN_MARGIN
            raise InputError(
                f"{where}: the price may move by {self.deviation_amount} [1e-9 USD] in a minute, more than a third of "
                f"the least initial margin, {third} [1e-9 USD]"
            )


def symbol_text(word: bytes) -> str:
    """A symbol of the contracts.

    Raises:
        InputError: not visible ASCII.
    """
    text = bytes(word).rstrip(b"\0").decode("ascii", "replace")
    if not text or not all("!" <= character <= "~" for character in text):
        raise InputError("the chain lists an asset whose symbol is not visible ASCII")
    return text


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
