"""An account: positions and keys, its commitment, its health at a round."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, Self

from prover._babyjubjub import Point
from prover._book import Book
from prover._domain_file import DomainFile
from prover._files import FileModel, NaturalText, load_model, write_private
from prover._keys import AccountKeys
from prover._margin import Health, assess, effective_price, liquidation_price, margin_per_unit_up
from prover._poseidon import MAX_INPUTS, poseidon
from prover._round import PriceRound, VectorKind
from prover._units import (
    BALANCE_BITS,
    BALANCE_DECIMALS,
    QUOTE_BITS,
    QUOTE_DECIMALS,
    format_decimal,
    parse_decimal,
)
from verifier import PRICE_BITS, InputError, to_field

FORMAT: Final = "zksolvency/account/1"


class _SecretsFile(FileModel):
    owner_secret: NaturalText
    guardian: tuple[NaturalText, NaturalText]
    salt: NaturalText


class _AccountFile(FileModel):
    format: Literal["zksolvency/account/1"]
    book: str
    domain: DomainFile
    positions: dict[str, str]
    quote: str
    secrets: _SecretsFile


@dataclass(frozen=True)
class Account:
    """A hidden account. Balances, quote and secrets are left out of its repr.

    Attributes:
        book: the book whose assets it may hold.
        balances: one a slot [1e-9 token], signed, |b| < 2^80; zero in empty slots, not negative for spot assets.
        quote: settlement currency [1e-18 USD], signed, |q| < 2^144.
        keys: its secrets.
    """

    book: Book = field(repr=False)
    balances: tuple[int, ...] = field(repr=False)
    quote: int = field(repr=False)
    keys: AccountKeys = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.balances) != self.book.n:
            raise InputError(f"account: {self.book.n} balances are needed")
        if abs(self.quote) >= 1 << QUOTE_BITS:
            raise InputError(f"account: quote outside |q| < 2^{QUOTE_BITS} [1e-18 USD]")
        for slot, balance in enumerate(self.balances):
            if slot >= len(self.book.assets):
                if balance:
                    raise InputError(f"account: a balance in the empty slot {slot}")
                continue
            asset = self.book.assets[slot]
            if abs(balance) >= 1 << BALANCE_BITS:
                raise InputError(f"account, {asset.symbol}: balance outside |b| < 2^{BALANCE_BITS} [1e-9 token]")
            if balance < 0 and not asset.may_be_short:
                raise InputError(f"account, {asset.symbol}: a spot asset cannot be short; borrow in quote instead")

    @classmethod
    def create(cls, book: Book, positions: dict[str, str], quote: str, keys: AccountKeys) -> Self:
        """Make an account from decimal strings by symbol.

        Raises:
            InputError: an unknown symbol, an amount that cannot be held exactly, or one out of range.
        """
        balances = [0] * book.n
        for symbol, text in positions.items():
            balances[book.slot(symbol, "account")] = parse_decimal(text, BALANCE_DECIMALS, f"account, {symbol}")
        return cls(book, tuple(balances), parse_decimal(quote, QUOTE_DECIMALS, "account, quote"), keys)

    @classmethod
    def load(cls, path: Path, book: Book) -> Self:
        """Read an account file.

        Raises:
            InputError: malformed, of another book, or breaking a rule above. No secret is shown.
        """
        file = load_model(_AccountFile, path, "account file")
        if file.book != book.name:
            raise InputError(f"account file {path}: it belongs to the book {file.book[:40]!r}, not {book.name!r}")
        guardian_x, guardian_y = map(int, file.secrets.guardian)
        keys = AccountKeys(
            owner_secret=int(file.secrets.owner_secret),
            guardian=Point(guardian_x, guardian_y),
            domain=file.domain.domain(),
            salt=int(file.secrets.salt),
        )
        return cls.create(book, file.positions, file.quote, keys)

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the account file, readable by its owner alone (0600).

        Raises:
            InputError: the file exists and `overwrite` is False, or it cannot be written.
        """
        content = {
            "format": FORMAT,
            "book": self.book.name,
            "domain": DomainFile.of(self.keys.domain).model_dump(),
            "positions": self.positions(),
            "quote": format_decimal(self.quote, QUOTE_DECIMALS),
            "secrets": {
                "owner_secret": str(self.keys.owner_secret),
                "guardian": [str(self.keys.guardian.x), str(self.keys.guardian.y)],
                "salt": str(self.keys.salt),
            },
        }
        write_private(path, json.dumps(content, indent=2) + "\n", overwrite=overwrite)

    def positions(self) -> dict[str, str]:
        """Balances other than zero, as decimal strings by symbol."""
        return {
            asset.symbol: format_decimal(balance, BALANCE_DECIMALS)
            for asset, balance in zip(self.book.assets, self.balances, strict=False)
            if balance
        }

    def with_state(self, balances: tuple[int, ...], quote: int) -> Self:
        """The same account with other balances."""
        return replace(self, balances=balances, quote=quote)

    @property
    def shorts(self) -> int:
        """Bitmap: bit i is 1 when balance i is negative."""
        return sum(1 << slot for slot, balance in enumerate(self.balances) if balance < 0)

    def commitment(self) -> int:
        """Chained Poseidon over blocks of 16: balances, quote, shorts, blind (spec ZS-10)."""
        return commit(self.balances, self.quote, self.shorts, self.keys.blind)

    def health(self, round_: PriceRound, kind: VectorKind = VectorKind.MAINTENANCE) -> Health:
        """Equity and margin at a round.

        Raises:
            InputError: the round prices another book.
        """
        self._require_same_book(round_)
        inputs = round_.inputs(kind)
        return assess(self.balances, self.quote, inputs.effective_prices, inputs.margins_per_unit)

    def liquidation_price(self, symbol: str, round_: PriceRound) -> int | None:
        """The mark price [1e-9 USD] of one asset at which the account becomes liquidatable, all else unchanged.

        Raises:
            InputError: the book has no such asset, or the round prices another book.
        """
        slot = self.book.slot(symbol, "account")
        balance, funding = self.balances[slot], round_.funding[slot]
        fraction = self.book.assets[slot].maintenance_margin_ppm
        rest = replace(self, balances=_with(self.balances, slot, 0)).health(round_).health

        def health_at(price: int) -> int:
            one = assess([balance], rest, [effective_price(price, funding)], [margin_per_unit_up(price, fraction)])
            return one.health

        return liquidation_price(health_at, balance, 1 << PRICE_BITS)

    def _require_same_book(self, round_: PriceRound) -> None:
        if round_.book.digest() != self.book.digest():
            raise InputError(f"round {round_.id} prices another book than the account's")


def _with(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    return (*values[:index], value, *values[index + 1 :])


def commit(balances: tuple[int, ...], quote: int, shorts: int, blind: int) -> int:
    """The commitment to a state, whether the state is valid or not.

    Args:
        balances: N signed integers, N = 13, 28, 43 or 58.
        quote: signed integer.
        shorts: bitmap.
        blind: field element.
    """
    items = [to_field(value) for value in (*balances, quote)] + [shorts, blind]
    commitment = poseidon(items[:MAX_INPUTS])
    for start in range(MAX_INPUTS, len(items), MAX_INPUTS - 1):
        commitment = poseidon([commitment, *items[start : start + MAX_INPUTS - 1]])
    return commitment
