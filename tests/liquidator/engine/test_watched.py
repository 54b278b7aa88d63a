"""Accounts that are kept up to date block by block, told of by a scripted reader: the real one has its own tests."""

import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liquidator.engine._events import RoundSeen, StatesOpened
from liquidator.engine._watched import BUSY_RECHECK, CALM_RECHECK, WatchedAccounts
from liquidator.screening import AccountMatrix
from prover.account import State
from prover.chain import BookAccount
from prover.onchain import AccountNews, AccountReader, MarginBook, Snapshot

N = 13


@dataclass
class Script:
    """A chain's accounts by identity, and a reader of them that tells what changed."""

    epoch: int = 0
    accounts: dict[int, tuple[State, BookAccount]] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    asked: list[list[int]] = field(default_factory=list)
    told: dict[int, tuple[State, BookAccount]] = field(default_factory=dict)
    looks: int = 0

    def put(self, account: int, quote: int, *, epoch: int = 0, flagged_at: int = 0) -> None:
        known = BookAccount(1 + quote, 1, 1, epoch, flagged_at)
        self.accounts[account] = (State((0,) * N, quote), known)

    def view(self, account: int) -> Any:
        return SimpleNamespace(identity=account, sealed=SimpleNamespace(state=self.accounts[account][0]))

    def known(self, accounts: Iterable[int]) -> Mapping[int, BookAccount]:
        return {account: self.accounts[account][1] for account in accounts if account in self.accounts}

    def round(self, round_id: int) -> Any:
        return SimpleNamespace(id=round_id, epoch=self.epoch)

    def look(self, _: object) -> Snapshot:
        self.looks += 1
        self.told = {account: one for account, one in self.accounts.items() if account not in self.unread}
        views = [self.view(account) for account in self.told]
        return Snapshot(1, None, views, sorted(self.unread), known=self.known(self.accounts))

    def news(self, _: object, recheck: Sequence[int]) -> AccountNews:
        self.asked.append(list(recheck))
        named = {account for account, one in self.accounts.items() if self.told.get(account) != one}
        changed = sorted(named - self.unread)
        left = [account for account in self.told if account not in self.accounts]
        self.told = {account: one for account, one in self.accounts.items() if account not in self.unread}
        news = [self.view(account) for account in changed]
        return AccountNews(1, news, self.known([*named, *recheck]), left, sorted(named & self.unread))


def watch(script: Script) -> WatchedAccounts:
    return WatchedAccounts(cast(MarginBook, script), cast(AccountReader, script), AccountMatrix(N))


def refresh(watched: WatchedAccounts, *, is_new: bool = False) -> StatesOpened:
    return watched.refresh(RoundSeen(1, 1, is_new, 0.0), watched.round(1))


def look(watched: WatchedAccounts, *, is_new: bool = False) -> tuple[dict[int, int], set[int], set[int]]:
    """Quotes of the accounts that can be proven about, those asleep, those flagged."""
    opened = refresh(watched, is_new=is_new)
    quotes = {account: one.sealed.state.quote for account, one in opened.accounts.items()}
    assert len(watched.matrix) == len(quotes)
    assert all(account in watched.matrix for account in quotes)
    return quotes, set(opened.asleep), set(opened.flagged)


def test_it_follows_openings_changes_flags_and_closings() -> None:
    script = Script()
    script.put(1, 10)
    watched = watch(script)
    assert look(watched) == ({1: 10}, set(), set())
    script.put(2, 20)
    script.put(1, 11, flagged_at=5)
    assert look(watched) == ({1: 11, 2: 20}, set(), {1})
    script.put(1, 11)
    del script.accounts[2]
    assert look(watched) == ({1: 11}, set(), set())
    assert script.looks == 1


def test_the_collector_passes_by_what_the_first_look_read() -> None:
    """Its pauses would grow with the number of accounts."""
    script = Script()
    script.put(1, 10)
    watched = watch(script)
    gc.unfreeze()
    try:
        look(watched)
        assert gc.get_freeze_count()
        script.put(2, 20)
        gc.unfreeze()
        look(watched)
        assert not gc.get_freeze_count()  # what comes and goes later is collected
    finally:
        gc.unfreeze()


def test_an_expiry_puts_accounts_to_sleep_until_they_are_expired() -> None:
    script = Script()
    script.put(1, 10)
    script.put(2, 20)
    watched = watch(script)
    look(watched)
    script.epoch = 1
    assert look(watched) == ({}, {1, 2}, set())
    script.put(2, 21, epoch=1)
    assert look(watched) == ({2: 21}, {1}, set())
    script.put(1, 12)  # a change of another kind leaves it asleep
    assert look(watched) == ({2: 21}, {1}, set())
    script.put(1, 13, epoch=1)
    assert look(watched) == ({1: 13, 2: 21}, set(), set())


def test_an_account_whose_state_is_not_read_is_not_shown_as_it_was() -> None:
    script = Script()
    script.put(1, 10)
    watched = watch(script)
    look(watched)
    script.put(1, 11)
    script.unread = {1}
    opened = refresh(watched)
    assert (dict(opened.accounts), opened.left_out.unread) == ({}, 1)
    script.unread = set()
    assert look(watched) == ({1: 11}, set(), set())
    assert refresh(watched).left_out.unread == 0


def test_accounts_are_known_at_a_new_round_before_anything_of_them_is_read() -> None:
    script = Script()
    script.put(1, 10)
    watched = watch(script)
    seen = RoundSeen(2, 2, is_new=True, seen_at=0.0)
    assert watched.known(seen, watched.round(2)) is None  # at the start nothing is
    script.put(1, 11)
    refresh(watched)
    script.put(1, 12)
    opened = watched.known(seen, watched.round(2))
    assert opened is not None
    assert (opened.accounts[1].sealed.state.quote, opened.changed, opened.block) == (11, (), 1)
    assert opened.round is not None
    assert opened.round.id == 2
    assert watched.known(seen, watched.round(0)) is None
    script.epoch = 1  # which of them can be proven about is decided first
    assert watched.known(seen, watched.round(2)) is None


@pytest.mark.parametrize("is_new", [False, True])
def test_each_account_has_its_turn_to_be_compared_with_the_contract(is_new: bool) -> None:
    script, count = Script(), 600
    for account in range(count):
        script.put(account, account)
    watched = watch(script)
    size = BUSY_RECHECK if is_new else CALM_RECHECK
    for _ in range(1 + -(-count // size)):
        look(watched, is_new=is_new)
    assert all(len(asked) == size for asked in script.asked)
    assert set().union(*script.asked) == set(range(count))
