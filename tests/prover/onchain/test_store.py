"""What is kept of a book in a file: it saves requests, and decides nothing."""

import logging
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from omitted_logs import LOGS, OPENED, is_event, leave_out
from web3 import Web3

from prover.account import GuardianKey
from prover.account._babyjubjub import random_scalar
from prover.chain import AccountOpened, BookContracts, Chain, ContractCode, MarginBookClient, StateChanged
from prover.onchain import (
    AccountReader,
    BookStore,
    Cursor,
    EventStore,
    MarginBook,
    _reader,
    _store,
    open_user_store,
    restore,
)
from prover.onchain.local_market import Market, Trader
from tests.fault_proxy import Answer, Call, FaultProxy, passes, refuses
from verifier import ChainError

full = pytest.mark.full

DOLLAR = 10**18
USD = 13
BOOK = "0x" + 40 * "1"
BIG = 2**256 - 1

OPENING = AccountOpened(account=BIG, owner_tag=7, owner_point=(1, 2**255), guardian_point=(3, 4), block=9)
STATE = StateChanged(BIG, 5, 6, 7, (0, BIG, 1), 10, b"\1" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "books.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[EventStore]:
    with EventStore(path) as store:
        yield store


# ---------------------------------------------------------------------------------------------- the file


def test_the_users_programs_share_a_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for _ in range(2):
        with open_user_store() as shared:
            assert shared is not None
            shared.of(1, BOOK).keep(states=[STATE])
    folder = tmp_path / "zksolvency"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.glob("*.sqlite")] == ["books.sqlite"]


def test_a_user_without_a_data_folder_has_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with open_user_store() as shared:
        assert shared is None


def test_what_is_kept_comes_back(path: Path) -> None:
    with EventStore(path) as first:
        empty = first.of(1, BOOK)
        assert (empty.cursor(), empty.openings(), empty.states([BIG]), empty.unopened()) == (None, [], {}, set())
        empty.keep(openings=[OPENING], states=[STATE], cursor=Cursor(9, b"\2" * 32), unopened={8, BIG})
    with EventStore(path) as second:
        again = second.of(1, BOOK)
        assert again.cursor() == Cursor(9, b"\2" * 32)
        assert again.openings() == [OPENING]
        assert again.states([1, BIG]) == {BIG: STATE}
        assert again.unopened() == {8, BIG}
        for other in (second.of(2, BOOK), second.of(1, BOOK.replace("1", "2"))):
            assert (other.cursor(), other.openings(), other.states([BIG]), other.unopened()) == (None, [], {}, set())


def test_newer_rows_replace_older_ones(store: EventStore) -> None:
    book = store.of(1, BOOK)
    book.keep(openings=[OPENING], states=[STATE], cursor=Cursor(9, b"\2" * 32), unopened={8})
    newer, moved = replace(STATE, commitment=99), replace(OPENING, block=11)
    book.keep(openings=[moved, replace(OPENING, account=1, block=10)], states=[newer], cursor=Cursor(12, b"\3" * 32))
    assert book.states([BIG]) == {BIG: newer}
    assert [one.block for one in book.openings()] == [10, 11]
    assert (book.cursor(), book.unopened()) == (Cursor(12, b"\3" * 32), {8})
    book.keep(unopened=())
    assert book.unopened() == set()


