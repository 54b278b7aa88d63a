"""Accounts of a seed: which index the next one gets, and how all are found again (spec ZS-13), in a simulated book."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pytest

from prover.account import BASE, Domain, FoundAccount, OwnerKeys, Point, Seed, Wallet, WalletAccount, poseidon
from prover.chain import AccountOpened, BookAccount
from prover.onchain import GAP_LIMIT, find_accounts, with_new_account
from verifier import FieldPair, InputError

HERE, ELSEWHERE = Domain(31337, 0xB00C), Domain(31337, 0xB00D)
FIRST, SECOND, THIRD = 5 * BASE, 7 * BASE, 11 * BASE
SEED = Seed(bytes(range(32)))


@pytest.fixture(autouse=True)
def quick_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """The view key by a hash: the curve takes 14 ms a key, and there are thousands."""
    monkeypatch.setattr(
        "prover.account._keys.agree_on_view_key", lambda secret, point: poseidon([secret, point.x, point.y])
    )


@dataclass
class Book:
    """A book, and the node that tells of it.

    Attributes:
        domain: of the book.
        accepted: guardians.
        openings: of all accounts.
        closed: identities of accounts that are closed.
        left_out: identities of accounts whose openings the node leaves out.
        hidden_guardians: whose acceptance the node leaves out.
    """

    domain: Domain = HERE
    accepted: list[Point] = field(default_factory=lambda: [FIRST, SECOND])
    openings: list[AccountOpened] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    hidden_guardians: list[Point] = field(default_factory=list)
    store: None = None
    address: str = "0xB00C"

    @property
    def contracts(self) -> "Book":
        return self

    book = chain = contract = contracts

    def open(self, account: WalletAccount) -> None:
        keys = account.keys
        opening = AccountOpened(keys.identity, keys.owner_tag, (0, 0), (keys.guardian.x, keys.guardian.y), 1)
        assert opening not in self.openings
        self.openings.append(opening)

    def block_number(self) -> int:
        return 1

    def guardians(self) -> list[FieldPair]:
        return [(point.x, point.y) for point in self.accepted]

    def known_guardians(self) -> list[FieldPair]:
        return [(point.x, point.y) for point in self.accepted if point not in self.hidden_guardians]

    def accounts(self, accounts: Collection[int], _: int) -> dict[int, BookAccount]:
        opened = {one.account for one in self.openings}
        return {one: BookAccount(int(one in opened - self.closed), int(one in opened)) for one in accounts}

    def checked_openings(self, _: int) -> tuple[list[AccountOpened], int]:
        shown = [one for one in self.openings if one.account not in self.left_out]
        return shown, len(self.openings) - len(shown)


def opened(wallet: Wallet, book: Any, *names: str, guardian: Point = FIRST) -> Wallet:
    """The wallet after these accounts were opened."""
    for name in names:
        wallet = with_new_account(wallet, book, name, guardian)
        book.open(wallet.account(name))
    return wallet


def prepared(wallet: Wallet, book: Any, *names: str) -> Wallet:
    """The wallet after these accounts were to be opened, and nothing was sent."""
    for name in names:
        wallet = with_new_account(wallet, book, name, FIRST)
    return wallet


def indices(wallet: Wallet) -> list[int | None]:
    return [account.index for account in wallet.accounts]


def found(book: Any, gap: int = GAP_LIMIT) -> list[int | None]:
    return [account.index for account in find_accounts(book, SEED, gap=gap).accounts]


# ------------------------------------------------------------------------------------------------ the next index


def test_each_account_of_a_book_has_an_index_of_its_own() -> None:
    here, elsewhere = Book(), Book(ELSEWHERE)
    wallet = opened(opened(opened(Wallet(seed=SEED), here, "a", "b"), elsewhere, "c"), here, "d", guardian=SECOND)
    assert [(account.keys.domain, account.index) for account in wallet.accounts] == [
        (HERE, 0),
        (HERE, 1),
        (ELSEWHERE, 0),
        (HERE, 2),
    ]
    assert len({account.keys.owner_secret for account in wallet.accounts}) == 4


def test_a_wallet_without_a_seed_draws_its_secrets() -> None:
    wallet = prepared(Wallet(), Book(), "a", "b")
    assert indices(wallet) == [None, None]
    assert wallet.seed is None


def test_an_opening_that_failed_keeps_its_index() -> None:
    """It may be mined later: the account after it gets the next one, and another attempt the same."""
    book = Book()
    wallet = opened(prepared(Wallet(seed=SEED), book, "failed"), book, "next")
    assert indices(wallet) == [0, 1]
    assert with_new_account(wallet, book, "failed", FIRST) == wallet


def test_a_copy_of_the_wallet_does_not_use_what_the_first_has_opened_since(caplog: pytest.LogCaptureFixture) -> None:
    """The copy is older, or was restored: the first one goes on, with holes, and under another guardian."""
    book = Book()
    copy = opened(Wallet(seed=SEED), book, "a")
    first = opened(prepared(copy, book, "b"), book, "c", guardian=SECOND)
    with caplog.at_level(logging.WARNING):
        copy = with_new_account(copy, book, "mine", FIRST)
    assert "another copy of the wallet" in caplog.text
    assert indices(copy) == [0, 3]
    caplog.clear()
    assert indices(opened(first, book, "d")) == [0, 1, 2, 3]
    assert not caplog.records


def test_what_the_node_leaves_out_of_its_logs_is_not_used_again() -> None:
    book = Book(accepted=[FIRST, SECOND])
    first = opened(Wallet(seed=SEED), book, "a", "b")
    book.left_out = {account.keys.identity for account in first.accounts}
    assert indices(with_new_account(Wallet(seed=SEED), book, "mine", SECOND)) == [2]


def test_guardians_of_the_wallet_count_where_the_node_tells_of_none() -> None:
    """The wallet's own account names a guardian that the node hides; its copy has gone on with the same one."""
    book = Book(accepted=[FIRST, SECOND])
    copy = opened(Wallet(seed=SEED), book, "a", guardian=SECOND)
    opened(copy, book, "b", guardian=SECOND)
    book.hidden_guardians = [SECOND]
    assert indices(with_new_account(copy, book, "mine", FIRST)) == [0, 2]


