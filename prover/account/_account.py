"""An account: positions and keys, its commitment, its health at a round."""

import json
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

from prover.account._amounts import position_amounts
from prover.account._babyjubjub import Point
from prover.account._domain_file import DomainFile
from prover.account._keys import OwnerKeys, blind_of
from prover.account._state import OpenedState, State, assess_at
from prover.market import (
    BALANCE_BITS,
    BALANCE_DECIMALS,
    QUOTE_BITS,
    QUOTE_DECIMALS,
    AssetList,
    Health,
    PriceRound,
    assess,
    effective_price,
    format_decimal,
    is_balance,
    is_quote,
    liquidation_price,
    margins_per_unit,
    parse_decimal,
)
from prover.storage import FileModel, NaturalText, validate_model, write_private
from verifier import PRICE_BITS, SCALAR_MODULUS, InputError, VectorKind, read_json

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
    """A hidden account that a file keeps. Its state and its secrets are left out of its repr.

    Attributes:
        book: the book whose assets it may hold.
        state: balances and quote, in their ranges; zero in empty slots, not negative for spot assets.
        keys: of its owner.
        salt: field element, fresh for each state.
    """

    book: AssetList = field(repr=False)
    state: State = field(repr=False)
    keys: OwnerKeys = field(repr=False)
    salt: int = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.salt < SCALAR_MODULUS:
            raise InputError("salt: outside the scalar field")
        if len(self.state.balances) != self.book.n:
            raise InputError(f"account: {self.book.n} balances are needed")
        if not is_quote(self.state.quote):
            raise InputError(f"account: quote outside |q| < 2^{QUOTE_BITS} [1e-18 USD]")
        for slot, balance in enumerate(self.state.balances):
            if slot >= len(self.book.assets):
                if balance:
                    raise InputError(f"account: a balance in the empty slot {slot}")
                continue
            asset = self.book.assets[slot]
            if not is_balance(balance):
                raise InputError(f"account, {asset.symbol}: balance outside |b| < 2^{BALANCE_BITS} [1e-9 token]")
            if balance < 0 and not asset.may_be_short:
                raise InputError(f"account, {asset.symbol}: a spot asset cannot be short; borrow in quote instead")

    @classmethod
    def create(cls, book: AssetList, positions: dict[str, str], quote: str, keys: OwnerKeys) -> Self:
        """Make an account in a state with a fresh salt, from decimal strings by symbol.

        Raises:
            InputError: an unknown symbol, an amount that cannot be held exactly, or one out of range.
        """
        return cls.of_state(book, _parsed(book, positions, quote), keys)

    @classmethod
    def of_state(cls, book: AssetList, state: State, keys: OwnerKeys) -> Self:
        """Make an account in a state, with a fresh salt. Raises InputError for a state out of range."""
        return cls(book, state, keys, secrets.randbelow(SCALAR_MODULUS))

    @classmethod
    def load(cls, path: Path, book: AssetList) -> Self:
        """Read an account file. Raises as `from_json`, and when the file cannot be read."""
        return cls.from_json(read_json(path, "account file"), book, f"account file {path}")

    @classmethod
    def from_json(cls, value: object, book: AssetList, where: str = "account file") -> Self:
        """Read the JSON form.

        Args:
            value: the JSON value.
            book: whose assets the account holds.
            where: what to call it in an error.

        Raises:
            InputError: malformed, of another book, or breaking a rule above. No secret is shown.
        """
        file = validate_model(_AccountFile, value, where)
        if file.book != book.name:
            raise InputError(f"{where}: it belongs to the book {file.book[:40]!r}, not {book.name!r}")
        guardian_x, guardian_y = map(int, file.secrets.guardian)
        keys = OwnerKeys(int(file.secrets.owner_secret), Point(guardian_x, guardian_y), file.domain.domain())
        return cls(book, _parsed(book, file.positions, file.quote), keys, int(file.secrets.salt))

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
            "quote": format_decimal(self.state.quote, QUOTE_DECIMALS),
            "secrets": {
                "owner_secret": str(self.keys.owner_secret),
                "guardian": [str(self.keys.guardian.x), str(self.keys.guardian.y)],
                "salt": str(self.salt),
            },
        }
        write_private(path, json.dumps(content, indent=2) + "\n", overwrite=overwrite)

    def positions(self) -> dict[str, str]:
        """Balances other than zero, as decimal strings by symbol."""
        return position_amounts(self.book, self.state)

    @cached_property
    def opened(self) -> OpenedState:
        """The state with its blind: what statements about it take."""
        return OpenedState(self.state, blind_of(self.keys.identity, self.salt))

    def commitment(self) -> int:
        """The commitment to the state (spec ZS-10)."""
        return self.opened.commitment

    def health(self, round_: PriceRound, kind: VectorKind = VectorKind.MAINTENANCE) -> Health:
        """Equity and margin at a round.

        Raises:
            InputError: the round prices another book.
        """
        self.require_same_book(round_)
        return assess_at(self.state, round_.vectors, kind)

    def liquidation_price(self, symbol: str, round_: PriceRound) -> int | None:
        """The mark price [1e-9 USD] of one asset, nearest to that of the round, at which the account is liquidatable.

        All other prices stay; the margin of options on the asset follows it. None when no price makes it so.

        Raises:
            InputError: the book has no such asset, or the round prices another book.
        """
        slot = self.book.slot(symbol, "account")
        self.require_same_book(round_)

        def health_at(price: int) -> int:
            prices = (*round_.prices[:slot], price, *round_.prices[slot + 1 :])
            effective = tuple(map(effective_price, prices, round_.funding))
            margins = margins_per_unit(prices, round_.rules, VectorKind.MAINTENANCE, stale=round_.stale)
            return assess(self.state.balances, self.state.quote, effective, margins).health

        return liquidation_price(health_at, round_.prices[slot], 1 << PRICE_BITS)

    def require_same_book(self, round_: PriceRound) -> None:
        """Refuse a round that prices another book. Raises InputError."""
        if round_.book.digest() != self.book.digest():
            raise InputError(f"round {round_.id} prices another book than the account's")


def _parsed(book: AssetList, positions: dict[str, str], quote: str) -> State:
    """A state from decimal strings by symbol. Raises InputError as `Account.create`."""
    balances = [0] * book.n
    for symbol, text in positions.items():
        balances[book.slot(symbol, "account")] = parse_decimal(text, BALANCE_DECIMALS, f"account, {symbol}")
    return State(tuple(balances), parse_decimal(quote, QUOTE_DECIMALS, "account, quote"))
