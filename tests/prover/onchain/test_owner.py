"""An owner's actions against a real book: what they do, what overtakes them, and what is lost with local state."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import pytest
from eth_account import Account as Signer

from prover import Backend, Claim, Offer, OwnerKeys, Side, State, Ticket, Update, empty_state
from prover.chain import BookContracts, Chain, MarginBookClient, OnchainRound, RequestPolicy
from prover.onchain import BookProver, MarginBook, Owner
from prover.onchain.local_market import WEI, Market, Trader
from prover.trade import Leg, amounts_of
from tests.fault_proxy import EVERY, FaultProxy, after, before, drops, passes
from tests.prover.onchain.conftest import HOUR
from verifier import (
    ChainError,
    InputError,
    ProvingError,
    RiskInputs,
    StateUpdate,
    UndecidedError,
    VerificationError,
)

pytestmark = pytest.mark.full

FAST_POLICY = RequestPolicy(attempts=2, backoff_seconds=0.02, request_seconds=0.4, bump_seconds=0.3, fee_bumps=1)
SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"

DOLLAR = 10**18
BTC = 10**9
USD = 13
PERP = 3


def fund(*traders: Trader, dollars: int = 10_000) -> None:
    for trader in traders:
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)


def ticket(trader: Trader, size: int = BTC) -> Ticket:
    round_ = trader.owner.book.latest_round()
    return trader.owner.book.ticket(PERP, size, round_.prices[PERP], round_)


def state_of(trader: Trader) -> State:
    return trader.owner.state().sealed.state


def test_an_account_is_opened_funded_traded_and_withdrawn_from(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    price = alice.owner.book.latest_round().prices[PERP]
    alice.owner.take(bob.owner.offer(ticket(bob), Side.SELL))
    assert state_of(alice).balances[PERP] == BTC
    assert state_of(bob).balances[PERP] == -BTC
    assert state_of(alice).quote == 10_000 * DOLLAR - BTC * price
    assert state_of(bob).quote == 10_000 * DOLLAR + BTC * price
    bob.owner.withdraw(USD, 4_000 * DOLLAR, bob.address)
    assert market.contracts.book.vault.queued(USD) == 4_000 * 10**6
    assert market.contracts.book.holdings_of(USD) == 20_000 * 10**6
    states = [read.sealed.state for read in bob.owner.book.history(bob.owner.viewing)]
    assert [state.quote for state in states] == [
        0,
        10_000 * DOLLAR,
        10_000 * DOLLAR + BTC * price,
        6_000 * DOLLAR + BTC * price,
    ]


def test_an_offer_is_good_for_either_side(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    bob.owner.take(alice.owner.offer(ticket(alice), Side.BUY))
    assert (state_of(alice).balances[PERP], state_of(bob).balances[PERP]) == (BTC, -BTC)


def test_an_account_that_is_not_open_says_so(alice: Trader) -> None:
    with pytest.raises(ChainError, match="not open"):
        alice.owner.deposit(USD, DOLLAR)


def test_the_prover_refuses_before_anything_is_sent(alice: Trader) -> None:
    fund(alice)
    block = alice.owner.book.contracts.chain.block_number()
    with pytest.raises(ProvingError, match="cash would be short"):
        alice.owner.withdraw(USD, 10_001 * DOLLAR, alice.address)
    assert alice.owner.book.contracts.chain.block_number() == block


def test_amounts_that_a_token_cannot_express_are_refused(alice: Trader) -> None:
    fund(alice)
    with pytest.raises(InputError, match="6 decimals"):
        alice.owner.deposit(USD, 10**12 - 1)
    with pytest.raises(InputError, match="6 decimals"):
        alice.owner.withdraw(USD, 10**12 + 1, alice.address)
    with pytest.raises(ChainError, match="derivative"):
        alice.owner.deposit(PERP, BTC)
    assert alice.owner.token_amount(USD, 10**12) == 1
    assert alice.owner.token_amount(1, 1) == 10**9  # WETH has 18 decimals, a balance 9


def test_spot_collateral_comes_in_and_goes_out(market: Market, alice: Trader) -> None:
    alice.owner.open()
    token = alice.owner.book.contracts.token(0)
    token.mint(alice.owner.book.contracts.chain.sender, 5 * 10**8)
    alice.owner.deposit(0, 5 * BTC)
    assert state_of(alice).balances[0] == 5 * BTC
    assert market.contracts.book.holdings_of(0) == 5 * 10**8
    alice.owner.withdraw(0, 2 * BTC, alice.address)
    assert state_of(alice).balances[0] == 3 * BTC


def test_a_reorganisation_loses_no_account(market: Market, alice: Trader) -> None:
    """The deposit, then the opening itself, are taken off the chain: the owner reads what there is and goes on."""
    before_opening = market.node.request("evm_snapshot")
    alice.owner.open()
    before_deposit = market.node.request("evm_snapshot")
    alice.owner.deposit(USD, 100 * DOLLAR)
    assert state_of(alice).quote == 100 * DOLLAR
    market.node.request("evm_revert", before_deposit)
    assert state_of(alice) == empty_state(13)
    alice.owner.deposit(USD, 70 * DOLLAR)
    assert state_of(alice).quote == 70 * DOLLAR
    market.node.request("evm_revert", before_opening)
    with pytest.raises(ChainError, match="not open"):
        alice.owner.state()
    alice.owner.open()
    alice.owner.deposit(USD, 50 * DOLLAR)
    assert state_of(alice).quote == 50 * DOLLAR


def test_two_sessions_of_one_account_both_get_through(market: Market, alice: Trader, book_prover: BookProver) -> None:
    """Each change overtakes the other's proof, which is made again from the state that there is then."""
    fund(alice)
    other = Trader.join("Alice elsewhere", market, book_prover)
    elsewhere = replace(other.owner, keys=alice.owner.keys)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(owner.deposit, USD, 5 * DOLLAR) for owner in (alice.owner, elsewhere)]:
            done.result()
    assert state_of(alice).quote == 10_010 * DOLLAR


