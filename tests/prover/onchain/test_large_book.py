"""The owner's story in a book of 28 slots: `open` and `update` at the largest size that the circuits have."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from prover import AssetList, Side
from prover.market import MarginStatus
from prover.onchain import AccountReader, BookProver, Owner, restore
from prover.onchain.local_market import Market, Trader, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, compile_contracts, compile_verifiers
from tests.prover.onchain.conftest import HOUR
from verifier import ProvingError

pytestmark = [pytest.mark.full, pytest.mark.deep]

DOLLAR = 10**18
NANO = 10**9
USD = 28
WBTC, LINK, PERP, LAST = 0, 3, 4, 27


@pytest.fixture(scope="module")
def book_prover(backend: AnyBackend) -> BookProver:
    return BookProver.build(28, backend)


@pytest.fixture(scope="module")
def deployed(book_prover: BookProver) -> Iterator[Market]:
    book = with_cheap_bitcoin(AssetList.load(Path(__file__).parents[3] / "books" / "multi-28.json"))
    code = compile_contracts() | compile_verifiers({i.instance.name: i for i in book_prover.artifacts.values()})
    listings = zip(book.assets, book.listings(), strict=True)
    still = {
        asset.symbol: 10 * listing.least_price or (slot + 1) * 7 * NANO
        for slot, (asset, listing) in enumerate(listings)
    }
    with Anvil(timestamp=HOUR - 3600) as node:
        market = replace(Market.deploy(node, code, book), constant_prices=still)
        market.post(HOUR)
        yield market


def test_an_account_is_opened_funded_traded_paid_out_of_and_restored(
    market: Market, alice: Trader, bob: Trader, book_prover: BookProver
) -> None:
    for trader in (alice, bob):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    link = alice.owner.book.contracts.token(LINK)
    link.mint(alice.owner.book.contracts.chain.sender, 5 * 10**18)
    alice.owner.deposit(LINK, 5 * NANO)

    round_ = alice.owner.book.latest_round()
    for slot, side in ((PERP, Side.SELL), (LAST, Side.BUY)):
        terms = bob.owner.book.ticket(slot, NANO, round_.prices[slot], round_)
        alice.owner.take(bob.owner.offer(terms, side))
    with pytest.raises(ProvingError, match="short"):
        bob.owner.offer(bob.owner.book.ticket(WBTC, NANO, round_.prices[WBTC], round_), Side.SELL)
    bob.owner.withdraw(USD, 4_000 * DOLLAR, bob.address)
    alice.owner.withdraw(LINK, 2 * NANO, alice.address)
    vault = market.contracts.book.vault
    assert (vault.holdings(USD), vault.queued(USD)) == (20_000 * 10**6, 4_000 * 10**6)
    assert (vault.holdings(LINK), vault.queued(LINK)) == (5 * 10**18, 2 * 10**18)

    (keys,) = restore(bob.owner.book, alice.owner.keys.owner_secret)
    again = Owner(bob.owner.book, keys, book_prover)
    state = again.state().sealed.state
    held = {slot: balance for slot, balance in enumerate(state.balances) if balance}
    assert held == {LINK: 3 * NANO, PERP: NANO, LAST: -NANO}
    assert state.quote == 10_000 * DOLLAR - NANO * (round_.prices[PERP] - round_.prices[LAST])
    again.withdraw(USD, 1_000 * DOLLAR, alice.address)
    assert alice.owner.state().sealed.state.quote == state.quote - 1_000 * DOLLAR

    accounts = AccountReader(market.guardian).look(bob.owner.book).accounts
    assert {account.identity for account in accounts} == {alice.owner.identity, bob.owner.identity}
    assert all(account.health(round_).status is MarginStatus.HEALTHY for account in accounts)
