"""A guardian's accounts, read from the chain once and kept up with block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from prover._babyjubjub import Point
from prover._guardian_key import GuardianKey
from prover._sealed import SealedState, ViewingKeys
from prover.onchain._book import AccountView, MarginBook
from verifier.chain import AccountOpened, OnchainRound, StateChanged

SETTLED: Final = 32
"""Blocks at the end of the chain that are read at every look: a reorganisation of them, or a node that is as far behind
another, costs nothing. After a deeper one everything is read anew."""


@dataclass(frozen=True)
class GuardedAccount(AccountView):
    """An account that named this guardian.

    Attributes:
        opened: the event of its opening.
    """

    opened: AccountOpened


class Snapshot(NamedTuple):
    """All accounts of a guardian at the end of a block.

    Attributes:
        block: its number.
        round: the newest price round; None before the first.
        accounts: oldest first.
    """

    block: int
    round: OnchainRound | None
    accounts: Sequence[GuardedAccount]


class AccountReader:
    """Reads a guardian's accounts. A look reads what is new on the chain, however many accounts there are.

    The opening of an account proves that its guardian derives the viewing key, so none is unreadable.

    Args:
        key: the guardian's.
    """

    def __init__(self, key: GuardianKey) -> None:
        self._key = key
        self._viewing: dict[int, ViewingKeys] = {}
        self._sealed: dict[int, SealedState] = {}
        self._forget()

    def look(self, book: MarginBook) -> Snapshot:
        """Read all accounts, and the newest prices.

        Args:
            book: always the same one; its node may be another.

        Raises:
            ChainError: the node is not reached, or lacks logs.
        """
        latest = book.contracts.rounds.latest_id()
        round_ = book.contracts.rounds.round(latest) if latest else None
        head = book.contracts.chain.block_number()
        if self._anchor is not None and not self._stands(book, *self._anchor, head):
            self._forget()
        self._settle(book, head - SETTLED)
        opened, states = dict(self._opened), dict(self._states)
        self._read(book, self._first(book), head, opened, states)
        accounts = [self._view(book, opened[account], state) for account, state in _in_order(opened, states)]
        return Snapshot(head, round_, accounts)

    def _forget(self) -> None:
        self._anchor: tuple[int, bytes] | None = None
        """Number and hash of the block up to which the next two are."""
        self._opened: dict[int, AccountOpened] = {}
        self._states: dict[int, StateChanged] = {}

    @staticmethod
    def _stands(book: MarginBook, number: int, digest: bytes, head: int) -> bool:
        return number <= head and book.contracts.chain.block_hash(number) == digest

    def _settle(self, book: MarginBook, last: int) -> None:
        """Keep what happened up to a block."""
        contract = book.contracts.book
        if last < self._first(book):
            return
        anchor = (last, book.contracts.chain.block_hash(last))  # before the logs, so that no later chain passes for it
        if self._anchor is None:
            self._opened = {opened.account: opened for opened in contract.openings(self._point, last_block=last)}
            self._states = contract.present_states(self._opened, last)
        else:
            self._read(book, self._first(book), last, self._opened, self._states)
        self._anchor = anchor

    def _first(self, book: MarginBook) -> int:
        return book.contracts.book.first_block if self._anchor is None else self._anchor[0] + 1

    def _read(
        self,
        book: MarginBook,
        first: int,
        last: int,
        opened: dict[int, AccountOpened],
        states: dict[int, StateChanged],
    ) -> None:
        """Add what happened in a range of blocks."""
        contract = book.contracts.book
        opened |= {one.account: one for one in contract.openings(self._point, first, last)}
        states |= {one.account: one for one in contract.states(None, first, last) if one.account in opened}

    @property
    def _point(self) -> tuple[int, int]:
        return (self._key.point.x, self._key.point.y)

    def _view(self, book: MarginBook, opened: AccountOpened, event: StateChanged) -> GuardedAccount:
        viewing = self._viewing.get(opened.account)
        if viewing is None:
            point = Point(*opened.owner_point)
            viewing = self._viewing[opened.account] = self._key.viewing(point, opened.owner_tag, book.domain)
        known = self._sealed.get(opened.account)
        if known is None or known.commitment != event.commitment:
            self._sealed[opened.account] = known = book.read(viewing, event).sealed
        return GuardedAccount(viewing, known, event.changed_at_round, event.block, event.transaction, opened)


def _in_order(opened: dict[int, AccountOpened], states: dict[int, StateChanged]) -> Iterator[tuple[int, StateChanged]]:
    return ((account, states[account]) for account in opened if account in states)