def test_the_index_of_a_closed_account_is_used() -> None:
    book = Book()
    wallet = opened(Wallet(seed=SEED), book, "a")
    book.closed = {wallet.accounts[0].keys.identity}
    assert found(book) == []
    assert indices(with_new_account(Wallet(seed=SEED), book, "mine", FIRST)) == [1]


def test_a_retry_is_refused_once_a_copy_has_used_the_index_with_another_guardian() -> None:
    """One owner tag under two guardians would show that both accounts are of one owner."""
    book = Book()
    first = prepared(Wallet(seed=SEED), book, "a")
    opened(Wallet(seed=SEED), book, "mine", guardian=SECOND)
    with pytest.raises(InputError, match="another copy of the wallet"):
        with_new_account(first, book, "a")
    book.openings.clear()
    opened(Wallet(seed=SEED), book, "mine", guardian=FIRST)  # then it is the same account
    assert with_new_account(first, book, "a") == first


def test_an_account_that_is_open_may_be_opened_again_whatever_a_copy_has_done() -> None:
    book = Book()
    first = opened(Wallet(seed=SEED), book, "a")
    book.open(WalletAccount("mine", OwnerKeys(SEED.owner_secret(HERE, 0), SECOND, HERE), 0))
    assert with_new_account(first, book, "a") == first


