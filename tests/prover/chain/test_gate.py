"""The clients of a registrar's gate and of an owner's rounds, on real contracts with real proofs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from eth_account import Account as Signer

from prover import Account, OwnerKeys, PriceRound, prove_margin
from prover.chain import Chain, ContractCode, GateAccount, GateContracts, RegistrarGateClient, SolvencyClaim
from prover.toolchain import Anvil, AnyBackend, Artifacts, compile_contracts, compile_verifiers
from verifier import ChainError, MarginsPerUnit, Proof

pytestmark = pytest.mark.full

TRADER, OTHER = 0xA11CE, 0xB0B
TIP = 10**15
KEEPER = Signer.from_key(0x59C6995E998F97A5A0044966F0945389DC9E86DAE88C7A8412F4603B6B78690D)
"""Anvil's second account, whose key is published with it."""

RECIPIENT = int(KEEPER.address, 16)
REFUSES = "0x5f5ffd"
"""Code that reverts whatever it is called with."""


@dataclass(frozen=True)
class Stage:
    """A gate with a pot for tips, and what proves.

    Attributes:
        node: the chain.
        code: compiled contracts.
        contracts: of the book.
        rounds: the files of rounds 1 and 2.
        artifacts: of `margin`.
        backend: makes the proofs.
    """

    node: Anvil
    code: Mapping[str, ContractCode]
    contracts: GateContracts
    rounds: tuple[PriceRound, PriceRound]
    artifacts: Artifacts
    backend: AnyBackend

    def post(self, number: int) -> None:
        round_ = self.rounds[number - 1]
        assert self.contracts.prices.post(round_.prices, round_.funding) == number

    def prove(self, account: Account, number: int, *, healthy: bool, recipient: int = 0) -> Proof:
        round_ = self.rounds[number - 1]
        envelope = prove_margin(account, round_, self.artifacts, self.backend, healthy=healthy, recipient=recipient)
        return envelope.proof

    def as_keeper(self) -> RegistrarGateClient:
        """The gate as an account without a role uses it."""
        chain = Chain(self.node.url, self.code, KEEPER)
        return RegistrarGateClient(chain.at("RegistrarGate", self.contracts.gate.contract.address))


@pytest.fixture(scope="module")
def deployed(
    artifacts: Mapping[str, Artifacts], account: Account, round_1: PriceRound, round_2: PriceRound, backend: AnyBackend
) -> Iterator[Stage]:
    margin = artifacts["margin-13"]
    code = compile_contracts() | compile_verifiers({"margin-13": margin})
    with Anvil() as node:
        chain = Chain(node.url, code)
        fractions = account.book.slot_fractions()
        contracts = GateContracts.create(chain, "Margin13Verifier", fractions, max_proof_age=3600, tip=TIP)
        contracts.gate.fund_tips(10 * TIP)
        yield Stage(node, code, contracts, (round_1, round_2), margin, backend)


@pytest.fixture
def stage(deployed: Stage) -> Iterator[Stage]:
    snapshot = deployed.node.request("evm_snapshot")
    yield deployed
    deployed.node.request("evm_revert", snapshot)


@pytest.fixture
def gate(stage: Stage) -> RegistrarGateClient:
    return stage.contracts.gate


def refusal(error: pytest.ExceptionInfo[ChainError]) -> str | None:
    return error.value.refusal


def test_an_owners_rounds_are_the_reference_of_their_prices(stage: Stage, account: Account) -> None:
    prices = stage.contracts.prices
    assert prices.rounds.latest_id() == 0
    for number, round_ in enumerate(stage.rounds, start=1):
        stage.post(number)
        onchain = prices.rounds.round(number)
        # No slot of an owner's rounds is spot, so none bears margin at the overdraft kind.
        none = MarginsPerUnit.of_both_sides([0] * account.book.n)
        assert (onchain.prices, onchain.vectors) == (round_.prices, replace(round_.vectors, overdraft=none))
    assert prices.rounds.latest_id() == 2
    assert prices.fractions() == account.book.slot_fractions()


def test_the_contracts_are_found_by_their_addresses(stage: Stage) -> None:
    made = stage.contracts
    addresses = made.addresses()
    found = GateContracts.at(made.chain, addresses, made.first_block)
    assert found.addresses() == addresses
    assert (found.gate.rounds(), found.gate.verifier().address) == (addresses["rounds"], addresses["verifier"])
    assert found.gate.verifier().read("statement") == "margin-13"
    assert found.gate.max_proof_age() == 3600


