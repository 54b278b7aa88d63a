"""The example venue driven as an integrator drives it: from Python, on a book whose gate it is, with real proofs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from snippets import GUIDES, run_python

from prover import Claim, Side, Ticket, Transfer
from prover.chain import (
    BookAddresses,
    BookContracts,
    BookSettings,
    Chain,
    Contract,
    DeployedGate,
    Permission,
    settlement_arguments,
    update_arguments,
)
from prover.onchain import BookProver
from prover.onchain.local_market import Market, Trader
from prover.toolchain import Artifacts, compile_verifiers
from verifier import ChainError, Settlement, StateUpdate

pytestmark = pytest.mark.full

DOLLAR = 10**18
BTC = 10**9
USD = 13
PERP = 3
FALLEN = 1542240000
"""An hour of the series at which Bitcoin is a tenth cheaper."""

ORDER_TYPE = {
    "Order": [
        {"name": "counterparty", "type": "uint256"},
        {"name": "deadline", "type": "uint64"},
        {"name": "canceller", "type": "address"},
        {"name": "nonce", "type": "uint256"},
    ]
}


@dataclass(frozen=True)
class Order:
    counterparty: int
    deadline: int
    canceller: str
    nonce: int = 0

    def id(self, venue: Contract) -> int:
        domain = {
            "name": "PrivatePerpsVenue",
            "version": "1",
            "chainId": venue.chain.chain_id,
            "verifyingContract": venue.address,
        }
        message = encode_typed_data(domain, ORDER_TYPE, asdict(self))
        return int.from_bytes(keccak(b"\x19" + message.version + message.header + message.body)) >> 3

    def arguments(self) -> tuple[int, int, str, int]:
        return (self.counterparty, self.deadline, self.canceller, self.nonce)


@dataclass(frozen=True)
class Gated:
    """A market whose book has the venue for its gate."""

    market: Market
    venue: Contract


@pytest.fixture
def gated(market: Market) -> Gated:
    chain = Chain(market.node.url, market.code)
    book = market.contracts.book
    zero = chain.checksum(0)
    deployed: list[Contract] = []

    def deploy_gate(addresses: BookAddresses) -> DeployedGate:
        deployed.append(chain.deploy("PrivatePerpsVenue", addresses.book, zero, chain.sender, zero, 0, zero))
        return DeployedGate(deployed[0].address)

    point = market.guardian.point
    settings = BookSettings(
        [reporter.address for reporter in market.reporters],
        2,
        [(point.x, point.y)],
        least_outflows=dict.fromkeys(range(14), 1),
        max_proof_age=86_400,  # prices of the series are hours apart
        opening_bond=0,
    )
    tokens = [book.token_of(slot) for slot in range(market.book.n + 1)]
    contracts = BookContracts.create(chain, market.book.n, market.book.listings(), tokens, settings, deploy_gate)
    own = replace(market, contracts=contracts)
    own.post(1542193200)
    return Gated(own, deployed[0])


def sign(trader: Trader, venue: Contract, ticket: Ticket, side: Side, order: Order) -> tuple[StateUpdate, Order]:
    """One side of a trade under the rho that is the order's id; the fresh rho becomes the order's nonce."""
    signed = order

    def bind(nonce: int) -> int:
        nonlocal signed
        signed = replace(order, nonce=nonce)
        return signed.id(venue)

    return trader.owner.prove(trader.owner.book.latest_round(), ticket=ticket, side=side, bind=bind), signed


def test_quotes_are_filled_and_money_leaves_through_the_venue(gated: Gated, book_prover: BookProver) -> None:
    market, venue = gated.market, gated.venue
    assert market.contracts.book.gate() == venue.address
    assert int(venue.read("book"), 16) == int(market.contracts.book.contract.address, 16)
    maker, taker = (Trader.join(name, market, book_prover) for name in ("Maker", "Taker"))
    for trader in (maker, taker):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
        assert market.contracts.book.permission_of(trader.owner.identity) is Permission.NO_NEW_RISK

    round_ = maker.owner.book.latest_round()
    ticket = maker.owner.book.ticket(PERP, BTC, round_.prices[PERP], round_)
    deadline = venue.chain.timestamp() + 60
    canceller = venue.chain.sender
    sold, sell = sign(maker, venue, ticket, Side.SELL, Order(taker.owner.identity, deadline, canceller))
    bought, buy = sign(taker, venue, ticket, Side.BUY, Order(0, deadline, canceller))
    assert venue.read("orderId", sell.arguments()) == sell.id(venue) == sold.rho
    trade = settlement_arguments(Settlement(ticket.id, bought, sold))

    with pytest.raises(ChainError) as refused:
        market.contracts.book.settle(round_.id, Settlement(ticket.id, bought, sold))
    assert refused.value.refusal == "NotPermitted"
    later = replace(sell, deadline=deadline + 60)
    with pytest.raises(ChainError) as refused:
        venue.send("fill", round_.id, trade, buy.arguments(), later.arguments())
    assert refused.value.refusal == "OrderNotSigned"
    venue.send("fill", round_.id, trade, buy.arguments(), sell.arguments())
    assert taker.owner.state().sealed.state.balances[PERP] == BTC
    assert maker.owner.state().sealed.state.balances[PERP] == -BTC

    transfer = Transfer(USD, 1_000 * DOLLAR, is_withdrawal=True)
    leaving = maker.owner.prove(round_, transfer=transfer, recipient=maker.address)
    recipient = venue.chain.checksum(maker.address)
    venue.send("withdraw", round_.id, USD, transfer.amount, recipient, update_arguments(leaving))
    assert market.contracts.book.vault.queued(USD) == 1_000 * 10**6


def guide_names(market: Market, chain: Chain) -> dict[str, Any]:
    """What the integration guide calls by these names when it deploys."""
    point, zero = market.guardian.point, chain.checksum(0)
    return {
        "chain": chain,
        "book": market.book,
        "tokens": [market.contracts.book.token_of(slot) for slot in range(market.book.n + 1)],
        "hourly_limit": lambda _: 1,
        "reporters": [reporter.address for reporter in market.reporters],
        "threshold": 2,
        "guardians": [(point.x, point.y)],
        "owner": chain.sender,
        "fee_token": zero,
        "fee": 0,
        "treasury": zero,
        "ZERO_ADDRESS": zero,
    }


def test_the_python_of_the_guide_trades_through_the_venue(market: Market, book_prover: BookProver) -> None:
    """Each block of docs/guides/integrate.md: the book with its venue, one side of a trade, a withdrawal."""
    page, chain = GUIDES / "integrate.md", Chain(market.node.url, market.code)
    contracts = run_python(page, 2, **guide_names(market, chain))["contracts"]
    venue = chain.at("PrivatePerpsVenue", contracts.book.gate())
    own = replace(market, contracts=contracts)
    own.post(1542193200)
    maker, taker = (Trader.join(name, own, book_prover) for name in ("Maker", "Taker"))
    for trader in (maker, taker):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)

    round_ = maker.owner.book.latest_round()
    ticket = maker.owner.book.ticket(PERP, BTC, round_.prices[PERP], round_)
    terms = (taker.owner.identity, chain.timestamp() + 60, chain.sender)
    bought, buy = sign(taker, venue, ticket, Side.BUY, Order(0, *terms[1:]))
    order = SimpleNamespace(counterparty=terms[0], deadline=terms[1], canceller=terms[2])
    names = {"owner": maker.owner, "round_": round_, "ticket": ticket, "venue": venue, "bought": bought, "order": order}
    run_python(page, 3, **names, buy_order=buy.arguments(), order_id=lambda made: Order(*terms, made.nonce).id(venue))
    assert maker.owner.state().sealed.state.balances[PERP] == -BTC

    amount, recipient = 1_000 * DOLLAR, maker.address
    names |= {"asset": USD, "amount": amount, "recipient": recipient, "recipient_address": chain.checksum(recipient)}
    run_python(page, 4, **names)
    assert contracts.book.vault.queued(USD) == 1_000 * 10**6


def test_the_gate_of_the_guide_is_behind_the_venue(market: Market, artifacts: Mapping[str, Artifacts]) -> None:
    code = {**market.code, **compile_verifiers({"margin-13": artifacts["margin-13"]})}
    chain, page = Chain(market.node.url, code), GUIDES / "integrate.md"
    verifier = chain.deploy("Margin13Verifier").address
    settings = run_python(page, 2, **guide_names(market, chain))["settings"]
    names = guide_names(market, chain) | {"settings": settings, "margin_verifier": verifier}
    made = run_python(page, 5, **names)
    assert made["gate"].contract.address == made["venue"].read("innerGate")
    assert made["gate"].verifier().address == verifier


def test_no_order_is_filled_at_the_round_before_a_jump(gated: Gated, book_prover: BookProver) -> None:  # ZS-57
    """Both sides have signed at the older price, and one of them knows the newer one: a tenth less."""
    market, venue = gated.market, gated.venue
    maker, taker = (Trader.join(name, market, book_prover) for name in ("Maker", "Taker"))
    for trader in (maker, taker):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    round_ = maker.owner.book.latest_round()
    ticket = maker.owner.book.ticket(PERP, BTC, round_.prices[PERP], round_)
    order = Order(0, FALLEN + 600, venue.chain.sender)
    sold, sell = sign(maker, venue, ticket, Side.SELL, order)
    bought, buy = sign(taker, venue, ticket, Side.BUY, order)
    newest = market.post(FALLEN)
    assert not market.contracts.rounds.is_calm(newest.id)
    trade = settlement_arguments(Settlement(ticket.id, bought, sold))
    with pytest.raises(ChainError) as refused:
        venue.send("fill", round_.id, trade, buy.arguments(), sell.arguments())
    assert refused.value.refusal == "RoundSuperseded"


def test_a_cancelled_order_is_not_filled_and_a_way_out_stays(gated: Gated, book_prover: BookProver) -> None:
    market, venue = gated.market, gated.venue
    maker, taker = (Trader.join(name, market, book_prover) for name in ("Maker", "Taker"))
    for trader in (maker, taker):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    round_ = maker.owner.book.latest_round()
    ticket = maker.owner.book.ticket(PERP, BTC, round_.prices[PERP], round_)
    order = Order(0, venue.chain.timestamp() + 60, venue.chain.sender)
    sold, sell = sign(maker, venue, ticket, Side.SELL, order)
    bought, buy = sign(taker, venue, ticket, Side.BUY, order)
    trade = settlement_arguments(Settlement(ticket.id, bought, sold))
    snapshot = market.node.request("evm_snapshot")
    venue.send("cancel", sell.arguments())
    with pytest.raises(ChainError) as refused:
        venue.send("fill", round_.id, trade, buy.arguments(), sell.arguments())
    assert refused.value.refusal == "OrderCancelled"
    market.node.request("evm_revert", snapshot)

    venue.send("fill", round_.id, trade, buy.arguments(), sell.arguments())
    venue.send("pause")
    back = maker.owner.book.ticket(PERP, BTC, round_.prices[PERP], round_)
    taker_offer = taker.owner.offer(back, Side.SELL, Claim.REDUCES_RISK)
    maker.owner.take(taker_offer, Claim.REDUCES_RISK)  # straight to the book
    assert maker.owner.state().sealed.state.balances[PERP] == 0