def test_no_account_is_opened_where_a_restoration_would_not_find_it() -> None:
    book = Book()
    names = [f"failed-{i}" for i in range(GAP_LIMIT - 1)]
    wallet = opened(prepared(Wallet(seed=SEED), book, *names), book, "last")
    assert found(book) == [GAP_LIMIT - 1]
    full = prepared(wallet, book, *(f"again-{i}" for i in range(GAP_LIMIT)))
    with pytest.raises(InputError, match="the last 20 accounts of the wallet in this book were never opened"):
        with_new_account(full, book, "lost", FIRST)
    book.open(full.account("again-0"))
    assert indices(opened(full, book, "kept"))[-1] == 2 * GAP_LIMIT
    assert found(book) == [GAP_LIMIT - 1, GAP_LIMIT, 2 * GAP_LIMIT]


def test_no_first_account_is_opened_where_a_restoration_would_not_find_it() -> None:
    book = Book()
    wallet = prepared(Wallet(seed=SEED), book, *(f"failed-{i}" for i in range(GAP_LIMIT)))
    with pytest.raises(InputError, match="never opened"):
        with_new_account(wallet, book, "lost", FIRST)


# ------------------------------------------------------------------------------------------------ restoration


def test_every_account_of_a_seed_is_found_with_its_index(caplog: pytest.LogCaptureFixture) -> None:
    book = Book()
    first = opened(prepared(opened(Wallet(seed=SEED), book, "a"), book, "b", "c"), book, "d", guardian=SECOND)
    book.open(WalletAccount.create("stranger", HERE, FIRST))
    with caplog.at_level(logging.WARNING):
        accounts = find_accounts(book, SEED).accounts
    assert accounts == [FoundAccount(one.keys, one.index) for one in first.accounts if one.name in "ad"]
    assert not caplog.records
    assert find_accounts(book, SEED).left_out == 0
    restored = Wallet(seed=SEED)
    restored = Wallet(restored.missing(accounts, "restored"), SEED)
    assert indices(opened(restored, book, "next")) == [0, 3, 4]
    assert find_accounts(book, Seed.generate()).accounts == []


def test_an_index_with_two_guardians_loses_neither_account() -> None:
    """Software never does it; two copies at the same moment may."""
    book = Book()
    for guardian in (FIRST, SECOND):
        book.open(WalletAccount("a", OwnerKeys(SEED.owner_secret(HERE, 2), guardian, HERE), 2))
    accounts = find_accounts(book, SEED).accounts
    assert [(one.index, one.keys.guardian) for one in accounts] == [(2, FIRST), (2, SECOND)]
    Wallet(Wallet(seed=SEED).missing(accounts, "restored"), SEED)


@pytest.mark.parametrize("gap", [1, 3, GAP_LIMIT])
def test_the_search_ends_after_as_many_unused_indices(gap: int) -> None:
    book = Book()
    for index in (gap - 1, 2 * gap - 1, 3 * gap):
        book.open(WalletAccount("a", OwnerKeys(SEED.owner_secret(HERE, index), FIRST, HERE), index))
    assert found(book, gap) == [gap - 1, 2 * gap - 1]
    assert found(book, gap + 1) == [gap - 1, 2 * gap - 1, 3 * gap]


def test_openings_that_the_node_leaves_out_are_told_and_found_by_the_contract(
    caplog: pytest.LogCaptureFixture,
) -> None:
    book = Book(accepted=[FIRST, SECOND, THIRD])
    first = opened(opened(Wallet(seed=SEED), book, "a"), book, "b", guardian=THIRD)
    book.left_out = {account.keys.identity for account in first.accounts}
    with caplog.at_level(logging.WARNING):
        assert found(book) == [0, 1]
    assert find_accounts(book, SEED).left_out == 2
    assert "hold no openings of 2 accounts that the book 0xB00C has" in caplog.text
    book.hidden_guardians = [THIRD]
    assert found(book) == [0]
    accounts = find_accounts(book, SEED, [THIRD]).accounts
    assert [account.index for account in accounts] == [0, 1]


def test_an_opening_with_a_false_point_hides_no_other_account() -> None:
    book = Book()
    opened(Wallet(seed=SEED), book, "a")
    book.openings.append(AccountOpened(7, book.openings[0].owner_tag, (0, 0), (1, 1), 1))
    assert found(book) == [0]
