"""What a guardian reads from events alone, and what an owner restores from its secret alone."""

from collections.abc import Mapping

import pytest

from prover import OwnerKeys, Side
from prover.account import BASE, GuardianKey, Point, Seed, Tag, ViewingKeys, assess_at, clear_cofactor, poseidon
from prover.account._babyjubjub import random_scalar
from prover.chain import BookContracts, Chain, ContractCode
from prover.onchain import AccountReader, BookProver, MarginBook, Owner, Snapshot, _reader, find_accounts, restore
from prover.onchain.local_market import Market, Trader
from tests.fault_proxy import FaultProxy
from verifier import VectorKind

pytestmark = pytest.mark.full

DOLLAR = 10**18
USD = 13
PERP = 3


def test_a_guardian_reads_every_account_that_named_it(market: Market, alice: Trader, bob: Trader) -> None:
    for trader in (alice, bob):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    round_ = alice.owner.book.latest_round()
    ticket = bob.owner.book.ticket(PERP, 10**9, round_.prices[PERP], round_)
    alice.owner.take(bob.owner.offer(ticket, Side.SELL))

    snapshot = AccountReader(market.guardian).look(alice.owner.book)
    assert snapshot.round == round_
    assert [account.identity for account in snapshot.accounts] == [alice.owner.identity, bob.owner.identity]
    for account, trader in zip(snapshot.accounts, (alice, bob), strict=True):
        state = trader.owner.state().sealed.state
        assert account.sealed.state == state
        health = account.health(round_)
        assert health.maintenance == assess_at(state, round_.vectors, VectorKind.MAINTENANCE)
        assert health.initial.margin > health.maintenance.margin
        assert str(state.quote) not in repr(account)


def test_a_guardian_without_accounts_reads_nothing(alice: Trader) -> None:
    alice.owner.open()
    assert AccountReader(GuardianKey.generate()).look(alice.owner.book).accounts == []


def test_each_guardian_of_a_book_reads_the_accounts_that_named_it(
    market: Market, alice: Trader, book_prover: BookProver
) -> None:
    book, second = alice.owner.book, GuardianKey.generate()
    market.contracts.book.set_guardian((second.point.x, second.point.y), accepted=True)
    other = Owner(book, OwnerKeys.generate(book.domain, second.point), book_prover)
    for owner, dollars in ((alice.owner, 10), (other, 20)):
        owner.open()
        owner.deposit(USD, dollars * DOLLAR)
    for key, owner, dollars in ((market.guardian, alice.owner, 10), (second, other, 20)):
        snapshot = AccountReader(key).look(book)
        assert seen(snapshot) == {owner.identity: dollars * DOLLAR}
        assert (snapshot.unread, snapshot.unopened, snapshot.hidden) == ([], [], 0)
    market.contracts.book.set_guardian((second.point.x, second.point.y), accepted=False)
    assert seen(AccountReader(second).look(book)) == {other.identity: 20 * DOLLAR}


def test_two_holders_of_a_guardians_secret_read_an_account_together(
    market: Market, alice: Trader, book_prover: BookProver
) -> None:
    """The secret is nowhere: each hands over a point, and the sum is the shared point of owner and guardian."""
    book, shares = alice.owner.book, (random_scalar(), random_scalar())
    guardian = shares[0] * BASE + shares[1] * BASE
    market.contracts.book.set_guardian((guardian.x, guardian.y), accepted=True)
    owner = Owner(book, OwnerKeys.generate(book.domain, guardian), book_prover)
    owner.open()
    owner.deposit(USD, 30 * DOLLAR)
    (opening,) = book.contracts.book.openings((guardian.x, guardian.y))
    points = [share * clear_cofactor(Point(*opening.owner_point)) for share in shares]
    shared = points[0] + points[1]
    viewing = ViewingKeys(poseidon([Tag.ECDH, shared.x, shared.y]), opening.owner_tag, book.domain)
    assert viewing.identity == opening.account == owner.identity
    view = book.state(viewing)
    assert view is not None
    assert view.sealed.state == owner.state().sealed.state


def seen(snapshot: Snapshot) -> dict[int, int]:
    return {account.identity: account.sealed.state.quote for account in snapshot.accounts}


