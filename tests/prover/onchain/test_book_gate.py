"""A gate that reads from a margin book, driven from Python with real proofs about accounts of the book."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from prover import Claim, Side
from prover.chain import (
    BookAddresses,
    BookContracts,
    BookGateClient,
    BookSettings,
    Chain,
    Contract,
    ContractCode,
    DeployedGate,
    GateAccount,
    Permission,
    Report,
    SolvencyClaim,
)
from prover.onchain import BookProver, MarginProver
from prover.onchain.local_market import Market, Trader, post_prices
from prover.toolchain import AnyBackend, Artifacts, build, compile_verifiers
from verifier import ChainError, Proof, SlotFractions

pytestmark = pytest.mark.full

DOLLAR = 10**18
BTC = 10**9
USD = 13
PERP = 3
MINUTE = 60


@dataclass(frozen=True)
class Gated:
    """A market whose book has a gate that reads from it.

    Attributes:
        market: with contracts of its own.
        gate: the gate.
        artifacts: of `margin`.
        backend: makes the proofs.
    """

    market: Market
    gate: BookGateClient
    artifacts: Artifacts
    backend: AnyBackend

    def post(self, change_ppm: int = 0) -> int:
        """Post a round two minutes later, with another price of Bitcoin's perpetual."""
        market, rounds = self.market, self.market.contracts.rounds
        prices = list(rounds.round(rounds.latest_id()).prices)
        prices[PERP] += prices[PERP] * change_ppm // 10**6

        def reports(seen: int) -> list[Report]:
            funding = [0] * market.book.n
            return [rounds.sign(s, timestamp=seen, prices=prices, funding=funding) for s in market.reporters]

        now = rounds.contract.chain.timestamp() + 2 * MINUTE
        return post_prices(market.node, market.contracts, reports, now)

    def prove(self, trader: Trader, round_id: int, *, healthy: bool) -> Proof:
        """Prove the health of the present state of an account at a round."""
        round_ = self.market.contracts.rounds.round(round_id)
        return MarginProver(self.artifacts, self.backend).prove(trader.owner.state().sealed, round_, healthy=healthy)


@pytest.fixture(scope="module")
def margin() -> Artifacts:
    return build(["margin-13"])["margin-13"]


@pytest.fixture(scope="module")
def gate_code(code: Mapping[str, ContractCode], margin: Artifacts) -> Mapping[str, ContractCode]:
    return {**code, **compile_verifiers({"margin-13": margin})}


def create(
    market: Market, chain: Chain, deploy_gate: Callable[[BookAddresses], DeployedGate], gate_transactions: int = 1
) -> BookContracts:
    point, book = market.guardian.point, market.contracts.book
    settings = BookSettings(
        [reporter.address for reporter in market.reporters],
        2,
        [(point.x, point.y)],
        least_outflows=dict.fromkeys(range(14), 1),
    )
    tokens = [book.token_of(slot) for slot in range(market.book.n + 1)]
    return BookContracts.create(
        chain, market.book.n, market.book.listings(), tokens, settings, deploy_gate, gate_transactions
    )


@pytest.fixture
def gated(market: Market, gate_code: Mapping[str, ContractCode], margin: Artifacts, backend: AnyBackend) -> Gated:
    chain = Chain(market.node.url, gate_code)
    verifier = chain.deploy("Margin13Verifier").address

    def deploy_gate(addresses: BookAddresses) -> DeployedGate:
        return DeployedGate(BookGateClient.deploy(chain, addresses, verifier, max_proof_age=300).contract.address)

    contracts = create(market, chain, deploy_gate)
    gate = contracts.book.gate()
    assert gate is not None
    own = replace(market, contracts=contracts)
    own.post(1542193200)
    return Gated(own, contracts.book_gate(gate), margin, backend)


@pytest.fixture
def pair(gated: Gated, book_prover: BookProver) -> tuple[Trader, Trader]:
    """An owner long eight Bitcoin on a thin cushion, and the other side."""
    alice, bob = (Trader.join(name, gated.market, book_prover) for name in ("Alice", "Bob"))
    for trader, dollars in ((alice, 1_100), (bob, 10_000)):
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)
    round_ = alice.owner.book.latest_round()
    ticket = alice.owner.book.ticket(PERP, 8 * BTC, round_.prices[PERP], round_)
    alice.owner.take(bob.owner.offer(ticket, Side.SELL))
    return alice, bob


