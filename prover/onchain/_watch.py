"""A guardian's watch: what has changed between two looks at its accounts, and what it does: expiries and flags.

A program runs it so:

    watch = GuardianWatch(connect, AccountReader(key), flag=Flagger(prover), expire=Expirer(expire_prover))
    for event in watch.events(interval=15):
        match event:
            case SnapshotRead(): ...  # a new round, or accounts that opened, changed their state or their status
            case AccountExpired() | ExpiryRefused(): ...
            case AccountFlagged() | FlagRefused(): ...
            case NodeLost() | NodeBack(): ...
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from prover.account import ViewingKeys
from prover.market import MarginStatus
from prover.onchain._book import MarginBook
from prover.onchain._deployment_record import OtherChainError
from prover.onchain._expiry import ExpireProver, ExpiryKeeper
from prover.onchain._gatekeeper import Gatekeeper, MarginProver
from prover.onchain._liquidation_keeper import LiquidationKeeper
from prover.onchain._liquidation_market import LiquidationMarket
from prover.onchain._reader import AccountReader
from prover.onchain._snapshot import GuardedAccount, Snapshot
from verifier import ChainError, InputError, ToolError, VectorKind, ZkSolvencyError


class ChangeKind(StrEnum):
    """What happened to an account between two looks.

    SEEN: it is read for the first time: at the first look, or when the node holds its state again.
    OPENED: it was opened.
    STATE: its state changed, by a deposit, a withdrawal or a trade.
    STATUS: prices alone moved it across a margin.
    UNREAD: the node leaves its state out.
    CLOSED: it was closed, or has moved to another identity.
    GONE: a reorganisation took its opening back.
    """

    SEEN = "seen"
    OPENED = "opened"
    STATE = "moved"
    STATUS = "status"
    UNREAD = "unread"
    CLOSED = "closed"
    GONE = "gone"


class AccountChange(NamedTuple):
    """An account that is not as it was at the look before.

    Attributes:
        account: as it is now; as it was last where it is closed, gone or unread.
        kind: what happened.
        status: on which side of its margins it is; None before the first round, or while it has expired positions.
        before: on which side it was; None where that is not known.
    """

    account: GuardedAccount
    kind: ChangeKind
    status: MarginStatus | None
    before: MarginStatus | None

    @property
    def entered(self) -> MarginStatus | None:
        """The status that is new with this change, such as liquidatable; None where the status is as it was."""
        return None if self.status is self.before else self.status


@dataclass(frozen=True)
class SnapshotRead:
    """A look that shows something new.

    Attributes:
        previous: the look before; None at the first.
        snapshot: what it shows.
        changes: accounts that changed, oldest first.
        tips: what a flag of each account below maintenance margin would earn now: its bond, by identity [wei]. No flag
            earns the bond of an account that is flagged.
    """

    previous: Snapshot | None
    snapshot: Snapshot
    changes: tuple[AccountChange, ...]
    tips: Mapping[int, int]

    @property
    def liquidatable(self) -> list[GuardedAccount]:
        """The accounts below maintenance margin, changed or not."""
        return _below(self.snapshot)


@dataclass(frozen=True)
class AccountFlagged:
    """An account was flagged.

    Attributes:
        account: which.
        receipt: of the transaction.
        tip: what the recipient earned [wei].
    """

    account: GuardedAccount
    receipt: Mapping[str, Any]
    tip: int


@dataclass(frozen=True)
class FlagRefused:
    """An account below maintenance margin could not be flagged. The next look tries again.

    Attributes:
        account: which.
        error: why.
    """

    account: GuardedAccount
    error: ZkSolvencyError


@dataclass(frozen=True)
class AccountExpired:
    """The expired positions of an account were turned into cash.

    Attributes:
        account: which, as it was before.
        receipts: of the transactions; none where its owner was faster.
    """

    account: GuardedAccount
    receipts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ExpiryRefused:
    """The expired positions of an account could not be turned into cash. The next look tries again.

    Attributes:
        account: which.
        error: why.
    """

    account: GuardedAccount
    error: ZkSolvencyError


@dataclass(frozen=True)
class NodeLost:
    """The node does not answer, or lacks the book: the watch waits for it.

    Attributes:
        error: of the look that failed.
    """

    error: ZkSolvencyError


@dataclass(frozen=True)
class NodeBack:
    """The node serves the book again."""


FlagEvent = AccountFlagged | FlagRefused
ExpiryEvent = AccountExpired | ExpiryRefused
WatchEvent = SnapshotRead | FlagEvent | ExpiryEvent | NodeLost | NodeBack
FlagAccounts = Callable[[MarginBook, Sequence[GuardedAccount]], Iterable[FlagEvent]]
"""Flags accounts below maintenance margin, and yields what became of each."""
ExpireAccounts = Callable[[MarginBook, Sequence[GuardedAccount]], Iterable[ExpiryEvent]]
"""Turns expired positions of accounts into cash, and yields what became of each."""


@dataclass(frozen=True)
class Expirer:
    """Turns the expired positions of accounts into cash. One that cannot be settled now stops no other.

    Attributes:
        prover: makes the proofs.
    """

    prover: ExpireProver

    def __call__(self, book: MarginBook, accounts: Sequence[GuardedAccount]) -> Iterator[ExpiryEvent]:
        """Bring every account to the newest epoch.

        Args:
            book: where they live.
            accounts: of older epochs.
        """
        keeper = ExpiryKeeper(book, self.prover)
        for account in accounts:
            try:
                receipts = keeper.expire(account.viewing)
            except ZkSolvencyError as error:
                yield ExpiryRefused(account, error)
            else:
                yield AccountExpired(account, receipts)


@dataclass(frozen=True)
class Flagger:
    """Flags accounts at the liquidation engine of their book, or at its gate where it has no engine.

    One that cannot be flagged now stops no other.

    Attributes:
        prover: makes the proofs.
        recipient: who earns the tips: an address as an integer below 2^160; None for the sender.
    """

    prover: MarginProver
    recipient: int | None = None

    def __call__(self, book: MarginBook, accounts: Sequence[GuardedAccount]) -> Iterator[FlagEvent]:
        """Flag every account that is not flagged.

        Args:
            book: where they live.
            accounts: below maintenance margin.

        Raises:
            InputError: the book has neither engine nor gate, or the gate has another key.
            ChainError: the node is not reached.
        """
        keeper = Gatekeeper(book, self.prover) if book.contracts.engine is None else _EngineFlags(book, self.prover)
        recipient = int(book.contracts.chain.sender, 16) if self.recipient is None else self.recipient
        for account in accounts:
            if keeper.has_flagged(account.identity):
                continue
            try:
                receipt = keeper.flag(account.viewing, recipient)
            except ZkSolvencyError as error:
                yield FlagRefused(account, error)
            else:
                yield AccountFlagged(account, receipt, book.contracts.book.vault.bond_paid(receipt))


@dataclass(frozen=True)
class _EngineFlags:
    """Flags for maintenance margin at the engine of a book, as `Gatekeeper` does at a gate.

    Attributes:
        book: with an engine.
        prover: makes the proofs.
    """

    book: MarginBook
    prover: MarginProver

    @cached_property
    def _keeper(self) -> LiquidationKeeper:
        return LiquidationKeeper(LiquidationMarket.of(self.book), self.prover)

    def has_flagged(self, account: int) -> bool:
        """Whether an account has a flag that has not expired."""
        market, ground = self._keeper.market, VectorKind.MAINTENANCE
        elapsed = market.elapsed(self.book.contracts.book.account(account), ground)
        return elapsed is not None and elapsed <= market.auctions[ground].lifetime

    def flag(self, account: ViewingKeys, recipient: int) -> Mapping[str, Any]:
        """Flag an account. Arguments and errors as for `LiquidationKeeper.flag`."""
        return self._keeper.flag(account, VectorKind.MAINTENANCE, recipient)


_Event = TypeVar("_Event", AccountFlagged | FlagRefused, AccountExpired | ExpiryRefused)


class GuardianWatch:
    """Looks at a guardian's accounts again and again, and yields what is new.

    The node is connected to for each look alone: a local one serves other commands in between. What fails at a later
    look may pass: a node that syncs after a restart has the right chain id, and no contracts yet.

    Args:
        connect: opens the book.
        reader: looks at the accounts.
        flag: flags what a look shows below maintenance margin, such as a `Flagger`; None to flag nothing.
        expire: turns expired positions into cash before anything is flagged, such as an `Expirer`; None leaves them,
            and then the status of these accounts is not known.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[MarginBook]],
        reader: AccountReader,
        flag: FlagAccounts | None = None,
        expire: ExpireAccounts | None = None,
    ) -> None:
        self._connect = connect
        self._reader = reader
        self._flag = flag
        self._expire = expire
        self._last: Snapshot | None = None
        self._is_lost = False
        self._refusals: dict[int, str] = {}

    def events(self, interval: float | None) -> Iterator[WatchEvent]:
        """Look until the consumer stops.

        Args:
            interval: between two looks [s]; None for a single one.

        Raises:
            As `look`.
        """
        while True:
            yield from self.look()
            if interval is None:
                return
            time.sleep(interval)

    def look(self) -> Iterator[WatchEvent]:
        """One look. The connection stays open until the last event is taken.

        Raises:
            ChainError, InputError, ToolError: the first look fails.
            OtherChainError: another chain answers now.
        """
        try:
            with self._connect() as book:
                snapshot = self._reader.look(book)
                if self._is_lost:
                    self._is_lost = False
                    yield NodeBack()
                if self._expire is not None and snapshot.asleep:
                    asleep = [account for account in snapshot.accounts if account.identity in snapshot.asleep]
                    yield from self._new(self._expire(book, asleep))
                    snapshot = self._reader.look(book)
                previous, self._last = self._last, snapshot
                changes = tuple(_changes(previous, snapshot))
                if changes or _is_news(previous, snapshot):
                    yield SnapshotRead(previous, snapshot, changes, _tips(book, snapshot))
                if self._flag is not None:
                    yield from self._new(self._flag(book, _below(snapshot)))
        except (ChainError, InputError, ToolError) as error:
            if self._last is None or isinstance(error, OtherChainError):
                raise
            if not self._is_lost:
                self._is_lost = True
                yield NodeLost(error)

    def _new(self, events: Iterable[_Event]) -> Iterator[_Event]:
        """Without what was refused for the same reason before."""
        for event in events:
            account = event.account.identity
            if isinstance(event, AccountFlagged | AccountExpired):
                self._refusals.pop(account, None)
            elif self._refusals.get(account) == str(event.error):
                continue
            else:
                self._refusals[account] = str(event.error)
            yield event