def test_an_account_is_proven_solvent_then_flagged_then_resolved(
    stage: Stage, gate: RegistrarGateClient, account: Account
) -> None:
    stage.post(1)
    commitment = account.commitment()
    assert gate.account_state(TRADER) == GateAccount(0, 0, 0, 0, 0)
    gate.register(TRADER, commitment)
    assert gate.account_state(TRADER) == GateAccount(commitment, 1, 0, 0, 0)
    assert (gate.account_of(commitment), gate.account_of(7)) == (TRADER, 0)
    assert not gate.is_solvent(TRADER, 3600)
    gate.prove_solvent(TRADER, 1, 0, stage.prove(account, 1, healthy=True))
    assert gate.is_solvent(TRADER, 3600)
    posted = stage.contracts.prices.rounds.round(1).timestamp
    assert gate.account_state(TRADER) == GateAccount(commitment, 1, 1, posted, 0)

    stage.post(2)
    below = stage.prove(account, 2, healthy=False, recipient=RECIPIENT)
    with pytest.raises(ChainError, match="ProofDoesNotVerify"):  # a copier puts itself in as recipient
        gate.flag(TRADER, 2, TRADER, below)
    with pytest.raises(ChainError, match="RoundNotNewer"):
        gate.flag(TRADER, 1, RECIPIENT, below)
    gate.flag(TRADER, 2, RECIPIENT, below)
    assert gate.account_state(TRADER).flagged_at_round == 2
    assert not gate.is_solvent(TRADER, 3600)
    with pytest.raises(ChainError, match="AccountIsFlagged"):
        gate.flag(TRADER, 2, RECIPIENT, below)
    with pytest.raises(ChainError, match="AccountIsFlagged"):
        gate.register(TRADER, 7)
    gate.resolve(TRADER, 7)
    assert gate.account_state(TRADER) == GateAccount(7, 2, 0, 0, 0)
    with pytest.raises(ChainError, match="AccountIsNotFlagged"):
        gate.resolve(TRADER, 8)
    names = [event.name for event in gate.contract.logs()]
    assert names.index("ProvenSolvent") < names.index("Flagged") < names.index("TipPaid") < names.index("Resolved")


def test_a_batch_tells_whom_it_left_out(stage: Stage, gate: RegistrarGateClient, account: Account) -> None:
    stage.post(1)
    twin = replace(account, keys=OwnerKeys.generate(account.keys.domain))
    holders = {TRADER: account, OTHER: twin}
    for holder, owned in holders.items():
        gate.register(holder, owned.commitment())
    claims = [
        SolvencyClaim(holder, owned.commitment(), RECIPIENT, stage.prove(owned, 1, healthy=True, recipient=RECIPIENT))
        for holder, owned in holders.items()
    ]
    assert not gate.is_prepared(1)
    gate.prepare_round(1)
    assert gate.is_prepared(1)
    gate.register(OTHER, 7)
    receipt, proven, skipped = gate.prove_solvent_batch(1, claims)
    assert receipt["status"] == 1
    assert (proven, skipped) == ((TRADER,), (OTHER,))
    assert gate.is_solvent(TRADER, 3600)
    with pytest.raises(ChainError) as refused:
        gate.prove_solvent_batch(1, claims)
    assert refusal(refused) == "NothingToProve"


def test_a_tip_that_cannot_be_paid_waits(stage: Stage, gate: RegistrarGateClient, account: Account) -> None:
    assert (gate.tip(), gate.tip_pot(), gate.tip_credit(KEEPER.address)) == (TIP, 10 * TIP, 0)
    stage.post(1)
    stage.post(2)
    gate.register(TRADER, account.commitment())
    stage.node.request("anvil_setCode", KEEPER.address, REFUSES)
    gate.flag(TRADER, 2, RECIPIENT, stage.prove(account, 2, healthy=False, recipient=RECIPIENT))
    assert (gate.tip_pot(), gate.tip_credit(KEEPER.address)) == (9 * TIP, TIP)
    stage.node.request("anvil_setCode", KEEPER.address, "0x")
    elsewhere = Chain.checksum(0xE15E)
    stage.as_keeper().claim_tip(elsewhere)
    assert gate.contract.chain.balance(elsewhere) == TIP
    assert gate.tip_credit(KEEPER.address) == 0


def test_the_owner_alone_empties_the_pot(stage: Stage, gate: RegistrarGateClient) -> None:
    elsewhere = Chain.checksum(0xE15E)
    with pytest.raises(ChainError) as refused:
        stage.as_keeper().withdraw_tips(elsewhere, TIP)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"
    gate.withdraw_tips(elsewhere, 4 * TIP)
    assert (gate.tip_pot(), gate.contract.chain.balance(elsewhere)) == (6 * TIP, 4 * TIP)
    with pytest.raises(ChainError) as refused:
        gate.withdraw_tips(elsewhere, 7 * TIP)
    assert refusal(refused) == "PotTooSmall"


def test_registrars_come_and_go(stage: Stage, gate: RegistrarGateClient) -> None:
    keeper = stage.as_keeper()
    with pytest.raises(ChainError) as refused:
        keeper.register(TRADER, 7)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"
    gate.add_registrar(KEEPER.address)
    keeper.register(TRADER, 7)
    gate.remove_registrar(KEEPER.address)
    with pytest.raises(ChainError) as refused:
        keeper.register(TRADER, 8)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"


def test_a_gate_without_a_registrar_waits_for_one(stage: Stage, gate: RegistrarGateClient) -> None:
    chain, verifier = gate.contract.chain, gate.verifier().address
    other = RegistrarGateClient.deploy(chain, None, gate.rounds(), verifier, max_proof_age=60, tip=0)
    with pytest.raises(ChainError) as refused:
        other.register(TRADER, 7)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"
