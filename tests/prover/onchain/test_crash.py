"""The crash of November 2018, and one three times as steep: takeovers, write-offs, and what is short in the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from prover import AssetList
from prover.onchain import BookProver, EngineSettings, book_artifacts, find_words
from prover.onchain.local_crash import CRASH_STATEMENTS, DOLLAR, FUND, GRAIN, STALE_AFTER, Crash, crash_hours
from prover.onchain.local_market import Market, Trader, price_series, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, compile_contracts, compile_verifiers
from prover.trade import withdrawable

BOOK = Path(__file__).parent.parent.parent.parent / "books" / "majors-13.json"

ONE = 10**18
PARTS = 12
"""A request is paid in at most so many parts, of which each is rounded."""

Staged = Callable[..., Crash]


@pytest.fixture
def staged(backend: AnyBackend) -> Iterator[Staged]:
    """Begins a crash on a node of its own."""
    book = with_cheap_bitcoin(AssetList.load(BOOK))
    prover, artifacts = BookProver.build(book.n, backend), book_artifacts(CRASH_STATEMENTS, book.n)
    made = {item.instance.name: item for item in (*prover.artifacts.values(), *artifacts.values())}
    code = compile_contracts() | compile_verifiers(made)

    @contextmanager
    def begun(days: int, steepness: int, traders: int, liquidators: int) -> Iterator[Crash]:
        hours = crash_hours(price_series(), days, steepness)
        with Anvil(timestamp=hours[0].timestamp - 3600) as node:
            market = Market.deploy(node, code, book, engine=EngineSettings(), stale_after=STALE_AFTER)
            crash = Crash(replace(market, series=hours), prover, artifacts, lambda _: None)
            crash.open(traders, liquidators)
            yield crash

    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(begun(*arguments))


def play(crash: Crash) -> None:
    for point in crash.market.series[1:]:
        crash.play(point.timestamp)


@pytest.mark.deep
def test_thirty_accounts_go_through_the_crash(staged: Staged) -> None:
    """Some are sold in part and cured, some whole; debts are written off, and the fund pays what it may."""
    crash = staged(13, 1, 30, 5)
    play(crash)
    assert crash.imbalances() == []
    assert not find_words(dict(crash.secrets()), crash.public_words())
    cured = [sale for sale in crash.sales if sale.is_cured]
    assert cured
    assert len(cured) < len(crash.sales)
    assert crash.debts
    last = crash.hours[-1]
    paid = FUND * DOLLAR - last.fund
    assert paid > 0
    assert last.written_off == sum(debt for _, debt in crash.debts)
    assert 0 <= paid + last.shortfall - last.written_off < GRAIN * len(crash.debts)
    assert last.flagged == 0


@pytest.mark.deep
def test_running_first_from_a_crash_three_times_as_steep_gains_nothing(staged: Staged) -> None:
    """The fund does not suffice. All who can leave are paid the same share, and made whole once the rest is paid."""
    crash = staged(4, 3, 6, 2)
    play(crash)
    assert crash.imbalances() == []
    contracts, n = crash.market.contracts, crash.market.book.n
    ledger, token = contracts.ledger, contracts.token(n)
    assert ledger is not None
    share = ledger.fraction()
    assert ledger.shortfall() > 0
    assert share < ONE
    asked = {trader.name: withdrawn for trader in (*crash.makers, *crash.liquidators) if (withdrawn := leave(trader))}
    assert len(asked) > 2
    for _ in range(12):  # within the outflow limit of each hour
        if contracts.book.vault.queued(n):
            crash.market.node.move_clock(contracts.chain.timestamp() + 3_600)
            contracts.book.vault.pay_out(n, len(asked))
    assert contracts.book.vault.queued(n) == 0
    assert crash.imbalances() == []
    leaving = [trader for trader in (*crash.makers, *crash.liquidators) if trader.name in asked]
    paid = {trader.name: token.balance_of(address(trader)) for trader in leaving}
    for name, amount in asked.items():
        assert amount * share // ONE <= paid[name] <= amount * share // ONE + PARTS
    assert ledger.fraction() >= share

    giver, _ = crash.market.new_user(10**12)
    gift = giver.contracts.ledger
    assert gift is not None
    giver.contracts.token(n).approve(gift.contract.address, 10**12)
    gift.recapitalise(10**12)
    assert (ledger.shortfall(), ledger.claims(), ledger.fraction()) == (0, 0, ONE)
    assert crash.imbalances() == []
    for trader in leaving:
        own = trader.owner.book.contracts.ledger
        assert own is not None
        own.claim(address(trader))
        assert asked[trader.name] - PARTS <= token.balance_of(address(trader)) <= asked[trader.name]


def leave(trader: Trader) -> int:
    """Ask for all that the account may take out, and return it in the token's own units."""
    book = trader.owner.book
    most = withdrawable(trader.owner.state().sealed.state, book.risk(book.latest_round()), book.n) // GRAIN
    if most > 0:
        trader.owner.withdraw(book.n, most * GRAIN, trader.address)
    return max(most, 0)


def address(trader: Trader) -> str:
    return trader.owner.book.contracts.chain.checksum(trader.address)
