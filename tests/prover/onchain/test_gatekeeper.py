"""Owners and guardians prove the health of accounts of a book, and submit the proofs to its gate."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from prover import Claim, OpenedState, Side, ViewingKeys
from prover.chain import ContractCode, OnchainRound
from prover.onchain import AccountReader, BookProver, Gatekeeper, MarginProver, book_artifacts
from prover.onchain.local_market import Market, Trader
from prover.toolchain import Anvil, AnyBackend, compile_verifiers
from tests.prover.onchain.conftest import HOUR
from verifier import ChainError, InputError, Proof, ProvingError

pytestmark = pytest.mark.full

DOLLAR = 10**18
BOND = 10**15
BTC = 10**9
USD = 13
PERP = 3
LATER = 1542240000
"""An hour of the series at which Bitcoin is a tenth cheaper."""


@pytest.fixture(scope="module")
def margin(majors: Any, backend: AnyBackend) -> MarginProver:
    return MarginProver(book_artifacts(["margin"], majors.n)["margin"], backend)


@pytest.fixture(scope="module")
def deployed(code: Mapping[str, ContractCode], margin: MarginProver, majors: Any) -> Iterator[Market]:
    """A book with a gate, in the place of the one without."""
    gated = {**code, **compile_verifiers({margin.artifacts.instance.name: margin.artifacts})}
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        market = Market.deploy(node, gated, majors, gate=True, opening_bond=BOND)
        market.post(HOUR)
        yield market


@pytest.fixture
def pair(market: Market, book_prover: BookProver) -> tuple[Trader, Trader]:
    """Alice is long eight Bitcoin on a thin cushion; Bob is short."""
    alice, bob = (Trader.join(name, market, book_prover) for name in ("Alice", "Bob"))
    for trader, dollars in ((alice, 5_000), (bob, 15_000)):
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)
    round_ = alice.owner.book.latest_round()
    ticket = alice.owner.book.ticket(PERP, 8 * BTC, round_.prices[PERP], round_)
    alice.owner.take(bob.owner.offer(ticket, Side.SELL))
    return alice, bob


def gatekeeper(market: Market, prover: MarginProver) -> Gatekeeper:
    """As a party without an account uses the book."""
    return Gatekeeper(market.new_user(0)[0], prover)


def test_a_guardian_proves_either_side_of_what_it_reads_and_the_gate_takes_it(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:
    """The guardian has the viewing key alone: no owner's secret is anywhere near."""
    alice, bob = pair
    guardian = gatekeeper(market, margin)
    market.post(LATER)
    seen = {account.identity: account for account in AccountReader(market.guardian).look(guardian.book).accounts}
    guardian.flag(seen[alice.owner.identity].viewing, recipient=7)
    guardian.prove_solvent(seen[bob.owner.identity].viewing)
    gate = guardian.gate
    assert gate.account_state(alice.owner.identity).flagged_at_round == 2
    assert gate.account_state(bob.owner.identity).flagged_at_round == 0
    assert gate.is_solvent(bob.owner.identity, 60)
    assert not gate.is_solvent(alice.owner.identity, 60)


def test_an_owner_proves_its_own_account(market: Market, margin: MarginProver, pair: tuple[Trader, Trader]) -> None:
    _, bob = pair
    own = Gatekeeper(bob.owner.book, margin)
    with pytest.raises(ChainError, match="already, by a proof or by its last change") as refused:
        own.prove_solvent(bob.owner.viewing)
    assert refused.value.refusal == "RoundNotNewer"
    market.post(LATER)
    own.prove_solvent(bob.owner.viewing)
    assert own.gate.account_state(bob.owner.identity).solvent_at_round == 2


