"""The accounts of a guardian, kept up to date block by block."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from liquidator.engine._events import LeftOut, RoundSeen, StatesOpened
from liquidator.screening import AccountMatrix
from prover.chain import BookAccount, OnchainRound
from prover.onchain import AccountReader, GuardedAccount, MarginBook

CALM_RECHECK: Final = 256
"""Accounts that are compared with the contract at a look without a new round, by turns."""

BUSY_RECHECK: Final = 16
"""The same at a look with a new round, which has more urgent things to do."""


@dataclass
class WatchedAccounts:
    """Reads all accounts once, and then what has changed.

    A node that leaves the log of a change out hides it until the account is compared with the contract: each is, in
    turn.

    Attributes:
        book: where they live.
        reader: of the guardian's accounts; None where no role needs them.
        matrix: holds the states of accounts that can be proven about now.
    """

    book: MarginBook
    reader: AccountReader | None
    matrix: AccountMatrix
    _awake: dict[int, GuardedAccount] = field(default_factory=dict, init=False, repr=False)
    _asleep: dict[int, GuardedAccount] = field(default_factory=dict, init=False, repr=False)
    _epochs: dict[int, int] = field(default_factory=dict, init=False, repr=False)
    _flagged: dict[int, BookAccount] = field(default_factory=dict, init=False, repr=False)
    _left_out: LeftOut = field(default=LeftOut(), init=False)
    _changed: Sequence[int] = field(default=(), init=False, repr=False)
    _unread: set[int] = field(default_factory=set, init=False)
    _block: int | None = field(default=None, init=False)
    """Of the last look; None before the first."""
    _epoch: int | None = field(default=None, init=False)
    """Of the newest round; None before the first look."""
    _turns: Iterator[int] = field(default=iter(()), init=False, repr=False)

    def round(self, round_id: int) -> OnchainRound | None:
        """A round; None for 0, which means that there is none yet.

        Raises:
            ChainError: the node is not reached.
        """
        return self.book.round(round_id) if round_id else None

    def known(self, seen: RoundSeen, round_: OnchainRound | None) -> StatesOpened | None:
        """The accounts as they were at the last look. None where a round decides which can be proven now."""
        if self._block is None or round_ is None or round_.epoch != self._epoch:
            return None
        self._changed = ()
        return self._opened(seen, self._block, round_)

    def refresh(self, seen: RoundSeen, round_: OnchainRound | None) -> StatesOpened:
        """Read what is new, and bring the matrix to it.

        Raises:
            ChainError: the node is not reached, or lacks logs.
        """
        block = seen.block if self.reader is None else self._read(self.reader, round_, is_urgent=seen.is_new)
        self._block = block
        return self._opened(seen, block, round_)

    def _opened(self, seen: RoundSeen, block: int, round_: OnchainRound | None) -> StatesOpened:
        return StatesOpened(
            seen, block, round_, self._awake, self._asleep, self._flagged, self._left_out, self._changed
        )

    def _read(self, reader: AccountReader, round_: OnchainRound | None, *, is_urgent: bool) -> int:
        epoch = 0 if round_ is None else round_.epoch
        if self._epoch is None:
            snapshot = reader.look(self.book)
            self._left_out = LeftOut(len(snapshot.unread), len(snapshot.unopened), snapshot.hidden)
            self._unread = set(snapshot.unread)
            block, changed, known = snapshot.block, snapshot.accounts, snapshot.known
            left: Sequence[int] = ()
            gc.freeze()  # else a full collection looks at all of them: 0.6 s for 100,000 accounts, at any moment
        else:
            news = reader.news(self.book, self._next(BUSY_RECHECK if is_urgent else CALM_RECHECK))
            self._unread = (self._unread - news.known.keys()) | set(news.unread)
            self._left_out = LeftOut(len(self._unread), len(news.unopened), news.hidden)
            block, changed, known = news.block, news.accounts, news.known
            left = (*news.left, *news.unread)
        self._changed = [one.identity for one in changed]
        self._take(changed, known, left)
        if epoch == self._epoch:
            self._sort([*(one.identity for one in changed), *known], epoch)
        else:
            self._epoch = epoch
            self._sort([*self._awake, *self._asleep], epoch)
        return block

    def _take(self, changed: Sequence[GuardedAccount], known: Mapping[int, BookAccount], left: Iterable[int]) -> None:
        for account in left:
            for kept in (self._awake, self._asleep, self._epochs, self._flagged):
                kept.pop(account, None)
            if account in self.matrix:
                self.matrix.remove(account)
        for account, now in known.items():
            self._epochs[account] = now.epoch
            if now.is_flagged:
                self._flagged[account] = now
            else:
                self._flagged.pop(account, None)
        for one in changed:
            kept = self._asleep if one.identity in self._asleep else self._awake
            kept[one.identity] = one
        self.matrix.put_all({one.identity: one.sealed.state for one in changed if one.identity in self._awake})

    def _sort(self, accounts: Iterable[int], epoch: int) -> None:
        """Put accounts to those that are of the round's epoch, or to those that an expiry has passed by."""
        for account in accounts:
            is_current = self._epochs[account] >= epoch
            if is_current and account in self._asleep:
                self._awake[account] = self._asleep.pop(account)
                self.matrix.put(account, self._awake[account].sealed.state)
            elif not is_current and account in self._awake:
                self._asleep[account] = self._awake.pop(account)
                self.matrix.remove(account)

    def _next(self, count: int) -> list[int]:
        """The accounts whose turn it is to be compared with the contract."""
        some = list(islice(self._turns, count))
        if len(some) < count:
            self._turns = iter(list(chain(self._awake, self._asleep)))
            some += islice(self._turns, count - len(some))
        return some
