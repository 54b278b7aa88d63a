"""What a guardian is told of changes: the same as by looking at everything, in a few requests."""

from collections.abc import Mapping

import pytest
from omitted_logs import CHANGED, OPENED, is_event, leave_out, recover

from prover.chain import BookContracts, Chain, ContractCode, RequestPolicy
from prover.onchain import AccountNews, AccountReader, GuardedAccount, MarginBook, _reader
from prover.onchain.local_market import Market, Trader
from tests.fault_proxy import FaultProxy, passes, refuses
from verifier import ChainError

pytestmark = pytest.mark.full

DOLLAR = 10**18
USD = 13


class Watcher:
    """Accounts as news tell of them."""

    def __init__(self, market: Market, book: MarginBook) -> None:
        self.reader, self.book, self.fresh = AccountReader(market.guardian), book, AccountReader(market.guardian)
        self.accounts: dict[int, GuardedAccount] = {}

    def news(self, *recheck: int) -> AccountNews:
        news = self.reader.news(self.book, recheck)
        self.accounts |= {account.identity: account for account in news.accounts}
        for account in news.left:
            del self.accounts[account]
        return news

    def agree(self) -> bool:
        """Whether a look that begins with nothing shows the same."""
        return self.accounts == {account.identity: account for account in self.fresh.look(self.book).accounts}


@pytest.mark.parametrize(
    "settled", [0, pytest.param(3, marks=pytest.mark.deep), pytest.param(1_000, marks=pytest.mark.deep)]
)
def test_news_add_up_to_a_look(
    market: Market, alice: Trader, bob: Trader, settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "SETTLED", settled)
    watcher = Watcher(market, alice.owner.book)
    assert watcher.news().accounts == []
    alice.owner.open()
    assert [account.identity for account in watcher.news().accounts] == [alice.owner.identity]
    alice.owner.deposit(USD, 100 * DOLLAR)
    bob.owner.open()
    news = watcher.news()
    assert {account.identity for account in news.accounts} == {alice.owner.identity, bob.owner.identity}
    assert {account: known.commitment for account, known in news.known.items()} == {
        account.identity: account.sealed.commitment for account in news.accounts
    }
    assert watcher.agree()
    assert watcher.news().accounts == []
    market.node.request("anvil_mine", "0x10")
    news = watcher.news()
    assert (news.accounts, news.left, news.unread) == ([], [], [])
    assert watcher.agree()


def test_what_a_reorganisation_takes_back_is_news(market: Market, alice: Trader, bob: Trader) -> None:
    watcher = Watcher(market, alice.owner.book)
    alice.owner.open()
    alice.owner.deposit(USD, 100 * DOLLAR)
    watcher.news()
    before = market.node.request("evm_snapshot")
    alice.owner.deposit(USD, 5 * DOLLAR)
    bob.owner.open()
    assert {account.identity for account in watcher.news().accounts} == {alice.owner.identity, bob.owner.identity}
    market.node.request("evm_revert", before)
    market.node.request("evm_mine")
    news = watcher.news()
    assert [account.sealed.state.quote for account in news.accounts] == [100 * DOLLAR]
    assert news.left == [bob.owner.identity]
    assert watcher.agree()


def test_a_reorganisation_deeper_than_what_is_read_again_is_news(
    market: Market, alice: Trader, bob: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "SETTLED", 0)
    watcher = Watcher(market, alice.owner.book)
    alice.owner.open()
    watcher.news()
    before = market.node.request("evm_snapshot")
    alice.owner.deposit(USD, 5 * DOLLAR)
    bob.owner.open()
    watcher.news()
    market.node.request("evm_revert", before)
    market.node.request("evm_mine")
    watcher.news()
    assert watcher.agree()


def test_news_ask_no_more_for_many_accounts(
    market: Market, alice: Trader, bob: Trader, code: Mapping[str, ContractCode]
) -> None:
    alice.owner.open()
    with FaultProxy(market.node.url) as proxy:
        contracts = BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1)
        watcher, counts = Watcher(market, MarginBook(contracts, market.book)), []
        watcher.news()
        for trader in (None, bob):
            if trader is not None:
                trader.owner.open()
            market.node.request("anvil_mine", "0x40")
            watcher.news()
            watcher.news()  # puts the blocks aside that the one before has told of
            proxy.seen.clear()
            assert watcher.news().accounts == []
            counts.append(len(proxy.seen))
    assert counts[0] == counts[1] <= 7


def test_a_change_that_a_node_leaves_out_is_found_by_a_recheck(
    market: Market, alice: Trader, code: Mapping[str, ContractCode]
) -> None:
    """The state is asked for by name then, and not shown before the node has it."""
    alice.owner.open()
    account = alice.owner.identity
    with FaultProxy(market.node.url) as proxy:
        contracts = BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1)
        watcher = Watcher(market, MarginBook(contracts, market.book))
        watcher.news()
        market.node.request("anvil_mine", "0x60")  # what was opened lately is compared at all events
        watcher.news()
        alice.owner.deposit(USD, 10 * DOLLAR)
        leave_out(proxy, lambda log: is_event(log, CHANGED, account))
        assert watcher.news().unread == []
        assert watcher.news(account).unread == [account]
        recover(proxy)
        assert [one.sealed.state.quote for one in watcher.news().accounts] == [10 * DOLLAR]
        assert watcher.agree()


def test_an_opening_that_a_node_leaves_out_is_counted(
    market: Market, alice: Trader, bob: Trader, code: Mapping[str, ContractCode]
) -> None:
    with FaultProxy(market.node.url) as proxy:
        contracts = BookContracts.at(Chain(proxy.url, code), market.contracts.addresses(), 1)
        watcher = Watcher(market, MarginBook(contracts, market.book))
        alice.owner.open()
        watcher.news()
        bob.owner.open()
        leave_out(proxy, lambda log: is_event(log, OPENED) or is_event(log, CHANGED), times=2)
        assert [account.identity for account in watcher.news().accounts] == [bob.owner.identity]
        assert watcher.agree()


@pytest.mark.parametrize("failing", [1, 2])
def test_a_node_that_fails_in_the_middle_loses_no_news(
    market: Market, alice: Trader, code: Mapping[str, ContractCode], failing: int
) -> None:
    """Even where the change is in blocks that are read once: here the calls fail that count accounts, and read them."""
    alice.owner.open()
    market.node.request("anvil_mine", "0x60")  # so that a look puts blocks aside
    with FaultProxy(market.node.url) as proxy:
        policy = RequestPolicy(attempts=1, request_seconds=0.1)
        contracts = BookContracts.at(Chain(proxy.url, code, policy=policy), market.contracts.addresses(), 1)
        watcher = Watcher(market, MarginBook(contracts, market.book))
        watcher.news()
        alice.owner.deposit(USD, 10 * DOLLAR)
        market.node.request("anvil_mine", "0x60")
        proxy.then("eth_call", *[passes] * (failing - 1), refuses("boom", status=503))
        with pytest.raises(ChainError):
            watcher.news()
        assert [one.sealed.state.quote for one in watcher.news().accounts] == [10 * DOLLAR]
        assert watcher.agree()
