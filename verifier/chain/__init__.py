"""Typed clients of the project's contracts, over web3.py.

Imported on its own (`import verifier.chain`): web3 is heavy, and verifying a proof does not need it.
"""

from verifier.chain._chain import Chain, Contract, ContractCode
from verifier.chain._gate import Deployment, proof_arguments

__all__ = ["Chain", "Contract", "ContractCode", "Deployment", "proof_arguments"]
