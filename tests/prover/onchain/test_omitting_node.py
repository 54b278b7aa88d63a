"""A node that leaves logs out, or makes them up: a simulation, for the proxy changes what a real node answers."""

import logging
from collections.abc import Iterator, Mapping

import pytest
from omitted_logs import CHANGED, GUARDIAN_SET, LOGS, OPENED, Log, Predicate, is_event, leave_out, recover

from prover.account import BASE, FoundAccount, GuardianKey, OwnerKeys, Seed
from prover.chain import BookContracts, Chain, ContractCode, MarginBookClient
from prover.onchain import AccountReader, BookProver, MarginBook, Owner, Snapshot, _reader, find_accounts, restore
from prover.onchain.local_market import Market, Trader
from tests.fault_proxy import FaultProxy, passes, refuses, rewrites
from verifier import ChainError

pytestmark = pytest.mark.full

DOLLAR = 10**18
USD = 13


@pytest.fixture
def proxy(market: Market) -> Iterator[FaultProxy]:
    with FaultProxy(market.node.url) as proxy:
        yield proxy


@pytest.fixture
def book(market: Market, proxy: FaultProxy, code: Mapping[str, ContractCode]) -> MarginBook:
    """The book, through the proxy."""
    return MarginBook(BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1), market.book)


def quotes(snapshot: Snapshot) -> dict[int, int]:
    return {account.identity: account.sealed.state.quote for account in snapshot.accounts}


def newest_state(book: MarginBook, account: int) -> Predicate:
    """The log of an account's present state."""
    block = book.contracts.book.states(account)[-1].block
    return lambda log: is_event(log, CHANGED, account) and int(log["blockNumber"], 16) == block