def test_the_file_is_of_its_user_alone_and_in_wal_mode(path: Path, store: EventStore) -> None:
    store.of(1, BOOK).keep(openings=[OPENING])
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize("attempt", range(10))
def test_programs_open_and_write_a_file_at_the_same_time(path: Path, attempt: int) -> None:
    start = threading.Barrier(4)

    def work(first: int) -> None:
        start.wait()
        with EventStore(path) as own:
            for account in range(first, first + 5):
                own.of(1, BOOK).keep(openings=[replace(OPENING, account=account)], cursor=Cursor(account, b""))

    threads = [threading.Thread(target=work, args=[first]) for first in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with EventStore(path) as store:
        assert len(store.of(1, BOOK).openings()) == 20, attempt


@pytest.mark.parametrize("spoil", ["garbage", "version", "folder", "missing"])
def test_a_file_that_cannot_be_used_is_told_of_once(path: Path, caplog: pytest.LogCaptureFixture, spoil: str) -> None:
    if spoil == "garbage":
        path.write_bytes(b"no database" * 100)
    elif spoil == "version":
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {_store.VERSION + 1}")
        connection.close()
    elif spoil == "folder":
        path.mkdir()
    else:
        path = path / "nowhere" / "books.sqlite"
    with caplog.at_level(logging.WARNING), EventStore(path) as store:
        book = store.of(1, BOOK)
        book.keep(openings=[OPENING])
        assert (book.cursor(), book.openings(), book.states([BIG]), book.unopened()) == (None, [], {}, set())
    (told,) = caplog.messages
    assert f"{path} cannot be used" in told


# ---------------------------------------------------------------------------------------------- a guardian


@pytest.fixture
def proxy(market: Market) -> Iterator[FaultProxy]:
    with FaultProxy(market.node.url) as proxy:
        yield proxy


@pytest.fixture
def kept(market: Market, store: EventStore) -> BookStore:
    return store.of(market.contracts.chain.chain_id, market.contracts.book.contract.address)


@pytest.fixture
def book(market: Market, proxy: FaultProxy, code: Mapping[str, ContractCode], kept: BookStore) -> MarginBook:
    """The book, through the proxy, with a store."""
    return MarginBook(BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1), market.book, kept)


def forget_logs(market: Market, proxy: FaultProxy) -> None:
    """A simulation of a node that keeps logs of few blocks: it refuses to tell of others."""
    head = market.contracts.chain.block_number()

    def pruned(call: Call) -> Answer | None:
        is_old = int(call.parameters[0]["fromBlock"], 16) < head - 10
        return refuses("history has been pruned for this block", 4444)(call) if is_old else passes(call)

    proxy.always(LOGS, pruned)


