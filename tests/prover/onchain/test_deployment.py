"""A deployment from Python: planned, confirmed, journalled, recorded and found again. No command line is involved."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Signer
from snippets import GUIDES, ROOT, run_python

from prover.chain import GATE_ROLES, Chain, Contract, ContractCode
from prover.onchain import (
    DeploymentKind,
    DeploymentPlan,
    DeploymentRecord,
    DeploymentSteps,
    DeploymentTarget,
    OtherChainError,
    deploy,
    gate_code,
    gate_deployment,
    local_record,
    open_chain,
    read_journal,
)
from prover.toolchain import Anvil, load_book
from verifier import ChainError, InputError

full = pytest.mark.full

BOOK = "perps-13"
PUBLIC = 5


@pytest.fixture(scope="session")
def code() -> Mapping[str, ContractCode]:
    return gate_code(load_book(BOOK).n)


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture
def public_chain(code: Mapping[str, ContractCode]) -> Iterator[Chain]:
    with Anvil(chain_id=PUBLIC) as node:
        yield Chain(node.url, code)


@pytest.fixture
def target(tmp_path: Path) -> DeploymentTarget:
    return DeploymentTarget.new(tmp_path / "record.json")


def breakers(count: int = 2, after: Any = None) -> DeploymentSteps[list[Contract]]:
    """Some contracts without a key, so that a public chain takes them; the first one serves as each of a gate."""

    def create(chain: Chain) -> list[Contract]:
        return [chain.deploy("CircuitBreaker", chain.sender, grace) for grace in range(count)]

    def record(made: list[Contract]) -> DeploymentRecord:
        contracts = dict.fromkeys(GATE_ROLES, made[0].address)
        digest = load_book(BOOK).digest()
        return DeploymentRecord(DeploymentKind.GATE, made[0].chain.chain_id, BOOK, digest, 0, contracts)

    return DeploymentSteps(create, record) if after is None else DeploymentSteps(create, record, after)


def never(_: DeploymentPlan) -> bool:
    raise AssertionError("a local chain costs nothing, so nothing is asked")


# ---------------------------------------------------------------------------------------------- targets


def test_a_target_replaces_no_file_but_the_local_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    path = local_record(DeploymentKind.BOOK)
    assert path == tmp_path / "local-chain" / "margin-book.json"
    assert DeploymentTarget.local(DeploymentKind.BOOK).path == path  # its folder is made with the chain
    path.parent.mkdir()
    path.write_text("{}")
    assert DeploymentTarget.local(DeploymentKind.BOOK).is_local
    with pytest.raises(InputError, match="exists already"):
        DeploymentTarget.new(path)
    with pytest.raises(InputError, match="no folder"):
        DeploymentTarget.new(tmp_path / "absent" / "record.json")


def test_an_unreadable_journal_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "record.partial.json").write_text("{}")
    with pytest.raises(InputError, match="list of an earlier deployment"):
        DeploymentTarget.new(tmp_path / "record.json")


# ---------------------------------------------------------------------------------------------- on nodes


@full
def test_a_gate_is_deployed_and_found_by_its_record(
    node: Anvil, code: Mapping[str, ContractCode], target: DeploymentTarget
) -> None:
    steps = gate_deployment(load_book(BOOK), BOOK, max_proof_age=60, tip=5, pot=7)
    with open_chain(code, [node.url]) as chain:
        made = deploy(chain, target, steps, never)
    assert not target.journal.exists()
    record = DeploymentRecord.load(target.path, DeploymentKind.GATE)
    assert record == steps.record(made)
    with open_chain(code, [node.url], reads_only=True) as chain:
        found = record.open_gate(chain)
        assert found.contracts.addresses() == made.contracts.addresses()
        assert (found.contracts.gate.tip(), found.contracts.gate.tip_pot()) == (5, 7)
        assert found.assets == load_book(BOOK)


@full
def test_a_record_opens_on_its_own_chain_alone(
    node: Anvil, code: Mapping[str, ContractCode], target: DeploymentTarget
) -> None:
    with open_chain(code, [node.url]) as chain:
        deploy(chain, target, breakers(1), never)
        record = DeploymentRecord.load(target.path, DeploymentKind.GATE)
        with pytest.raises(OtherChainError, match="on chain 5, the node serves chain 31337"):
            replace(record, chain_id=PUBLIC).open_gate(chain)
        with pytest.raises(InputError, match="no contracts at the deployment's addresses"):
            replace(record, contracts=record.contracts | {"gate": "0x" + "1" * 40}).open_gate(chain)


@full
def test_a_public_chain_is_paid_for_once_its_plan_is_confirmed(public_chain: Chain, target: DeploymentTarget) -> None:
    plans: list[DeploymentPlan] = []

    def refuse(plan: DeploymentPlan) -> bool:
        plans.append(plan)
        return False

    with pytest.raises(InputError, match="not confirmed: nothing was sent"):
        deploy(public_chain, target, breakers(), refuse)
    assert (public_chain.block_number(), target.path.exists(), target.journal.exists()) == (0, False, False)
    made = deploy(public_chain, target, breakers(), lambda _: True)
    (plan,) = plans
    assert [item.address for item in plan.transactions] == [contract.address for contract in made]
    assert (plan.chain_id, plan.sender, plan.value) == (PUBLIC, public_chain.sender, 0)
    assert plan.gas == sum(item.gas for item in plan.transactions)
    assert plan.cost == plan.gas * plan.gas_price <= plan.balance


@full
def test_what_a_rehearsal_refuses_is_not_asked_about(public_chain: Chain, target: DeploymentTarget) -> None:
    steps = gate_deployment(load_book(BOOK), BOOK, max_proof_age=60, tip=0)
    with pytest.raises(ChainError, match=r"DevelopmentKeyOnPublicChain.*; nothing was sent"):
        deploy(public_chain, target, steps, never)
    assert public_chain.block_number() == 0


@full
def test_a_deployment_that_fails_half_way_names_what_it_paid_for(
    node: Anvil, code: Mapping[str, ContractCode], target: DeploymentTarget, caplog: pytest.LogCaptureFixture
) -> None:
    chain = Chain(node.url, code)

    def fail(on: Chain) -> list[Contract]:
        made = breakers(1).deploy(on)
        raise ChainError(f"out of luck after {len(made)}")

    with pytest.raises(ChainError, match=r"out of luck after 1\. Deployed before that: CircuitBreaker at 0x") as failed:
        deploy(chain, target, replace(breakers(), deploy=fail), never)
    (entry,) = read_journal(target.journal)
    assert entry.address in str(failed.value)
    assert chain.has_code(entry.address)
    assert not target.path.exists()
    caplog.set_level("INFO", "prover.onchain")
    deploy(chain, target, breakers(1), never)
    assert entry.address in caplog.text
    assert not target.journal.exists()


@full
def test_a_record_that_cannot_be_written_is_logged_whole(
    node: Anvil, code: Mapping[str, ContractCode], target: DeploymentTarget, caplog: pytest.LogCaptureFixture
) -> None:
    steps = breakers(1)

    def occupy(on: Chain) -> list[Contract]:
        target.path.write_text("precious")
        return steps.deploy(on)

    with pytest.raises(InputError, match="exists already"):
        deploy(Chain(node.url, code), target, replace(steps, deploy=occupy), never)
    assert target.path.read_text() == "precious"
    (entry,) = read_journal(target.journal)
    logged = next(record for record in caplog.records if record.levelname == "WARNING").getMessage()
    assert json.loads(logged[logged.index("{") :])["contracts"]["gate"] == entry.address


@full
def test_what_follows_a_deployment_cannot_lose_its_record(
    node: Anvil, code: Mapping[str, ContractCode], target: DeploymentTarget, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: list[Contract]) -> None:
        raise ChainError("out of ETH")

    caplog.set_level("INFO", "prover.onchain")
    with pytest.raises(ChainError, match=r"^out of ETH$"):
        deploy(Chain(node.url, code), target, breakers(1, fail), never)
    assert f"{target.path} is their record" in caplog.text
    assert DeploymentRecord.load(target.path, DeploymentKind.GATE).contracts
    assert not target.journal.exists()


@full
def test_the_local_chain_keeps_its_state_between_two_programs(
    code: Mapping[str, ContractCode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    target = DeploymentTarget.local(DeploymentKind.GATE)
    with open_chain(code) as chain:
        made = deploy(chain, target, gate_deployment(load_book(BOOK), BOOK, max_proof_age=60, tip=0), never)
    with open_chain(code, reads_only=True) as chain:
        found = DeploymentRecord.load(target.path, DeploymentKind.GATE).open_gate(chain)
        assert found.contracts.addresses() == made.contracts.addresses()
        assert chain.sender != made.contracts.chain.sender  # a key that holds nothing: what only reads needs no other


def test_the_local_chain_has_no_blocks_to_wait_for() -> None:
    with pytest.raises(InputError, match="leave it out"), open_chain({}, confirmations=2):
        pass


@full
def test_the_gate_of_the_guide_is_deployed(node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "books" / f"{BOOK}.json", "my-book.json")
    signer = Signer.create()
    node.request("anvil_setBalance", signer.address, hex(10**20))
    made = run_python(GUIDES / "integrate.md", 1, url=node.url, signer=signer)
    record = DeploymentRecord.load(tmp_path / "deployment.json", DeploymentKind.GATE)
    assert made["gate"].contracts.gate.contract.address == record.contracts["gate"]