@pytest.fixture
def proxy(market: Market) -> Iterator[FaultProxy]:
    with FaultProxy(market.node.url) as proxy:
        yield proxy


@pytest.fixture
def far(market: Market, alice: Trader, proxy: FaultProxy) -> Owner:
    """Alice, funded, behind the proxy, with a key of her own for gas."""
    fund(alice)
    signer = Signer.create()
    market.node.request("anvil_setBalance", signer.address, hex(WEI))
    chain = Chain(proxy.url, market.code, signer, policy=FAST_POLICY)
    contracts = BookContracts.at(chain, market.contracts.addresses(), market.contracts.book.first_block)
    return replace(alice.owner, book=MarginBook(contracts, market.book))


def withdrawals(market: Market) -> int:
    return len(market.contracts.book.contract.logs("WithdrawalRequested"))


def test_what_was_done_is_not_done_again(market: Market, alice: Trader, monkeypatch: pytest.MonkeyPatch) -> None:
    """However an attempt that got through came to look like one that was overtaken."""
    fund(alice)
    receipts = []
    withdraw = MarginBookClient.withdraw

    def bring_twice(*arguments: Any) -> Mapping[str, Any]:
        receipts.append(withdraw(*arguments))
        return withdraw(*arguments)

    monkeypatch.setattr(MarginBookClient, "withdraw", bring_twice)
    receipt = alice.owner.withdraw(USD, 1_000 * DOLLAR, alice.address)
    assert [receipt["transactionHash"]] == [first["transactionHash"] for first in receipts]
    assert state_of(alice).quote == 9_000 * DOLLAR
    assert withdrawals(market) == 1


def test_the_end_of_what_a_node_did_not_tell_is_read_from_the_account(
    market: Market, alice: Trader, far: Owner, proxy: FaultProxy
) -> None:
    def recover() -> None:
        proxy.always(RECEIPT, passes)

    def go_dark() -> None:
        proxy.always(RECEIPT, drops)
        proxy.always("eth_call", before(recover))

    proxy.then(SEND, after(go_dark))
    assert far.withdraw(USD, 1_000 * DOLLAR, alice.address)["status"] == 1
    assert state_of(alice).quote == 9_000 * DOLLAR
    assert withdrawals(market) == 1


def test_what_is_not_known_is_said(market: Market, alice: Trader, far: Owner, proxy: FaultProxy) -> None:
    proxy.always(SEND, drops)
    with pytest.raises(UndecidedError, match=r"may still be mined.*The account has not changed by it so far"):
        far.withdraw(USD, 1_000 * DOLLAR, alice.address)
    proxy.always(SEND, after(lambda: proxy.always(EVERY, drops)))
    with pytest.raises(UndecidedError, match=r"may still be mined.*Whether it was done cannot be told now"):
        far.withdraw(USD, 1_000 * DOLLAR, alice.address)
    assert withdrawals(market) == 1