def test_the_other_side_cannot_be_proven_and_nothing_is_sent(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:
    alice, _ = pair
    guardian = gatekeeper(market, margin)
    with pytest.raises(ProvingError, match="at or above maintenance margin"):
        guardian.flag(alice.owner.viewing)
    market.post(LATER)
    with pytest.raises(ProvingError, match="below maintenance margin"):
        guardian.prove_solvent(alice.owner.viewing)
    gate = guardian.gate.contract
    assert gate.logs("Flagged") == gate.logs("ProvenSolvent") == []


def test_a_flag_pays_the_bond_and_a_cure_refills_it(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:  # ZS-72
    """The recipient, the book itself, takes no ETH: its tip waits."""
    alice, _ = pair
    account, contracts = alice.owner.identity, alice.owner.book.contracts
    vault, sender = contracts.book.vault, contracts.chain.sender
    assert vault.opening_bond() == BOND
    assert vault.bond(account) == (sender, BOND)
    market.post(LATER)
    assert alice.owner.bond_due(Claim.MEETS_INITIAL_MARGIN) == 0
    receipt = gatekeeper(market, margin).flag(alice.owner.viewing, int(contracts.book.contract.address, 16))
    assert vault.bond_paid(receipt) == BOND
    assert vault.bonds([account], contracts.chain.block_number()) == {account: 0}
    assert vault.tip_credit(contracts.book.contract.address) == BOND

    assert [alice.owner.bond_due(claim) for claim in Claim] == [0, BOND, 0, 0]
    alice.owner.deposit(USD, 20_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN)
    assert vault.bond(account) == (sender, BOND)
    assert not contracts.book.account(account).is_flagged
    with pytest.raises(ChainError) as refused:
        vault.claim_tip(sender)
    assert refused.value.refusal == "NothingToClaim"


def test_a_second_flag_is_refused(market: Market, margin: MarginProver, pair: tuple[Trader, Trader]) -> None:
    alice, _ = pair
    guardian = gatekeeper(market, margin)
    market.post(LATER)
    guardian.flag(alice.owner.viewing)
    with pytest.raises(ChainError) as refused:
        guardian.flag(alice.owner.viewing)
    assert refused.value.refusal == "AccountIsFlagged"


@dataclass(frozen=True)
class Overtaken(MarginProver):
    """Proves, and lets something happen before the first proof is sent."""

    overtake: Callable[[], object]
    proofs: list[Proof]

    def prove(self, opened: OpenedState, round_: OnchainRound, *, healthy: bool, recipient: int = 0) -> Proof:
        proof = super().prove(opened, round_, healthy=healthy, recipient=recipient)
        if not self.proofs:
            self.overtake()
        self.proofs.append(proof)
        return proof


def test_a_change_that_overtakes_a_proof_of_solvency_proves_it_too(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:
    _, bob = pair
    market.post(LATER)
    prover = Overtaken(margin.artifacts, margin.backend, lambda: bob.owner.deposit(USD, DOLLAR), [])
    guardian = gatekeeper(market, prover)
    with pytest.raises(ChainError) as refused:
        guardian.prove_solvent(bob.owner.viewing)
    assert refused.value.refusal == "RoundNotNewer"
    assert len(prover.proofs) == 1
    assert guardian.gate.account_state(bob.owner.identity).solvent_at_round == 2


def test_a_proof_that_a_round_overtakes_is_made_again(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:
    """The round of the first proof is too old when it is sent."""
    _, bob = pair
    market.post(LATER)
    prover = Overtaken(margin.artifacts, margin.backend, lambda: market.post(LATER + 3600), [])
    guardian = gatekeeper(market, prover)
    guardian.prove_solvent(bob.owner.viewing)
    assert len(prover.proofs) == 2
    assert guardian.gate.account_state(bob.owner.identity).solvent_at_round == 3


def test_a_book_without_gate_says_how_to_get_one(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(market.contracts.book), "gate", lambda _: None)
    with pytest.raises(InputError, match="--gate"):
        gatekeeper(market, margin).prove_solvent(pair[0].owner.viewing)


def test_keys_that_the_gate_does_not_know_are_told_before_anything_is_sent(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(margin), "key_digest", "00" * 32)
    with pytest.raises(InputError, match="another key"):
        gatekeeper(market, margin).prove_solvent(pair[0].owner.viewing)


def test_viewing_keys_of_another_account_read_nothing(
    market: Market, margin: MarginProver, pair: tuple[Trader, Trader]
) -> None:
    alice, bob = pair
    crossed: ViewingKeys = replace(alice.owner.viewing, view_key=bob.owner.viewing.view_key)
    with pytest.raises(ChainError, match="not open"):
        gatekeeper(market, margin).flag(crossed)
