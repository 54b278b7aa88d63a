"""A guardian's accounts, read from the chain once and kept up with block by block."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

from prover.account import GuardianKey, OwnerRecord, Point, SealedState, ViewingKeys
from prover.chain import AccountOpened, BookAccount, StateChanged
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._snapshot import AccountNews, GuardedAccount, Snapshot
from prover.onchain._store import BookStore, Cursor

SETTLED: Final = 32
"""Blocks at the end of the chain that are read at every look: a reorganisation of them, or a node that is as far behind
another, costs nothing. After a deeper one everything is read again."""

FAR: Final = 4_096
"""Blocks: what is further behind is read without the states of other guardians' accounts."""

FIRST_PIECE: Final = 512
"""Blocks that are read at first; a piece that is read quickly is followed by one four times as long."""

PIECE_SECONDS: Final = 5.0
"""What is read in this time is kept before anything else is read."""

_READS: Final = 3
"""How often a look begins again when logs and contract do not fit: the chain was reorganised, or a node is behind."""


class AccountReader:
    """Reads a guardian's accounts. A look reads what is new on the chain, however many accounts there are.

    A look compares each account with the contract, so it takes longer the more accounts there are. Who has looked once
    may ask for `news` at every block, which take as long as there are changes, and look again from time to time.

    A node may leave logs out. So the state of each account is compared with the contract's at the same block, and each
    account that another event names must have an opening. The contract counts accounts, so one that no event names is
    missed too. What does not fit is read again, with other requests; what still does not fit is listed in
    `Snapshot.unread`, `Snapshot.unopened` and `Snapshot.hidden`, and is asked for at the next look.

    The opening of an account proves that its guardian derives the viewing key, so none is unreadable.

    What is read goes into the book's store, if it has one, piece by piece: a first look is not repeated, and one that
    is interrupted goes on.

    Args:
        key: the guardian's.
    """

    def __init__(self, key: GuardianKey) -> None:
        self._key = key
        self._viewing: dict[int, ViewingKeys] = {}
        self._sealed: dict[int, SealedState] = {}
        self._anchor: Cursor | None = None
        """The block up to which openings and names of accounts are kept."""
        self._kept = _Found({}, {}, set(), set(), set())
        """What is kept. States may be older or younger than the anchor: the contract tells which one counts."""
        self._written: dict[int, StateChanged] = {}
        """States that the store has."""
        self._shown: dict[int, GuardedAccount] = {}
        """What look and news have told, by identity."""
        self._told_at = 0
        """The block at whose end look or news were."""
        self._unsettled: set[int] = set()
        """Accounts that events name in blocks that a reorganisation may take back."""
        self._is_loaded = False

    def look(self, book: MarginBook) -> Snapshot:
        """Read all accounts, and the newest prices.

        Args:
            book: always the same one; its node may be another.

        Raises:
            ChainError: the node is not reached, or lacks logs.
        """
        again = Retrying(
            stop=stop_after_attempt(_READS),
            wait=wait_exponential(multiplier=0.1),
            retry=retry_if_result(lambda seen: seen.unread or seen.unopened),
            retry_error_callback=lambda last: last.outcome and last.outcome.result(),
        )
        return again(self._look, book)

    def news(self, book: MarginBook, recheck: Iterable[int] = ()) -> AccountNews:
        """Read what has changed since the last look or news: a few requests, however many accounts there are.

        Accounts that no event names are not compared with the contract: a node that leaves a log out hides a change
        until the account is rechecked, or until the next look.

        Args:
            book: as for `look`.
            recheck: identities of accounts to compare with the contract all the same.

        Raises:
            ChainError: the node is not reached, or lacks logs.
        """
        head = book.contracts.chain.block_number()
        anchor = self._anchor
        if anchor is None or head - anchor.block > FAR or not self._stands(book, anchor, head):
            return self._news_of_look(book)
        if head - anchor.block > 2 * SETTLED:
            self._settle(book, min(head - SETTLED, self._told_at))  # not what is untold: `_settle` reads no flags
        found = self._kept.copy()
        changes = book.contracts.book.changes(self._first(book), head)
        found.open(changes.openings, self._point)
        found.change(changes.states)
        found.named |= set(changes.flagged)
        self._ask_for_openings(book, head, found)
        if found.unopened or self._hidden(book, head, found, len(found.opened)):
            return self._news_of_look(book)
        # what a block named that can be taken back is named once more: its state may be an older one again
        named = {*self._kept.named, *found.named, *self._unsettled, *recheck}
        asked = {one for one in named if one in found.opened or one in self._shown}
        present, _ = self._ask_for_states(book, head, found, asked)
        views = self._views(book, [account for account in present if account in found.states], found)
        self._keep_states(book.store, {account: found.states[account] for account, view in views.items() if view})
        changed = [view for view in views.values() if view is not None and self._is_new(view)]
        left = [account for account in asked if account in self._shown and account not in present]
        for account in left:
            del self._shown[account]
        unread = [account for account in present if views.get(account) is None]
        self._shown |= {view.identity: view for view in changed}
        self._have_told(head, found, unread)
        return AccountNews(head, changed, present, left, unread)

    def _news_of_look(self, book: MarginBook) -> AccountNews:
        """News by a whole look."""
        before = dict(self._shown)
        snapshot = self.look(book)
        changed = [
            one
            for one in snapshot.accounts
            if (old := before.get(one.identity)) is None or old.sealed.commitment != one.sealed.commitment
        ]
        left = [account for account in before if account not in self._shown and account not in snapshot.unread]
        return AccountNews(
            snapshot.block, changed, snapshot.known, left, snapshot.unread, snapshot.unopened, snapshot.hidden
        )

    def _is_new(self, view: GuardedAccount) -> bool:
        shown = self._shown.get(view.identity)
        return shown is None or shown.sealed.commitment != view.sealed.commitment

    def _have_told(self, head: int, found: "_Found", unread: Iterable[int] = ()) -> None:
        """Forget what was named: not before, since a node may fail in the middle. What is unread is asked for again."""
        self._told_at = head
        self._kept.named = set(unread)
        self._unsettled = set(found.named)

    def _look(self, book: MarginBook) -> Snapshot:
        latest = book.contracts.rounds.latest_id()
        round_ = book.round(latest) if latest else None
        head = book.contracts.chain.block_number()
        if not self._is_loaded and book.store is not None:
            self._load(book.store)
        if self._anchor is None or not self._stands(book, self._anchor, head):
            self._anchor = None
            self._kept.others.clear()  # of blocks that are read again, or that are gone
            self._kept.unopened.clear()
        self._settle(book, head - SETTLED)
        found = self._kept.copy()
        self._read(book, self._first(book), head, found)
        self._ask_for_openings(book, head, found)
        present, closed = self._ask_for_states(book, head, found, found.opened)
        hidden = self._hidden(book, head, found, len(present) + len(closed))
        if hidden:
            again = book.contracts.book.openings_anew(head)
            self._keep_openings(book, again, found)
            present, closed = self._ask_for_states(book, head, found, found.opened)
            hidden = self._hidden(book, head, found, len(present) + len(closed))
        by_age = sorted(present, key=lambda account: found.opened[account].block)
        views = self._views(book, [account for account in by_age if account in found.states], found)
        accounts = [view for view in views.values() if view is not None]
        unread = [account for account in present if views.get(account) is None]
        self._keep_states(book.store, {account: found.states[account] for account, view in views.items() if view})
        self._have_told(head, found)
        self._shown = {account.identity: account for account in accounts}
        epoch = 0 if round_ is None else round_.epoch
        asleep = [account.identity for account in accounts if present[account.identity].epoch < epoch]
        return Snapshot(head, round_, accounts, unread, sorted(found.unopened), hidden, closed, asleep, present)

    def _load(self, store: BookStore) -> None:
        """Begin with what is kept in a file."""
        self._kept.open(store.openings(), self._point)
        self._kept.states = store.states(self._kept.opened)
        self._written = dict(self._kept.states)
        self._kept.unopened = store.unopened()
        self._anchor = store.cursor()
        self._is_loaded = True

    @staticmethod
    def _stands(book: MarginBook, anchor: Cursor, head: int) -> bool:
        return anchor.block <= head and book.contracts.chain.block_hash(anchor.block) == anchor.block_hash

    def _settle(self, book: MarginBook, last: int) -> None:
        """Keep what happened up to a block, in pieces that take some seconds each."""
        contract = book.contracts.book
        is_far = last - self._first(book) > FAR
        size = FIRST_PIECE
        while self._first(book) <= last:
            first = self._first(book)
            end = min(last, first + size - 1)
            began = time.monotonic()
            # before the logs, so that no later chain passes for it
            anchor = Cursor(end, book.contracts.chain.block_hash(end))
            openings = contract.openings(None, first, end)
            self._kept.open(openings, self._point)
            if is_far:  # who has something was paid, mostly by a deposit, and deposits are few
                self._kept.name(contract.depositors(first, end))
            else:
                self._read_states(book, first, end, self._kept)
            self._anchor = anchor
            if book.store is not None:
                book.store.keep(openings=openings, cursor=anchor, unopened=self._kept.unopened)
            took = time.monotonic() - began
            size = 4 * size if took < PIECE_SECONDS else max(size // 4, 1) if took > 4 * PIECE_SECONDS else size

    def _first(self, book: MarginBook) -> int:
        return book.contracts.book.first_block if self._anchor is None else self._anchor.block + 1

    def _read(self, book: MarginBook, first: int, last: int, found: "_Found") -> None:
        """Add what happened in a range of blocks."""
        found.open(book.contracts.book.openings(None, first, last), self._point)
        self._read_states(book, first, last, found)

    @staticmethod
    def _read_states(book: MarginBook, first: int, last: int, found: "_Found") -> None:
        found.change(book.contracts.book.states(None, first, last))

    def _ask_for_openings(self, book: MarginBook, head: int, found: "_Found") -> None:
        """Ask by name for openings that the node left out."""
        if not found.unopened:
            return
        self._keep_openings(book, book.contracts.book.find_openings(found.unopened, head), found)

    def _keep_openings(self, book: MarginBook, openings: Sequence[AccountOpened], found: "_Found") -> None:
        """Add openings that the node had left out."""
        found.open(openings, self._point)
        self._kept.open(openings, self._point)
        if book.store is not None:
            book.store.keep(openings=openings, unopened=self._kept.unopened)

    @staticmethod
    def _hidden(book: MarginBook, head: int, found: "_Found", own: int) -> int:
        """How many accounts the book has counted that no event names, beside the guardian's own."""
        known = own + len(found.others) + len(found.unopened)
        return max(book.contracts.book.account_count(head) - known, 0)

    def _ask_for_states(
        self, book: MarginBook, head: int, found: "_Found", asked: Collection[int]
    ) -> tuple[Mapping[int, BookAccount], Sequence[int]]:
        """Drop what the contract denies of some accounts, and ask by name for the states that it has.

        Returns:
            The accounts that are open by the contract, and those that were.
        """
        contract = book.contracts.book
        known = contract.accounts(asked, head)
        present = {account: now for account, now in known.items() if now.commitment}
        changed = {}
        for account in known:
            state, now = found.states.get(account), present.get(account)
            if state is not None and (now is None or not now.is_of(state)):
                changed[account] = found.states.pop(account).block
        opened = {account: found.opened[account].block for account in present}
        # after the state before it, or in its place when the chain was reorganised
        for since in (opened | changed, opened) if changed else (opened,):
            wanted = {account: now for account, now in present.items() if account not in found.states}
            if wanted:
                found.states |= contract.find_states(wanted, head, min(since[account] for account in wanted))
        return present, [account for account, now in known.items() if now.is_closed]

    def _keep_states(self, store: BookStore | None, states: Mapping[int, StateChanged]) -> None:
        """Keep states that were decrypted."""
        self._kept.states |= states
        news = {account: state for account, state in states.items() if self._written.get(account) != state}
        if store is not None and news:
            store.keep(states=news.values())
            self._written |= news

    @property
    def _point(self) -> tuple[int, int]:
        return (self._key.point.x, self._key.point.y)

    def _views(self, book: MarginBook, accounts: Sequence[int], found: "_Found") -> dict[int, GuardedAccount | None]:
        """Accounts, read; None when the node's events are false, so that they do not decrypt."""
        self._derive_keys(book, accounts, found)
        self._unseal(book, accounts, found)
        return {account: self._view(account, found) for account in accounts}

    def _derive_keys(self, book: MarginBook, accounts: Sequence[int], found: "_Found") -> None:
        new = [account for account in accounts if account not in self._viewing]
        owners = [OwnerRecord(Point(*found.opened[one].owner_point), found.opened[one].owner_tag) for one in new]
        for account, viewing in zip(new, self._key.viewing_of_all(owners, book.domain), strict=True):
            if isinstance(viewing, ViewingKeys):
                self._viewing[account] = viewing

    def _unseal(self, book: MarginBook, accounts: Sequence[int], found: "_Found") -> None:
        news = []
        for account in accounts:
            known, event = self._sealed.get(account), found.states[account]
            if account in self._viewing and (known is None or known.commitment != event.commitment):
                self._sealed.pop(account, None)
                news.append((self._viewing[account], event))
        for (_, event), view in zip(news, book.read_all(news), strict=True):
            if isinstance(view, AccountView):
                self._sealed[event.account] = view.sealed

    def _view(self, account: int, found: "_Found") -> GuardedAccount | None:
        viewing, sealed = self._viewing.get(account), self._sealed.get(account)
        if viewing is None or sealed is None:
            self._distrust(account)
            return None
        event = found.states[account]
        return GuardedAccount(
            viewing, sealed, event.changed_at_round, event.block, event.transaction, found.opened[account]
        )

    def _distrust(self, account: int) -> None:
        """Ask for opening and state of an account again at the next look."""
        self._viewing.pop(account, None)
        self._sealed.pop(account, None)
        self._kept.states.pop(account, None)
        if self._kept.opened.pop(account, None) is not None:
            self._kept.unopened.add(account)


@dataclass
class _Found:
    """What the events up to a block tell.

    Attributes:
        opened: openings that named the guardian, by identity.
        states: the newest states of these accounts, by identity.
        others: identities of accounts that named other guardians.
        unopened: identities of accounts that events name, and whose openings the node left out.
        named: identities of accounts that these events name.
    """

    opened: dict[int, AccountOpened]
    states: dict[int, StateChanged]
    others: set[int]
    unopened: set[int]
    named: set[int]

    def copy(self) -> "_Found":
        """To add what later events tell, which alone are named."""
        return _Found(dict(self.opened), dict(self.states), set(self.others), set(self.unopened), set())

    def open(self, openings: Iterable[AccountOpened], guardian_point: tuple[int, int]) -> None:
        """Add openings."""
        for one in openings:
            self.named.add(one.account)
            if one.guardian_point == guardian_point:
                self.opened[one.account] = one
            else:
                self.others.add(one.account)
            self.unopened.discard(one.account)

    def change(self, states: Sequence[StateChanged]) -> None:
        """Add states, the oldest first."""
        self.name(state.account for state in states)
        self.named |= {state.account for state in states}
        self.states |= {one.account: one for one in states if one.account in self.opened}

    def name(self, accounts: Iterable[int]) -> None:
        """Add accounts that an event names: an opening must have come before it."""
        self.unopened |= {one for one in accounts if one not in self.opened and one not in self.others}