@pytest.fixture(params=["settled", "far", "unsettled"])
def settled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether what the node leaves out is in blocks that are read once, or in blocks that are read at every look."""
    monkeypatch.setattr(_reader, "SETTLED", 1_000 if request.param == "unsettled" else 1)
    monkeypatch.setattr(_reader, "FAR", 0 if request.param == "far" else _reader.FAR)


@pytest.mark.usefixtures("settled")
def test_an_old_state_is_never_shown_for_the_present_one(
    market: Market, alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    for trader in (alice, bob):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    readers = [AccountReader(market.guardian), AccountReader(market.guardian)]
    readers[0].look(book)
    alice.owner.withdraw(USD, 9_000 * DOLLAR, alice.address)
    bob.owner.deposit(USD, DOLLAR)
    market.node.request("anvil_mine", "0x4")
    leave_out(proxy, newest_state(alice.owner.book, alice.owner.identity))
    for reader in readers:
        for _ in range(2):
            seen = reader.look(book)
            assert quotes(seen) == {bob.owner.identity: 10_001 * DOLLAR}
            assert (seen.unread, seen.unopened) == ([alice.owner.identity], [])
    recover(proxy)
    for reader in readers:
        seen = reader.look(book)
        assert quotes(seen) == {alice.owner.identity: 1_000 * DOLLAR, bob.owner.identity: 10_001 * DOLLAR}
        assert (seen.unread, seen.unopened) == ([], [])
        assert seen == AccountReader(market.guardian).look(alice.owner.book)


@pytest.mark.usefixtures("settled")
def test_a_log_that_is_left_out_once_is_read_again(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    alice.owner.open()
    reader = AccountReader(market.guardian)
    reader.look(book)
    alice.owner.deposit(USD, 10 * DOLLAR)
    market.node.request("anvil_mine", "0x4")
    leave_out(proxy, lambda log: is_event(log, CHANGED), times=3)
    assert quotes(reader.look(book)) == {alice.owner.identity: 10 * DOLLAR}


@pytest.mark.usefixtures("settled")
def test_an_account_whose_opening_is_left_out_is_named(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    """At the first look because it had a deposit, at later ones because it has a state."""
    readers = [AccountReader(market.guardian), AccountReader(market.guardian)]
    readers[0].look(book)
    alice.owner.open()
    alice.owner.deposit(USD, 10 * DOLLAR)
    market.node.request("anvil_mine", "0x4")
    leave_out(proxy, lambda log: is_event(log, OPENED))
    for reader in readers:
        for _ in range(2):
            seen = reader.look(book)
            assert (seen.accounts, seen.unread, seen.unopened) == ([], [], [alice.owner.identity])
    recover(proxy)
    for reader in readers:
        seen = reader.look(book)
        assert quotes(seen) == {alice.owner.identity: 10 * DOLLAR}
        assert (seen.unread, seen.unopened) == ([], [])


@pytest.mark.usefixtures("settled")
def test_what_no_event_names_is_counted(
    market: Market, alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    """The book counts accounts, so a guardian knows how many it was not shown."""
    reader = AccountReader(market.guardian)
    assert reader.look(book).hidden == 0
    alice.owner.open()
    bob.owner.open()
    bob.owner.deposit(USD, 10 * DOLLAR)
    market.node.request("anvil_mine", "0x4")
    leave_out(proxy, lambda log: is_event(log, OPENED) or is_event(log, CHANGED, alice.owner.identity))
    for each in (reader, AccountReader(market.guardian)):
        seen = each.look(book)
        assert (seen.accounts, seen.unread, seen.unopened) == ([], [], [bob.owner.identity])
        assert seen.hidden == 1
    recover(proxy)
    seen = reader.look(book)
    assert (seen.unread, seen.unopened, seen.hidden) == ([], [], 0)
    assert quotes(seen) == {alice.owner.identity: 0, bob.owner.identity: 10 * DOLLAR}


def test_accounts_of_other_guardians_are_not_missed(market: Market, alice: Trader, book: MarginBook) -> None:
    alice.owner.open()
    stranger = GuardianKey.generate()
    seen = AccountReader(stranger).look(book)
    assert (seen.accounts, seen.hidden) == ([], 0)
    assert AccountReader(market.guardian).look(book).hidden == 0


@pytest.mark.parametrize(
    ("event", "word"), [(CHANGED, 1), (CHANGED, 2), (CHANGED, 4), (OPENED, 0), (OPENED, 1)],
    ids=["round", "rho", "ciphertext", "owner tag", "owner point"],
)  # fmt: skip
def test_a_false_event_is_not_shown_and_not_kept(
    market: Market,
    alice: Trader,
    book: MarginBook,
    proxy: FaultProxy,
    event: str,
    word: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_reader, "SETTLED", 1)
    alice.owner.open()
    alice.owner.deposit(USD, 10 * DOLLAR)
    market.node.request("anvil_mine", "0x4")

    reader = AccountReader(market.guardian)
    falsify(proxy, event, word)
    seen = reader.look(book)
    assert (seen.accounts, seen.unread) == ([], [alice.owner.identity])
    recover(proxy)
    assert quotes(reader.look(book)) == {alice.owner.identity: 10 * DOLLAR}


def test_a_false_state_does_not_show_the_one_before_and_stops_no_other(
    market: Market, alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    for trader in (alice, bob):
        trader.owner.open()
    reader = AccountReader(market.guardian)
    assert quotes(reader.look(book)) == {alice.owner.identity: 0, bob.owner.identity: 0}
    for trader in (alice, bob):
        trader.owner.deposit(USD, 10 * DOLLAR)
    falsify(proxy, CHANGED, 5, alice.owner.identity)  # the first element of the ciphertext
    seen = reader.look(book)
    assert (quotes(seen), seen.unread) == ({bob.owner.identity: 10 * DOLLAR}, [alice.owner.identity])
    recover(proxy)
    assert quotes(reader.look(book)) == {alice.owner.identity: 10 * DOLLAR, bob.owner.identity: 10 * DOLLAR}


def falsify(proxy: FaultProxy, event: str, word: int, account: int | None = None) -> None:
    """Change the last digit of a word of the data of an event's logs."""

    def change(log: Log) -> Log:
        if not is_event(log, event, account):
            return log
        digit = 2 + 64 * (word + 1) - 1
        other = "1" if log["data"][digit] == "0" else "0"
        return {**log, "data": log["data"][:digit] + other + log["data"][digit + 1 :]}

    proxy.always(LOGS, rewrites(lambda logs: [change(log) for log in logs]))


def test_an_opening_that_the_contract_denies_is_no_account(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy
) -> None:
    alice.owner.open()

    def invent(logs: list[Log]) -> list[Log]:
        openings = [log for log in logs if is_event(log, OPENED)]
        return [*logs, *({**log, "topics": [log["topics"][0], f"0x{7:064x}", log["topics"][2]]} for log in openings)]

    proxy.always(LOGS, rewrites(invent))
    seen = AccountReader(market.guardian).look(book)
    assert ([one.identity for one in seen.accounts], seen.unread) == ([alice.owner.identity], [])


# ---------------------------------------------------------------------------------------------- owners


