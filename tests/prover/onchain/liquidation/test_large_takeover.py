"""A flag and a takeover in a book of 28 slots: `margin`, `release` and `update` at the largest size of the circuits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from prover import AssetList, Side
from prover.liquidation import LiquidatorKey
from prover.market import PricePoint
from prover.onchain import BookProver, book_artifacts
from prover.onchain.local_market import Market, Trader, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, Artifacts, compile_contracts, compile_verifiers
from tests.prover.onchain.conftest import HOUR
from tests.prover.onchain.expiry_stage import DOLLAR, UNIT
from tests.prover.onchain.liquidation.takeover_stage import MAINTENANCE, PRICE, SETTINGS, Stage, chosen, state, told
from verifier import StatementName

pytestmark = [pytest.mark.full, pytest.mark.deep]

N = USD = 28
PERP, OTHER = 4, 27
LATER = HOUR + 600


@pytest.fixture(scope="module")
def book_prover(backend: AnyBackend) -> BookProver:
    return BookProver.build(N, backend)


@pytest.fixture(scope="module")
def artifacts() -> Mapping[StatementName, Artifacts]:
    return book_artifacts(["margin", "release", "writeoff"], N)


@pytest.fixture(scope="module")
def deployed(book_prover: BookProver, artifacts: Mapping[StatementName, Artifacts]) -> Iterator[Market]:
    """Bitcoin falls from 6,000 to 5,420 USD within ten minutes; all else keeps its price."""
    book = with_cheap_bitcoin(AssetList.load(Path(__file__).parents[4] / "books" / "multi-28.json"))
    made = {item.instance.name: item for item in (*book_prover.artifacts.values(), *artifacts.values())}
    code = compile_contracts() | compile_verifiers(made)
    listings = zip(book.assets, book.listings(), strict=True)
    still = {
        asset.symbol: 10 * listing.least_price or (slot + 1) * 7 * UNIT
        for slot, (asset, listing) in enumerate(listings)
    }
    series = [PricePoint(HOUR, PRICE * UNIT), PricePoint(LATER, (PRICE - 580) * UNIT)]
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        market = replace(Market.deploy(node, code, book, engine=SETTINGS), constant_prices=still, series=series)
        market.post(HOUR)
        yield market


def test_a_part_of_an_account_of_28_slots_is_taken_over(
    market: Market,
    alice: Trader,
    bob: Trader,
    book_prover: BookProver,
    artifacts: Mapping[StatementName, Artifacts],
    backend: AnyBackend,
) -> None:
    stage = Stage(market, artifacts, backend, book_prover)
    carol = Trader.join("Carol", market, book_prover)
    for trader, dollars in ((alice, 5_000), (bob, 15_000), (carol, 15_000)):
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)
    round_ = alice.owner.book.latest_round()
    for slot, size in ((PERP, 8), (OTHER, 1)):
        ticket = alice.owner.book.ticket(slot, size * UNIT, round_.prices[slot], round_)
        alice.owner.take(bob.owner.offer(ticket, Side.SELL))
    everyone = (alice, bob, carol)
    before, owned = [state(one) for one in everyone], state(alice)
    market.post(LATER)

    keeper, key = stage.keeper(), LiquidatorKey.generate()
    keeper.flag(stage.viewing(alice), MAINTENANCE)
    stage.wait(70)
    liquidator = stage.liquidator(carol, key)
    offer = liquidator.read(told(stage, alice, key))
    event = liquidator.market.engine.taken_over(liquidator.take(offer, chosen(offer)))
    assert (event.victim, event.taker, event.is_cured) == (alice.owner.identity, carol.owner.identity, True)
    after = [state(one) for one in everyone]
    for slot in range(N):
        assert sum(one.balances[slot] for one in after) == sum(one.balances[slot] for one in before)
    assert sum(one.quote for one in after) == sum(one.quote for one in before)
    assert 0 < state(alice).balances[PERP] < owned.balances[PERP]
    assert not market.contracts.book.account(alice.owner.identity).is_flagged
