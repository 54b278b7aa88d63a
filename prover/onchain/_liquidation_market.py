"""The auctions of a book's flagged accounts: what guardians, owners and liquidators read of them."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from prover.chain import BookAccount, Level, LiquidationEngineClient, OnchainRound
from prover.liquidation import Auction
from prover.onchain._book import MarginBook
from verifier import (
    MARGIN_KINDS,
    ChainError,
    InputError,
    ReleaseInputs,
    RiskInputs,
    StatementName,
    VectorKind,
    VerifyingKey,
)


@dataclass(frozen=True)
class LiquidationMarket:
    """The liquidation engine of a book.

    Attributes:
        book: the book.
        engine: one of its modules.
    """

    book: MarginBook
    engine: LiquidationEngineClient
    _key_digests: dict[StatementName, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, book: MarginBook) -> Self:
        """The engine of a book.

        Raises:
            InputError: it has none.
            ChainError: the engine of the record is of another book, or the book takes nothing from it; or not reached.
        """
        engine, contract = book.contracts.engine, book.contracts.book
        if engine is None:
            raise InputError(
                "this book has no liquidation engine: no account of it is taken over or challenged; "
                "`book deploy --engine` makes a book with one"
            )
        address = engine.contract.address
        if engine.book() != contract.contract.address or not contract.takes_reports_of(address):
            raise ChainError(f"the liquidation engine at {address} is not that of this book: take another record")
        return cls(book, engine)

    @cached_property
    def auctions(self) -> dict[VectorKind, Auction]:
        """By ground. They never change."""
        terms, curves, window = self.engine.terms(), self.engine.curves(), self.book.contracts.book.cure_window()
        return {ground: Auction.of(terms, curves, ground, window) for ground in MARGIN_KINDS}

    def inputs(self, round_: OnchainRound, ground: VectorKind) -> ReleaseInputs:
        """What `release` takes from a round, with the limits after the cure window."""
        spot = self.book.contracts.book.spot_assets()
        limits = self.auctions[ground].limits
        return ReleaseInputs.of_round(round_.vectors, ground, limits, spot=spot, stale=round_.stale)

    def taker_risk(self, round_: OnchainRound) -> RiskInputs:
        """What the `update` of a taker takes from a round: no slot is reduce-only but the stale ones."""
        return replace(self.book.risk(round_), reduce_only=round_.stale)

    def elapsed(self, account: BookAccount, ground: VectorKind) -> int | None:
        """How old the flag of an account is [active s]; None where it is not flagged on this ground.

        Args:
            account: what the book knows of it.
            ground: of the flag.
        """
        flagged_at = flagged_since(account, ground)
        return self.book.contracts.breaker.active_time(Level.NO_FLAGS) - flagged_at if flagged_at else None

    def require_key(self, statement: StatementName, key: VerifyingKey) -> None:
        """See before proving that the engine verifies with the same key.

        Raises:
            InputError: it has another one.
            ChainError: not reached.
        """
        if self._key_digest(statement) != key.digest():
            raise InputError(
                f"the engine verifies {statement} with another key than this machine's: use the keys that the book was "
                "deployed with"
            )

    def _key_digest(self, statement: StatementName) -> str:
        """Of the engine's verifier, which never changes."""
        if statement not in self._key_digests:
            self._key_digests[statement] = bytes(self.engine.verifier_of(statement).read("keyDigest")).hex()
        return self._key_digests[statement]


def flagged_since(account: BookAccount, ground: VectorKind) -> int:
    """When an account was flagged on a ground, on the clock of flags; 0 when it is not.

    Args:
        account: what the book knows of it.
        ground: of the flag.
    """
    return account.overdraft_flagged_at if ground is VectorKind.OVERDRAFT else account.maintenance_flagged_at
