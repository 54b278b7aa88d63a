"""A client of `AccountLife`: what becomes of an account beside transfers and trades."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from prover.chain._book import opening_arguments
from prover.chain._chain import Contract
from prover.chain._gate import proof_arguments
from verifier import ExitClaim, Proof, RekeyClaim, StatementName, WriteoffClaim

LIFE_STATEMENTS: Final[tuple[StatementName, ...]] = ("rekey", "writeoff", "exit")
"""Statements that the contract verifies, in the order of its constructor."""


@dataclass(frozen=True)
class AccountLifeClient:
    """A deployed `AccountLife`, a module of its book. An account is named by its identity.

    Attributes:
        contract: the module.
    """

    contract: Contract

    def rekey(self, account: int, claim: RekeyClaim, proof: Proof) -> Mapping[str, Any]:
        """Move an account to another identity. Raises ChainError when node or contract refuse, as all calls here.

        Args:
            account: the identity that it has.
            claim: the new identity, and the same state under it.
            proof: of the claim.
        """
        opening = opening_arguments(claim.new_commitment, claim, proof)
        return self.contract.send("rekey", account, claim.old_commitment, opening)

    def close(self, account: int, claim: WriteoffClaim, proof: Proof) -> Mapping[str, Any]:
        """Close an account that holds and owes nothing.

        Args:
            account: its identity.
            claim: of an amount of 0.
            proof: of the claim.
        """
        return self.contract.send("close", _change_arguments(account, claim, proof))

    def exit(self, account: int, claim: ExitClaim, proof: Proof) -> Mapping[str, Any]:
        """Take quote out of an account without positions, and queue it in the vault.

        Args:
            account: its identity.
            claim: with amount and recipient.
            proof: of the claim.
        """
        recipient = self.contract.chain.checksum(claim.recipient)
        return self.contract.send("exit", claim.amount, recipient, _change_arguments(account, claim, proof))

    def verifiers(self) -> tuple[Contract, ...]:
        """The verifier of each of `LIFE_STATEMENTS`."""
        addresses = [self.contract.read(f"{statement}Verifier") for statement in LIFE_STATEMENTS]
        return tuple(self.contract.chain.at("IGroth16Verifier", str(address)) for address in addresses)

    def book(self) -> str:
        """Address of the book."""
        return str(self.contract.read("book"))


def _change_arguments(account: int, claim: WriteoffClaim | ExitClaim, proof: Proof) -> tuple[Any, ...]:
    """The struct `StateChange`."""
    return (
        account,
        claim.old_commitment,
        claim.new_commitment,
        claim.rho,
        list(claim.ciphertext),
        proof_arguments(proof),
    )
