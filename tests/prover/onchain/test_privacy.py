"""What docs/privacy.md says of padding trades, relayers and batches, on a real book."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from prover import Claim, Side, Transfer, empty_state
from prover.chain import TokenClient
from prover.onchain import BookProver, MarginBook
from prover.onchain.local_market import Market, Trader
from verifier import ChainError

pytestmark = pytest.mark.full

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "privacy.md"
DOLLAR = 10**18
BTC = 10**9
USD = 13
PERP = 3


@pytest.fixture
def relayer(market: Market) -> MarginBook:
    """The book as a relayer uses it: with gas, without tokens, and without the keys of any account."""
    return market.new_user(0)[0]


def fund(*traders: Trader, dollars: int = 10_000) -> None:
    for trader in traders:
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)


def settle(buyer: Trader, seller: Trader, size: int) -> Mapping[str, Any]:
    """A trade at the mark price."""
    book = buyer.owner.book
    round_ = book.latest_round()
    return buyer.owner.take(seller.owner.offer(book.ticket(PERP, size, round_.prices[PERP], round_), Side.SELL))


def sent(market: Market, receipt: Mapping[str, Any]) -> Mapping[str, Any]:
    """A transaction as the network sees it."""
    name = f"0x{bytes(receipt['transactionHash']).hex()}"
    return dict(market.node.request("eth_getTransactionByHash", name))


class Shape(NamedTuple):
    """What the public can compare of two settlements: everything but values that are random in both.

    Gas is without that of calldata, where a zero byte of a random value is cheaper.
    """

    function: str
    round_id: int
    claims: list[int]
    calldata_bytes: int
    gas: int
    logs: list[tuple[object, ...]]

    @classmethod
    def of(cls, market: Market, receipt: Mapping[str, Any]) -> Self:
        data = bytes.fromhex(sent(market, receipt)["input"][2:])
        function, arguments = market.contracts.chain.decode(market.contracts.book.contract, data)
        return cls(
            function,
            arguments["roundId"],
            [arguments["settlement"][side]["claim"] for side in ("buyer", "seller")],
            len(data),
            receipt["gasUsed"] - sum(16 if byte else 4 for byte in data),
            [(log["address"], log["topics"][0], len(log["topics"]), len(log["data"])) for log in receipt["logs"]],
        )


def transactions_of(market: Market, trader: Trader) -> int:
    """How many the owner's own address has sent."""
    return int(market.node.request("eth_getTransactionCount", trader.owner.book.contracts.chain.sender, "latest"), 16)