def test_an_owner_finds_accounts_whose_openings_are_left_out(
    alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    alice.owner.open()
    bob.owner.open()
    secret, hidden = alice.owner.keys.owner_secret, lambda log: is_event(log, OPENED, alice.owner.identity)
    leave_out(proxy, hidden)
    with caplog.at_level(logging.WARNING):
        assert [keys.identity for keys in restore(book, secret)] == [alice.owner.identity]
    assert "hold no openings of 1 account" in caplog.text
    leave_out(proxy, hidden, lambda log: is_event(log, GUARDIAN_SET))
    assert restore(book, secret) == []
    assert restore(book, secret, [5 * BASE]) == []
    found = restore(book, secret, [5 * BASE, alice.owner.keys.guardian])
    assert [keys.identity for keys in found] == [alice.owner.identity]
    caplog.clear()
    recover(proxy)
    assert [keys.identity for keys in restore(book, secret)] == [alice.owner.identity]
    assert not caplog.records


def test_a_restoration_says_that_openings_are_left_out(
    alice: Trader, book: MarginBook, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    alice.owner.open()
    alice.owner.deposit(USD, DOLLAR)
    leave_out(proxy, lambda log: is_event(log, OPENED), lambda log: is_event(log, GUARDIAN_SET))
    with caplog.at_level(logging.WARNING):
        assert restore(book, alice.owner.keys.owner_secret) == []
    assert "hold no openings of 1 account" in caplog.text


def test_a_seed_finds_accounts_whose_openings_are_left_out(
    alice: Trader, book: MarginBook, book_prover: BookProver, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    seed, guardian = Seed.generate(), alice.owner.keys.guardian
    keys = OwnerKeys(seed.owner_secret(book.domain, 1), guardian, book.domain)
    Owner(alice.owner.book, keys, book_prover).open()
    whole = [FoundAccount(keys, 1)]
    assert find_accounts(book, seed).accounts == whole
    assert not caplog.records
    leave_out(proxy, lambda log: is_event(log, OPENED))
    with caplog.at_level(logging.WARNING):
        assert find_accounts(book, seed).accounts == whole
        assert "hold no openings of 1 account" in caplog.text
        caplog.clear()
        leave_out(proxy, lambda log: is_event(log, OPENED) or is_event(log, GUARDIAN_SET))
        assert find_accounts(book, seed).accounts == []
        assert "hold no openings of 1 account" in caplog.text
    assert find_accounts(book, seed, [guardian]).accounts == whole


def test_a_history_without_its_end_is_refused(alice: Trader, book: MarginBook, proxy: FaultProxy) -> None:
    alice.owner.open()
    alice.owner.deposit(USD, DOLLAR)
    whole = [view.sealed.state.quote for view in book.history(alice.owner.viewing)]
    assert whole == [0, DOLLAR]
    is_newest = newest_state(alice.owner.book, alice.owner.identity)
    leave_out(proxy, is_newest)
    with pytest.raises(ChainError, match="ask another node"):
        list(book.history(alice.owner.viewing))
    recover(proxy)

    without = rewrites(lambda logs: [log for log in logs if not is_newest(log)])
    proxy.then(LOGS, passes, without)  # the present state is found, and then left out of the history
    assert [view.sealed.state.quote for view in book.history(alice.owner.viewing)] == whole
    proxy.then(LOGS, passes, without, without)
    with pytest.raises(ChainError, match="out of its history: ask another node"):
        list(book.history(alice.owner.viewing))


# ---------------------------------------------------------------------------------------------- many reads


@pytest.mark.parametrize("refusal", [None, "unsupported: eth_call without a receiver"])
def test_many_accounts_are_read_as_one_by_one(
    alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy, refusal: str | None
) -> None:
    alice.owner.open()
    bob.owner.open()
    client: MarginBookClient = book.contracts.book
    head = book.contracts.chain.block_number()
    asked = [alice.owner.identity, *range(1, 300), bob.owner.identity]
    if refusal is not None:
        proxy.always("eth_call", lambda call: passes(call) if "to" in call.parameters[0] else refuses(refusal)(call))
    proxy.seen.clear()
    found = client.accounts(asked, head)
    assert list(found) == asked
    assert proxy.count("eth_call") == (3 if refusal is None else 3 + len(asked))
    for account in (alice.owner.identity, 1, 299, bob.owner.identity):
        assert found[account] == client.account(account, head)
    before = client.states(bob.owner.identity)[0].block - 1
    assert client.accounts([bob.owner.identity], before)[bob.owner.identity].commitment == 0
    assert client.accounts([], head) == {}