@full
@pytest.mark.parametrize("far", [0, 4_096])
def test_a_first_look_is_not_repeated(
    market: Market, alice: Trader, bob: Trader, book: MarginBook, proxy: FaultProxy, far: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Another program, with the same file, needs only the blocks since the last one looked."""
    monkeypatch.setattr(_reader, "SETTLED", 1)
    monkeypatch.setattr(_reader, "FAR", far)
    for trader in (alice, bob):
        trader.owner.open()
        trader.owner.deposit(USD, 10 * DOLLAR)
    market.node.request("anvil_mine", "0x14")
    before = AccountReader(market.guardian).look(book)
    assert len(before.accounts) == 2
    forget_logs(market, proxy)
    again = AccountReader(market.guardian).look(book)
    assert again == before
    alice.owner.deposit(USD, DOLLAR)
    assert AccountReader(market.guardian).look(book).accounts[0].sealed.state.quote == 11 * DOLLAR
    with pytest.raises(ChainError, match="pruned"):
        AccountReader(market.guardian).look(replace(book, store=None))
    assert AccountReader(GuardianKey.generate()).look(book).accounts == []


@full
def test_a_look_that_is_interrupted_goes_on(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy, kept: BookStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(_reader, "SETTLED", 1)
    monkeypatch.setattr(_reader, "FIRST_PIECE", 4)
    monkeypatch.setattr(_reader, "PIECE_SECONDS", 1_000)
    alice.owner.open()
    market.node.request("anvil_mine", "0x40")
    head = market.contracts.chain.block_number()

    def fail_late(call: Call) -> Answer | None:
        is_late = int(call.parameters[0]["toBlock"], 16) > head // 2
        return refuses("too much")(call) if is_late else passes(call)

    proxy.always(LOGS, fail_late)
    with pytest.raises(ChainError, match="too much"):
        AccountReader(market.guardian).look(book)
    cursor = kept.cursor()
    assert cursor is not None
    assert 4 < cursor.block <= head // 2
    assert cursor.block_hash == market.contracts.chain.block_hash(cursor.block)
    proxy.always(LOGS, passes)
    proxy.seen.clear()
    assert len(AccountReader(market.guardian).look(book).accounts) == 1
    topic = Web3.keccak(text=OPENED).to_0x_hex()
    queries = [asked[0] for method, asked in proxy.seen if method == LOGS and topic in asked[0]["topics"]]
    assert min(int(query["fromBlock"], 16) for query in queries) == cursor.block + 1


@full
def test_a_cursor_of_another_chain_is_not_believed(
    market: Market, alice: Trader, bob: Trader, book: MarginBook, kept: BookStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chain is rolled back, and goes on differently, while no program looks."""
    monkeypatch.setattr(_reader, "SETTLED", 1)
    before = market.node.request("evm_snapshot")
    alice.owner.open()
    alice.owner.deposit(USD, DOLLAR)
    market.node.request("anvil_mine", "0x4")
    assert len(AccountReader(market.guardian).look(book).accounts) == 1
    old = kept.cursor()
    market.node.request("evm_revert", before)
    bob.owner.open()
    market.node.request("anvil_mine", "0x14")
    seen = AccountReader(market.guardian).look(book)
    assert [account.identity for account in seen.accounts] == [bob.owner.identity]
    assert (seen.unread, seen.unopened) == ([], [])
    new = kept.cursor()
    assert old is not None
    assert new is not None
    assert new.block_hash == market.contracts.chain.block_hash(new.block) != old.block_hash


@full
def test_an_account_without_opening_is_remembered(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "SETTLED", 1)
    alice.owner.open()
    market.node.request("anvil_mine", "0x4")
    leave_out(proxy, lambda log: is_event(log, OPENED))

    def fail(*_: object) -> None:
        raise ChainError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(MarginBookClient, "find_openings", fail)
        with pytest.raises(ChainError, match="interrupted"):
            AccountReader(market.guardian).look(book)
    for _ in range(2):
        assert AccountReader(market.guardian).look(book).unopened == [alice.owner.identity]
    leave_out(proxy)
    seen = AccountReader(market.guardian).look(book)
    assert ([one.identity for one in seen.accounts], seen.unopened) == ([alice.owner.identity], [])


# ---------------------------------------------------------------------------------------------- an owner


@full
def test_an_owner_acts_through_a_node_that_has_forgotten_the_logs(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy, kept: BookStore
) -> None:
    alice.owner.open()
    alice.owner.deposit(USD, 10 * DOLLAR)
    state = book.state(alice.owner.viewing)
    assert state is not None
    market.node.request("anvil_mine", "0x14")
    forget_logs(market, proxy)
    assert book.state(alice.owner.viewing) == state
    with pytest.raises(ChainError, match="pruned"):
        replace(book, store=None).state(alice.owner.viewing)
    alice.owner.withdraw(USD, DOLLAR, alice.address)  # elsewhere: what is kept is old now
    now = book.state(alice.owner.viewing)
    assert now is not None
    assert now.sealed.state.quote == 9 * DOLLAR
    assert kept.states([alice.owner.identity])[alice.owner.identity].commitment == now.sealed.commitment


@full
def test_a_kept_state_of_another_round_is_read_again(alice: Trader, book: MarginBook, kept: BookStore) -> None:
    alice.owner.open()
    true = book.state(alice.owner.viewing)
    identity = alice.owner.identity
    kept.keep(states=[replace(kept.states([identity])[identity], changed_at_round=77)])
    assert book.state(alice.owner.viewing) == true


@full
def test_kept_openings_tell_an_owner_its_guardians(
    market: Market, alice: Trader, book: MarginBook, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "SETTLED", 0)
    alice.owner.open()
    AccountReader(market.guardian).look(book)
    secret = alice.owner.keys.owner_secret
    leave_out(proxy, lambda log: True)
    assert restore(replace(book, store=None), secret) == []
    assert [keys.identity for keys in restore(book, secret)] == [alice.owner.identity]
    assert restore(book, random_scalar()) == []