def test_a_padding_trade_changes_commitments_and_nothing_else(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    settle(alice, bob, BTC)
    before = [trader.owner.state().sealed for trader in (alice, bob)]
    alice.owner.pad(bob.owner)
    after = [trader.owner.state().sealed for trader in (alice, bob)]
    assert [sealed.state for sealed in after] == [sealed.state for sealed in before]
    assert not {sealed.commitment for sealed in after} & {sealed.commitment for sealed in before}
    assert not {sealed.ciphertext for sealed in after} & {sealed.ciphertext for sealed in before}


def test_nothing_public_tells_a_padding_trade_from_a_true_one(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    settle(alice, bob, BTC)  # the first trade of a round prepares it
    padding = Shape.of(market, alice.owner.pad(bob.owner))
    assert Shape.of(market, settle(alice, bob, BTC // 1000)) == padding
    for _ in range(2):  # a round without a change: else the next one has to show initial margin
        market.post(alice.owner.book.latest_round().timestamp + 3_600)
    settle(alice, bob, BTC)
    other = Shape.of(market, bob.owner.pad(alice.owner))
    assert other == padding._replace(round_id=other.round_id)
    assert padding.claims == [Claim.UNSAID] * 2
    claimed = Shape.of(market, alice.owner.pad(bob.owner, Claim.REDUCES_RISK))
    assert claimed.claims == [Claim.REDUCES_RISK] * 2


def test_the_buyer_of_a_padding_trade_is_drawn(
    market: Market, alice: Trader, bob: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund(alice, bob)
    buyers = []
    for side in (Side.BUY, Side.SELL):
        monkeypatch.setattr("prover.onchain._owner.secrets.choice", lambda sides, side=side: side)
        receipt = alice.owner.pad(bob.owner)
        (event,) = market.contracts.book.contract.logs("Settled", first_block=receipt["blockNumber"])
        buyers.append(event.arguments["buyer"])
    assert buyers == [bob.owner.identity, alice.owner.identity]


def test_a_buyer_of_a_negative_amount_is_short(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    settle(alice, bob, -BTC)
    assert [trader.owner.state().sealed.state.balances[PERP] for trader in (alice, bob)] == [-BTC, BTC]


def test_a_relayer_submits_proofs_of_owners_who_send_nothing(
    market: Market, relayer: MarginBook, alice: Trader, bob: Trader
) -> None:
    """The relayer pays for gas, has no key of an account, and is the sender of all that Alice does."""
    fund(bob)
    contract, owner = relayer.contracts.book, alice.owner
    contract.open(owner.prover.open(owner.keys, owner.viewing.seal(empty_state(owner.book.n))))
    replace(bob.owner, keys=owner.keys).deposit(USD, 5_000 * DOLLAR)  # of Bob's money, into Alice's account

    round_ = owner.book.latest_round()
    offer = bob.owner.offer(owner.book.ticket(PERP, BTC, round_.prices[PERP], round_), Side.SELL)
    taken = owner.prove(round_, ticket=offer.ticket, side=offer.taker_side)
    settled = contract.settle(round_.id, offer.settlement(taken))

    transfer = Transfer(USD, 1_000 * DOLLAR, is_withdrawal=True)
    leaving = owner.prove(round_, transfer=transfer, recipient=alice.address)
    token = TokenClient(market.collateral)
    wallet = market.contracts.chain.checksum(alice.address)
    before = token.balance_of(wallet)
    with pytest.raises(ChainError, match="ProofDoesNotVerify"):
        contract.withdraw(round_.id, USD, 1_000 * DOLLAR, int(relayer.contracts.chain.sender, 16), leaving)
    paid = contract.withdraw(round_.id, USD, 1_000 * DOLLAR, alice.address, leaving)
    market.node.move_clock(relayer.contracts.chain.timestamp() + contract.vault.withdrawal_delay())
    contract.vault.pay_out(USD, 1)

    assert token.balance_of(wallet) - before == 1_000 * 10**6
    assert owner.state().sealed.state.balances[PERP] == BTC
    assert {receipt["from"] for receipt in (settled, paid)} == {relayer.contracts.chain.sender}
    assert transactions_of(market, alice) == 0


def test_the_python_of_the_page_runs(relayer: MarginBook, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    before = [trader.owner.state().sealed.state for trader in (alice, bob)]
    names: dict[str, Any] = {"Side": Side, "Transfer": Transfer, "book": alice.owner.book, "relayer": relayer}
    names |= dict.fromkeys(("mine", "taker", "owner"), alice.owner) | dict.fromkeys(("other", "maker"), bob.owner)
    names |= {"amount": 1_000 * DOLLAR, "wallet": alice.address}
    padding, relayed = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    exec(compile(padding, PAGE.name, "exec"), names)  # noqa: S102 - it is our own page
    assert [trader.owner.state().sealed.state for trader in (alice, bob)] == before
    exec(compile(relayed, PAGE.name, "exec"), names)  # noqa: S102
    assert alice.owner.state().sealed.state.quote == before[0].quote - 1_000 * DOLLAR


def test_a_batch_shows_every_pair_of_accounts(
    market: Market, relayer: MarginBook, book_prover: BookProver, alice: Trader, bob: Trader
) -> None:
    """A true trade and a padding trade in one transaction, sent by neither party."""
    carol, dave = (Trader.join(name, market, book_prover) for name in ("Carol", "Dave"))
    fund(alice, bob, carol, dave)
    book = alice.owner.book
    round_ = book.latest_round()
    settlements = []
    for buyer, seller, ticket in (
        (alice, bob, book.ticket(PERP, BTC, round_.prices[PERP], round_)),
        (carol, dave, book.basket([], round_)),
    ):
        offer = seller.owner.offer(ticket, Side.SELL)
        settlements.append(offer.settlement(buyer.owner.prove(round_, ticket=ticket, side=Side.BUY)))
    batch = relayer.contracts.book.settle_batch(round_.id, settlements)

    assert not batch.dropped
    assert batch.receipt["from"] == relayer.contracts.chain.sender
    events = market.contracts.book.contract.logs("Settled", first_block=batch.receipt["blockNumber"])
    pairs = [(event.arguments["buyer"], event.arguments["seller"]) for event in events]
    assert pairs == [(alice.owner.identity, bob.owner.identity), (carol.owner.identity, dave.owner.identity)]