@pytest.mark.parametrize(
    "settled", [3, pytest.param(0, marks=pytest.mark.deep), pytest.param(1_000, marks=pytest.mark.deep)]
)
def test_a_view_keeps_up_with_the_chain(
    market: Market, alice: Trader, bob: Trader, settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has been seen before, it shows what a new one shows, through openings, changes and reorganisations."""
    monkeypatch.setattr(_reader, "SETTLED", settled)
    book, view = alice.owner.book, AccountReader(market.guardian)

    def look() -> dict[int, int]:
        found = view.look(book)
        assert found == AccountReader(market.guardian).look(book)
        return seen(found)

    assert look() == {}
    alice.owner.open()
    assert look() == {alice.owner.identity: 0}
    alice.owner.deposit(USD, 100 * DOLLAR)
    before = market.node.request("evm_snapshot")
    assert look() == {alice.owner.identity: 100 * DOLLAR}
    bob.owner.open()
    alice.owner.deposit(USD, 5 * DOLLAR)
    assert look() == {alice.owner.identity: 105 * DOLLAR, bob.owner.identity: 0}
    market.node.request("evm_revert", before)
    assert look() == {alice.owner.identity: 100 * DOLLAR}
    for _ in range(3):
        alice.owner.deposit(USD, DOLLAR)
    assert look() == {alice.owner.identity: 103 * DOLLAR}


def test_a_look_asks_as_much_for_many_accounts_as_for_one(
    market: Market, alice: Trader, bob: Trader, code: Mapping[str, ContractCode]
) -> None:
    alice.owner.open()
    with FaultProxy(market.node.url) as proxy:
        contracts = BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1)
        book, view = MarginBook(contracts, market.book), AccountReader(market.guardian)
        view.look(book)
        counts = []
        for trader in (None, bob):
            if trader is not None:
                trader.owner.open()
            proxy.seen.clear()
            assert len(view.look(book).accounts) == 1 + (trader is not None)
            counts.append(len(proxy.seen))
    assert counts[0] == counts[1] <= 19


def test_an_account_is_restored_from_its_secret_alone(
    market: Market, alice: Trader, bob: Trader, book_prover: BookProver
) -> None:
    """For any guardian, from the secret, the deployment and a node alone."""
    own_guard = OwnerKeys.generate(alice.owner.book.domain, random_scalar() * BASE)
    other_point = (own_guard.guardian.x, own_guard.guardian.y)
    market.contracts.book.set_guardian(other_point, accepted=True)
    second = Owner(
        alice.owner.book,
        OwnerKeys(alice.owner.keys.owner_secret, own_guard.guardian, alice.owner.book.domain),
        book_prover,
    )
    alice.owner.open()
    bob.owner.open()
    second.open()
    alice.owner.deposit(USD, 123 * DOLLAR)

    found = restore(bob.owner.book, alice.owner.keys.owner_secret)
    assert [keys.identity for keys in found] == [alice.owner.identity, second.identity]
    again = Owner(alice.owner.book, found[0], book_prover)
    assert again.state().sealed.state.quote == 123 * DOLLAR
    again.withdraw(USD, 23 * DOLLAR, alice.address)
    assert alice.owner.state().sealed.state.quote == 100 * DOLLAR
    assert restore(bob.owner.book, random_scalar()) == []


def test_accounts_are_restored_from_a_seed_alone(market: Market, alice: Trader, book_prover: BookProver) -> None:
    """With a hole, and under two guardians; and a withdrawal shows that the keys are right."""
    book, seed, second = alice.owner.book, Seed.generate(), random_scalar() * BASE
    market.contracts.book.set_guardian((second.x, second.y), accepted=True)
    guardians = {0: market.guardian.point, 2: second}
    owners = {
        index: Owner(book, OwnerKeys(seed.owner_secret(book.domain, index), point, book.domain), book_prover)
        for index, point in guardians.items()
    }
    alice.owner.open()
    for owner in owners.values():
        owner.open()
    owners[2].deposit(USD, 123 * DOLLAR)

    found = find_accounts(book, seed).accounts
    assert [(one.index, one.keys) for one in found] == [(index, owner.keys) for index, owner in owners.items()]
    Owner(book, found[1].keys, book_prover).withdraw(USD, 23 * DOLLAR, alice.address)
    assert owners[2].state().sealed.state.quote == 100 * DOLLAR
    assert find_accounts(book, Seed.generate()).accounts == []
