"""A reorganisation takes a takeover back: all sides read the chain again, and lose nothing (spec ZS-98)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from prover.liquidation import LiquidatorKey, SealedNotice
from prover.onchain import (
    AccountReader,
    EventStore,
    Liquidator,
    MarginBook,
    NoticeMade,
    Sale,
    SaleEnd,
    SaleFlagged,
)
from prover.onchain.local_market import Trader
from tests.prover.onchain.liquidation.takeover_stage import (
    GUARDIAN,
    MAINTENANCE,
    Stage,
    chosen,
    state,
    total,
)
from verifier import ChainError, InputError

pytestmark = pytest.mark.full


@dataclass(frozen=True)
class Parties:
    """Who keeps what it has read of the chain in a file of its own.

    Attributes:
        sale: of the guardian.
        guardian: the book as the guardian reads it.
        reader: of the guardian.
        liquidator: who takes over.
        taker: its account.
        notice: that the guardian has made.
    """

    sale: Sale
    guardian: MarginBook
    reader: AccountReader
    liquidator: Liquidator
    taker: Trader
    notice: SealedNotice


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[EventStore]]:
    with EventStore(tmp_path / "guardian.sqlite") as first, EventStore(tmp_path / "liquidator.sqlite") as second:
        yield [first, second]


def keeping(book: MarginBook, store: EventStore) -> MarginBook:
    return replace(book, store=store.of(book.domain.chain_id, book.contracts.book.contract.address))


@pytest.fixture
def parties(stage: Stage, alice: Trader, carol: Trader, crash: object, stores: list[EventStore]) -> Parties:
    """Alice is flagged, and liquidators know of it."""
    guardian = keeping(stage.market.new_user(0)[0], stores[0])
    taker = replace(carol, owner=replace(carol.owner, book=keeping(carol.owner.book, stores[1])))
    key, keeper = LiquidatorKey.generate(), stage.keeper()
    keeper = replace(keeper, market=replace(keeper.market, book=guardian))
    sale = Sale(keeper, replace(stage.maker(), market=keeper.market), stage.viewing(alice), MAINTENANCE, seconds=300)
    assert isinstance(sale.look(), SaleFlagged)
    stage.wait(70)
    made = sale.look()
    assert isinstance(made, NoticeMade)
    notice = SealedNotice.seal(made.notice, [key.recipient], GUARDIAN)
    reader = AccountReader(stage.market.guardian)
    reader.look(guardian)
    return Parties(sale, guardian, reader, stage.liquidator(taker, key), taker, notice)


def take(parties: Parties) -> bytes:
    """Take the best parcel of the notice over, and return the transaction's hash."""
    offer = parties.liquidator.read(parties.notice)
    return bytes(parties.liquidator.take(offer, chosen(offer))["transactionHash"])


def seen(parties: Parties, account: Trader) -> int:
    """Commitment of an account as the guardian's reader has it."""
    accounts = parties.reader.look(parties.guardian).accounts
    return next(one.sealed.commitment for one in accounts if one.identity == account.owner.identity)


def test_a_takeover_that_is_taken_back_can_be_made_again(
    stage: Stage, parties: Parties, alice: Trader, bob: Trader
) -> None:
    everyone, chain = (alice, bob, parties.taker), stage.market.contracts.chain
    before, states, commitment = total(*everyone), (state(alice), state(parties.taker)), seen(parties, alice)
    first = take(parties)
    assert seen(parties, alice) != commitment
    assert parties.sale.look() is SaleEnd.HEALTHY
    stage.market.node.request("anvil_reorg", 1, [])
    with pytest.raises(ChainError):
        chain.receipt(first)

    assert stage.market.contracts.book.account(alice.owner.identity).is_flagged
    assert (state(alice), state(parties.taker)) == states
    assert seen(parties, alice) == commitment
    made = parties.sale.look()
    assert isinstance(made, NoticeMade)
    assert made.notice.old_commitment == commitment
    assert take(parties) != first
    assert parties.sale.look() is SaleEnd.HEALTHY
    assert seen(parties, alice) != commitment
    assert total(*everyone) == before
    assert len(parties.liquidator.market.engine.takeovers(alice.owner.identity, 0)) == 1


def test_a_takeover_that_is_mined_again_is_done_once(
    stage: Stage, parties: Parties, alice: Trader, bob: Trader
) -> None:
    everyone, node = (alice, bob, parties.taker), stage.market.node
    before = total(*everyone)
    digest = "0x" + take(parties).hex()
    raw, after = node.request("eth_getRawTransactionByHash", digest), (state(alice), state(parties.taker))
    node.request("anvil_reorg", 1, [])
    assert (state(alice), state(parties.taker)) != after
    node.request("eth_sendRawTransaction", raw)
    node.request("evm_mine")
    assert (state(alice), state(parties.taker)) == after
    assert parties.sale.look() is SaleEnd.HEALTHY
    with pytest.raises(InputError, match="your account has taken a part of it"):
        parties.liquidator.read(parties.notice)
    assert total(*everyone) == before


def test_an_end_is_told_when_it_has_lasted(stage: Stage, parties: Parties, alice: Trader) -> None:
    """Else a guardian that has gone home would not see that the takeover was taken back."""
    parties.sale.confirmations = 3
    take(parties)
    assert parties.sale.look() is None
    stage.market.node.request("anvil_mine", "0x1")
    assert parties.sale.look() is None
    stage.market.node.request("anvil_reorg", 2, [])
    assert stage.market.contracts.book.account(alice.owner.identity).is_flagged
    assert isinstance(parties.sale.look(), NoticeMade)
    take(parties)
    assert parties.sale.look() is None
    stage.market.node.request("anvil_mine", "0x2")
    assert parties.sale.look() is SaleEnd.HEALTHY