def test_a_proof_at_a_round_that_a_reorganisation_replaced_is_made_again(
    market: Market, alice: Trader, far: Owner, proxy: FaultProxy
) -> None:
    market.post(HOUR + 3600)
    replaced = far.book.latest_round()

    def reorganise() -> None:
        market.node.request("anvil_rollback", 1)
        market.post(HOUR + 7200)

    proxy.then("eth_estimateGas", before(reorganise))
    far.withdraw(USD, 1_000 * DOLLAR, alice.address)
    assert far.book.latest_round().id == replaced.id
    assert far.book.latest_round() != replaced
    assert state_of(alice).quote == 9_000 * DOLLAR


@dataclass(frozen=True)
class Overtaken(BookProver):
    """Proves, and a newer round with the same prices comes before each of some proofs is sent."""

    market: Market
    overtaken: int
    proofs: list[StateUpdate] = field(default_factory=list)

    def update(self, keys: OwnerKeys, update: Update, risk: RiskInputs) -> StateUpdate:
        made = super().update(keys, update, risk)
        if len(self.proofs) < self.overtaken:
            post_again(self.market)
        self.proofs.append(made)
        return made


def post_again(market: Market) -> None:
    """The prices of the newest round, seen a second later."""
    rounds, node = market.contracts.rounds, market.node
    prices, seen = rounds.round(rounds.latest_id()).prices, market.contracts.chain.timestamp() + 1
    reports = [
        rounds.sign(reporter, timestamp=seen, prices=prices, funding=[0] * market.book.n)
        for reporter in market.reporters
    ]
    node.move_clock(seen)
    rounds.post(reports)


def act(owner: Owner, action: str) -> object:
    return owner.deposit(USD, DOLLAR) if action == "deposit" else owner.withdraw(USD, DOLLAR, 0xBEEF)


@pytest.mark.parametrize(("action", "left"), [("deposit", 10_001), ("withdraw", 9_999)])
def test_a_proof_that_a_round_overtakes_is_made_again(market: Market, alice: Trader, action: str, left: int) -> None:
    """A deposit, as a withdrawal, is proven at the newest round."""
    fund(alice)
    prover = Overtaken(alice.owner.prover.artifacts, alice.owner.prover.backend, market, overtaken=2)
    act(replace(alice.owner, prover=prover), action)
    assert len(prover.proofs) == 3
    assert state_of(alice).quote == left * DOLLAR


@pytest.mark.parametrize("action", ["deposit", "withdraw"])
def test_after_four_overtaken_proofs_it_says_that_nothing_was_done(market: Market, alice: Trader, action: str) -> None:
    fund(alice)
    prover = Overtaken(alice.owner.prover.artifacts, alice.owner.prover.backend, market, overtaken=99)
    with pytest.raises(ChainError, match=r"before each of 4 proofs was accepted .*nothing was done") as gave_up:
        act(replace(alice.owner, prover=prover), action)
    assert (len(prover.proofs), gave_up.value.refusal) == (4, "RoundSuperseded")
    assert state_of(alice).quote == 10_000 * DOLLAR


def test_an_allowance_is_replaced_by_way_of_none(alice: Trader) -> None:
    """As USDT wants it; and what cannot be paid needs none."""
    alice.owner.open()
    book = alice.owner.book
    token, spender = book.contracts.token(USD), book.contracts.book.vault.contract.address
    token.contract.send("approve", spender, 5)
    first = book.contracts.chain.block_number() + 1
    with pytest.raises(ChainError, match="does not hold enough"):
        alice.owner.deposit(USD, 1_000_000 * DOLLAR)
    alice.owner.deposit(USD, 2 * DOLLAR)
    assert [event.arguments["value"] for event in token.contract.logs("Approval", first_block=first)] == [0, 2 * 10**6]