def _changes(previous: Snapshot | None, snapshot: Snapshot) -> Iterator[AccountChange]:
    """Accounts that are not as they were at the look before, oldest first."""
    known = {} if previous is None else {account.identity: account for account in previous.accounts}
    for account in snapshot.accounts:
        old, status = known.pop(account.identity, None), _status(account, snapshot)
        if previous is None or old is None:
            was_there = previous is None or account.identity in previous.unread
            yield AccountChange(account, ChangeKind.SEEN if was_there else ChangeKind.OPENED, status, None)
        elif old.sealed.commitment != account.sealed.commitment:
            yield AccountChange(account, ChangeKind.STATE, status, _status(old, previous))
        elif _status(old, previous) is not status:
            yield AccountChange(account, ChangeKind.STATUS, status, _status(old, previous))
    if previous is not None:
        for old in known.values():
            kind = ChangeKind.GONE
            if old.identity in snapshot.unread:
                kind = ChangeKind.UNREAD
            elif old.identity in snapshot.closed:
                kind = ChangeKind.CLOSED
            yield AccountChange(old, kind, _status(old, previous), _status(old, previous))


def _below(snapshot: Snapshot) -> list[GuardedAccount]:
    """The accounts below maintenance margin."""
    return [account for account in snapshot.accounts if _status(account, snapshot) is MarginStatus.LIQUIDATABLE]


def _tips(book: MarginBook, snapshot: Snapshot) -> dict[int, int]:
    """What flags of the accounts below maintenance margin would earn, by identity [wei]."""
    asked = [account.identity for account in _below(snapshot)]
    if not asked:
        return {}
    contract = book.contracts.book
    known, bonds = contract.accounts(asked, snapshot.block), contract.vault.bonds(asked, snapshot.block)
    return {account: 0 if known[account].is_flagged else bonds[account] for account in asked}


def _status(account: GuardedAccount, snapshot: Snapshot) -> MarginStatus | None:
    """Not known before the first round, nor while an account has expired positions: rounds have no price of these."""
    if snapshot.round is None or account.identity in snapshot.asleep:
        return None
    return account.health(snapshot.round).status


def _is_news(previous: Snapshot | None, snapshot: Snapshot) -> bool:
    """Whether a look shows another round, or leaves out something else, than the one before."""
    if previous is None:
        return True
    rounds = [None if look.round is None else look.round.id for look in (previous, snapshot)]
    left_out = [(look.unread, look.unopened, look.hidden, look.asleep) for look in (previous, snapshot)]
    return rounds[0] != rounds[1] or left_out[0] != left_out[1]
