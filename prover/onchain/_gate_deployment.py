"""Deploying a solvency gate whose accounts a registrar keeps."""

from pathlib import Path

from prover.chain import Chain, ContractCode, GateContracts
from prover.market import AssetList
from prover.onchain._deployment import DeploymentSteps
from prover.onchain._deployment_record import DeploymentRecord
from prover.onchain._registrar_gate import RegistrarGate
from prover.toolchain import (
    ProgressSink,
    build,
    compile_contracts,
    compile_verifiers,
    ignore_progress,
    load_keys,
)
from verifier import instance_name, solidity_contract_name


def gate_code(n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress) -> dict[str, ContractCode]:
    """Every contract, with the verifier of `margin` for a size of book; compiled where they are not cached.

    Args:
        n: assets of the book.
        keys: folder of a ceremony for `margin`; None for this machine's development keys.
        progress: receives what is built.

    Raises:
        InputError: the folder lacks the key, or there is no circuit of this size.
        VerificationError: a key that must not be deployed.
        ToolError: a tool is missing or failed.
    """
    name = instance_name("margin", n)
    artifacts = build([name], progress=progress)[name] if keys is None else load_keys(name, keys, progress=progress)
    return compile_contracts(progress=progress) | compile_verifiers({name: artifacts}, progress=progress)


def gate_deployment(
    assets: AssetList, name: str, *, max_proof_age: int, tip: int, pot: int = 0
) -> DeploymentSteps[RegistrarGate]:
    """The deployment of a gate, its price source and its verifier.

    Args:
        assets: that it serves; the chain's contracts must be those of `gate_code` for their number.
        name: of the assets in books/, or path of their file.
        max_proof_age: how old the round of a proof may be [s].
        tip: what a flag earns while the pot lasts [wei].
        pot: what to put into the pot [wei].
    """

    def create(chain: Chain) -> RegistrarGate:
        verifier, fractions = solidity_contract_name("margin", assets.n), assets.slot_fractions()
        contracts = GateContracts.create(chain, verifier, fractions, max_proof_age=max_proof_age, tip=tip)
        return RegistrarGate(contracts, assets)

    def fill_pot(made: RegistrarGate) -> None:
        if pot:
            made.contracts.gate.fund_tips(pot)

    return DeploymentSteps(create, lambda made: DeploymentRecord.of_gate(made, name), fill_pot)
