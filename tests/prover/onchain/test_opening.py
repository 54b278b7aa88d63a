"""The account that an owner is about to open: its guardian, and its secret in the wallet."""

from types import SimpleNamespace
from typing import Any

import pytest

from prover.account import BASE, Domain, Point, Wallet, WalletAccount, point_to_text
from prover.onchain import accepted_guardian, with_new_account
from verifier import InputError

DOMAIN = Domain(31337, 0xB00C)
FIRST, SECOND = 5 * BASE, 7 * BASE


def book(*guardians: Point, domain: Domain = DOMAIN) -> Any:
    contract = SimpleNamespace(guardians=lambda: [(point.x, point.y) for point in guardians])
    return SimpleNamespace(domain=domain, contracts=SimpleNamespace(book=contract))


def test_the_only_guardian_of_a_book_needs_no_name() -> None:
    assert accepted_guardian(book(FIRST)) == FIRST
    assert accepted_guardian(book(FIRST, SECOND), SECOND) == SECOND


def test_a_guardian_must_be_named_where_there_are_several() -> None:
    with pytest.raises(InputError, match="choose a guardian with --guardian") as refused:
        accepted_guardian(book(FIRST, SECOND))
    assert f"{point_to_text(FIRST)} or {point_to_text(SECOND)}" in str(refused.value)
    with pytest.raises(InputError, match="the book accepts none at all"):
        accepted_guardian(book())


def test_a_guardian_that_the_book_does_not_accept_makes_no_account() -> None:
    with pytest.raises(InputError, match="does not accept this --guardian"):
        with_new_account(Wallet(), book(FIRST), "trading", SECOND)


def test_a_second_attempt_keeps_the_secret_of_the_first() -> None:
    """The account may be open by then: another secret would open another one."""
    wallet = with_new_account(Wallet(), book(FIRST), "trading")
    (account,) = wallet.accounts
    assert (account.name, account.keys.domain, account.keys.guardian) == ("trading", DOMAIN, FIRST)
    assert with_new_account(wallet, book(FIRST), "trading") == wallet
    assert with_new_account(wallet, book(), "trading", FIRST) == wallet  # no longer accepted: it goes on all the same


def test_a_name_is_not_used_for_another_book_or_guardian() -> None:
    wallet = Wallet((WalletAccount.create("trading", DOMAIN, FIRST),))
    with pytest.raises(InputError, match="in another book"):
        with_new_account(wallet, book(FIRST, domain=Domain(1, 0xB00C)), "trading")
    with pytest.raises(InputError, match="with another guardian"):
        with_new_account(wallet, book(FIRST, SECOND), "trading", SECOND)
