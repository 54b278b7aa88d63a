"""Deploying a solvency gate whose accounts a registrar keeps."""

from prover.chain import Chain, GateContracts
from prover.market import AssetList
from prover.onchain._deployment import DeploymentSteps
from prover.onchain._deployment_record import DeploymentRecord
from prover.onchain._registrar_gate import RegistrarGate
from verifier import solidity_contract_name


def gate_deployment(
    assets: AssetList, name: str, *, max_proof_age: int, tip: int, pot: int = 0
) -> DeploymentSteps[RegistrarGate]:
    """The deployment of a gate, its price source and its verifier.

    Args:
        assets: that it serves; the verifier of `margin` for their number must be among the chain's contracts.
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