def test_an_account_is_solvent_by_its_last_change_or_a_proof(gated: Gated, pair: tuple[Trader, Trader]) -> None:
    alice, _ = pair
    gate, account = gated.gate, alice.owner.identity
    known = gated.market.contracts.book.account(account)
    seen = gated.market.contracts.rounds.round(1).timestamp
    assert gate.account_state(account) == GateAccount(known.commitment, 1, 1, seen, 0)
    assert gated.post(0) == 2
    proof = gated.prove(alice, 2, healthy=True)
    gate.prove_solvent(account, 2, 0, proof)
    assert gate.account_state(account).solvent_at_round == 2
    assert gated.market.contracts.book.account(account).proven_at_round == 2
    alice.owner.deposit(USD, DOLLAR)
    assert gate.account_state(account).commitment != known.commitment
    assert gated.post(0) == 3
    with pytest.raises(ChainError) as refused:
        gate.prove_solvent(account, 3, 0, proof)  # of the state before
    assert refused.value.refusal == "ProofDoesNotVerify"


def test_a_flagged_account_is_cured_and_nothing_else(gated: Gated, pair: tuple[Trader, Trader]) -> None:
    alice, _ = pair
    gate, account = gated.gate, alice.owner.identity
    assert gated.post(-30_000) == 2
    stale = gated.prove(alice, 2, healthy=False)
    gate.flag(account, 2, 0, stale)
    assert gate.account_state(account).flagged_at_round == 2
    assert gated.market.contracts.book.account(account).maintenance_flagged_at > 0
    assert gated.market.contracts.book.permission_of(account) is Permission.TOP_UP_ONLY
    with pytest.raises(ChainError) as refused:
        alice.owner.deposit(USD, 2_000 * DOLLAR, Claim.UNSAID)
    assert refused.value.refusal == "NotPermitted"
    alice.owner.deposit(USD, 2_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN)
    assert gate.account_state(account).flagged_at_round == 0
    assert gated.market.contracts.book.account(account).maintenance_flagged_at == 0
    assert gated.market.contracts.book.permission_of(account) is Permission.FREE
    with pytest.raises(ChainError) as refused:
        gate.flag(account, 2, 0, stale)
    assert refused.value.refusal == "RoundNotNewer"


def test_a_batch_of_accounts_of_the_book(gated: Gated, pair: tuple[Trader, Trader]) -> None:
    assert gated.post(0) == 2
    claims = [
        SolvencyClaim(
            trader.owner.identity,
            trader.owner.state().sealed.commitment,
            0,
            gated.prove(trader, 2, healthy=True),
        )
        for trader in pair
    ]
    alice, bob = (trader.owner.identity for trader in pair)
    pair[1].owner.deposit(USD, DOLLAR)
    _, proven, skipped = gated.gate.prove_solvent_batch(2, claims)
    assert (proven, skipped) == ((alice,), (bob,))


def test_a_gate_within_another_takes_two_transactions(market: Market, gate_code: Mapping[str, ContractCode]) -> None:
    chain = Chain(market.node.url, gate_code)
    verifier, zero = chain.deploy("Margin13Verifier").address, chain.checksum(0)
    made: list[Contract] = []

    def deploy_gate(addresses: BookAddresses) -> DeployedGate:
        made.append(BookGateClient.deploy(chain, addresses, verifier, max_proof_age=300).contract)
        made.append(
            chain.deploy("PrivatePerpsVenue", addresses.book, made[0].address, chain.sender, zero, 0, zero),
        )
        return DeployedGate(made[1].address, modules=(made[0].address,))

    contracts = create(market, chain, deploy_gate, gate_transactions=2)
    assert contracts.book.gate() == made[1].address
    gate = contracts.book_gate(made[0].address)
    assert (gate.book(), gate.rounds()) == (contracts.book.contract.address, contracts.rounds.contract.address)


def test_a_gate_of_another_book_or_at_other_prices_is_noticed(
    market: Market, gate_code: Mapping[str, ContractCode]
) -> None:
    chain, contracts = Chain(market.node.url, gate_code), market.contracts
    book, rounds = contracts.book.contract.address, contracts.rounds.contract.address
    verifier = chain.deploy("Margin13Verifier").address
    others = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions())] * 13).address

    def gate(book: str, rounds: str) -> BookGateClient:
        addresses = BookAddresses(book, rounds, contracts.breaker.contract.address)
        made = BookGateClient.deploy(chain, addresses, verifier, max_proof_age=300)
        return contracts.book_gate(made.contract.address)

    with pytest.raises(ChainError, match="neither the book's gate in force nor one of its modules"):
        gate(book, rounds)
    with pytest.raises(ChainError, match="another book"):
        gate(verifier, rounds)
    with pytest.raises(ChainError, match="another price source"):
        gate(book, others)