def test_every_attempt_has_a_rho_of_its_own(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    terms = ticket(bob)
    first, second = (bob.owner.offer(terms, Side.SELL) for _ in range(2))
    assert first.maker_update.rho != second.maker_update.rho
    assert first.maker_update.new_commitment != second.maker_update.new_commitment
    assert set(first.maker_update.ciphertext).isdisjoint(second.maker_update.ciphertext)


def test_offers_are_made_again_at_a_new_round(market: Market, alice: Trader, bob: Trader) -> None:
    """A round ends them: the maker keeps the cost, or agrees to another price in each leg."""
    fund(alice, bob)
    first = bob.owner.book.latest_round()
    spread = bob.owner.book.basket([Leg(PERP, BTC, first.prices[PERP]), Leg(4, -BTC, first.prices[4])], first)
    reduces = Ticket.create(bob.owner.book.domain, (0,) * 13, 0)
    old = [bob.owner.offer(spread, Side.SELL), bob.owner.offer(reduces, Side.BUY, Claim.REDUCES_RISK)]
    newest = market.post(HOUR + 3600)
    same = bob.owner.renew(old)
    assert [offer.round_id for offer in same] == [newest.id] * 2

    def kept(offer: Offer) -> tuple[Any, ...]:
        return offer.side, offer.ticket.amounts, offer.ticket.cost, offer.maker_update.claim

    assert [*map(kept, same)] == [*map(kept, old)]
    assert {offer.ticket.id for offer in same}.isdisjoint(offer.ticket.id for offer in old)

    def dearer(slot: int, round_: OnchainRound) -> int:
        return round_.prices[slot] + (10**9 if slot == PERP else 0)

    (priced,) = bob.owner.renew(old[:1], newest, price=dearer)
    assert priced.ticket.legs == spread.legs
    assert bob.owner.book.paid_for(priced.ticket, newest) == BTC * (newest.prices[PERP] + 10**9 - newest.prices[4])
    alice.owner.take(priced)
    assert (state_of(alice).balances[PERP], state_of(bob).balances[PERP]) == (BTC, -BTC)
    (again,) = bob.owner.renew([priced], price=dearer)  # from the account as it is since the trade
    alice.owner.take(again)
    assert state_of(bob).balances[PERP] == -2 * BTC


def test_only_its_maker_makes_an_offer_again(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    offer = bob.owner.offer(ticket(bob), Side.SELL)
    with pytest.raises(InputError, match="of another account"):
        alice.owner.renew([offer])
    elsewhere = replace(offer.ticket, domain=replace(offer.ticket.domain, chain_id=1))
    with pytest.raises(InputError, match="of another account"):
        bob.owner.renew([replace(offer, ticket=elsewhere)])


def test_an_overtaken_offer_is_refused_with_advice(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    offer = bob.owner.offer(ticket(bob), Side.SELL)
    bob.owner.deposit(USD, DOLLAR)
    with pytest.raises(ChainError, match="ask for a new one") as refused:
        alice.owner.take(offer)
    assert refused.value.refusal == "CommitmentNotCurrent"
    assert state_of(alice).balances[PERP] == 0


def test_an_offer_is_taken_once_and_not_by_its_maker(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    offer = bob.owner.offer(ticket(bob), Side.SELL)
    with pytest.raises(InputError, match="own"):
        bob.owner.take(offer)
    alice.owner.take(offer)
    with pytest.raises(ChainError, match="has changed since the offer was made") as refused:
        alice.owner.take(offer)
    assert refused.value.refusal == "CommitmentNotCurrent"


def test_an_offer_for_another_book_is_refused(alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    offer = bob.owner.offer(ticket(bob), Side.SELL)
    foreign = replace(offer, ticket=replace(offer.ticket, domain=replace(offer.ticket.domain, chain_id=1)))
    with pytest.raises(InputError, match="another book or chain"):
        alice.owner.take(foreign)


def test_a_stale_round_is_refused_with_advice(market: Market, alice: Trader) -> None:
    fund(alice)
    market.node.move_clock(market.contracts.chain.timestamp() + 901)
    with pytest.raises(ChainError, match="post a new one"):
        alice.owner.deposit(USD, DOLLAR)


class Unproving:
    """A backend that verifies and must not prove."""

    def __init__(self, backend: Backend) -> None:
        self.verify = backend.verify

    def prove(self, *_: object) -> NoReturn:
        raise AssertionError("a proof was made before the maker's was verified")

    def close(self) -> None:
        pass


def settle(taker: Trader, offer: Offer) -> None:
    """Submit an offer to the book without verifying it first."""
    book = taker.owner.book
    own = taker.owner.prove(book.contracts.rounds.round(offer.round_id), ticket=offer.ticket, side=offer.taker_side)
    book.contracts.book.settle(offer.round_id, offer.settlement(own))


def refuse_proof(taker: Trader, offer: Offer) -> None:
    """The taker refuses an offer before it proves anything, and the book refuses it too."""
    unproving = replace(taker.owner.prover, backend=Unproving(taker.owner.prover.backend))
    with pytest.raises(VerificationError, match="ask for a new offer") as refused:
        replace(taker.owner, prover=unproving).take(offer)
    assert refused.value.reason == "proof-does-not-verify"
    with pytest.raises(ChainError) as refusal:
        settle(taker, offer)
    assert refusal.value.refusal == "ProofDoesNotVerify"


@pytest.mark.parametrize("part", ["claim", "rho", "new_commitment", "ticket", "round", "side"])
def test_a_changed_offer_does_not_verify(market: Market, alice: Trader, bob: Trader, part: str) -> None:
    fund(alice, bob)
    offer = bob.owner.offer(ticket(bob), Side.SELL)
    update = offer.maker_update
    forged = {
        "claim": replace(offer, maker_update=replace(update, claim=int(Claim.MEETS_INITIAL_MARGIN))),
        "rho": replace(offer, maker_update=replace(update, rho=update.rho ^ 1)),
        "new_commitment": replace(offer, maker_update=replace(update, new_commitment=update.new_commitment ^ 1)),
        "ticket": replace(offer, ticket=replace(offer.ticket, cost=offer.ticket.cost - DOLLAR)),
        "side": replace(offer, side=Side.BUY),
    }
    if part == "round":
        later = market.post(HOUR + 3600)
        forged["round"] = replace(offer, round_id=later.id)
    refuse_proof(alice, forged[part])


def test_no_account_trades_what_is_not_listed_yet(deployed: Market, book_prover: BookProver) -> None:
    """Else two accounts would hold any size of it for no margin, and one of them sell it once it is listed (ZS-56)."""
    node, code = deployed.node, deployed.code
    snapshot = node.request("evm_snapshot")
    fewer = replace(deployed.book, assets=deployed.book.assets[:-1])
    market = Market.deploy(node, code, fewer)
    market.post(HOUR + 7200)
    alice, bob = (Trader.join(name, market, book_prover) for name in ("Alice", "Bob"))
    fund(alice, bob)
    empty = fewer.n - 1
    terms = Ticket.create(alice.owner.book.domain, amounts_of({empty: 1 << 60}, fewer.n), 0)
    with pytest.raises(ProvingError, match="short"):
        bob.owner.offer(terms, Side.SELL)

    book, keys = bob.owner.book, bob.owner.keys
    invented = replace(book.risk(book.latest_round()), long_only=book.contracts.book.spot_assets())
    short = Update.make(bob.owner.viewing, bob.owner.state().sealed, ticket=terms, side=Side.SELL)
    lie = Offer(terms, Side.SELL, 1, book_prover.update(keys, short, invented))
    refuse_proof(alice, lie)

    risk = market.contracts.risk_parameters
    risk.announce(empty, deployed.book.listings()[empty])
    node.move_clock(market.contracts.chain.timestamp() + 86_400)
    risk.execute(empty)
    listed = replace(market, book=deployed.book)
    after = listed.post(HOUR + 30 * 3600)
    with pytest.raises(ChainError) as refused:
        settle(alice, lie)  # what could not be held before is not held by a listing either
    assert refused.value.refusal == "RoundTooOld"
    for trader in (alice, bob):
        trader.owner = replace(trader.owner, book=MarginBook(trader.owner.book.contracts, deployed.book))
    terms = alice.owner.book.ticket(empty, BTC, after.prices[empty], after)
    alice.owner.take(bob.owner.offer(terms, Side.SELL))
    assert (state_of(alice).balances[empty], state_of(bob).balances[empty]) == (BTC, -BTC)
    node.request("evm_revert", snapshot)


def test_keys_of_another_book_or_machine_are_refused(alice: Trader) -> None:
    owner = alice.owner
    elsewhere = OwnerKeys.generate(replace(owner.book.domain, chain_id=1))
    with pytest.raises(InputError, match="another book or chain"):
        Owner(owner.book, elsewhere, owner.prover)
    swapped = BookProver(dict.fromkeys(("open", "update"), owner.prover.artifacts["update"]), owner.prover.backend)
    with pytest.raises(InputError, match="another key"):
        replace(owner, prover=swapped).open()


def test_nothing_secret_in_reprs(alice: Trader) -> None:
    fund(alice)
    texts = [repr(alice.owner), repr(alice.owner.state()), repr(alice.owner.viewing)]
    secrets = (alice.owner.keys.owner_secret, alice.owner.viewing.view_key, alice.owner.state().sealed.salt)
    for text in texts:
        assert not [secret for secret in (*secrets, 10_000 * DOLLAR) if str(secret) in text]
