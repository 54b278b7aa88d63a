"""A client of `AccountLife`: what becomes of an account beside transfers and trades."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from prover.chain._book import opening_arguments
from prover.chain._chain import Contract
from prover.chain._expiries import settlement_prices
from prover.chain._gate import proof_arguments
from verifier import (
    ExitClaim,
    ExpireClaim,
    Proof,
    RekeyClaim,
    ReleaseClaim,
    SettlementPrices,
    StatementName,
    UpdateClaim,
    WriteoffClaim,
)

LIFE_STATEMENTS: Final[tuple[StatementName, ...]] = ("expire", "rekey", "writeoff", "exit")
"""Statements that the contract verifies, in the order of its constructor."""


class ExpiryStep(NamedTuple):
    """What an account has to prove to go to a newer epoch.

    Attributes:
        slots: bitmap of the slots that settle on the way.
        prices: at which they settle.
        rho: public value of the encryption, which the contract computes.
    """

    slots: int
    prices: SettlementPrices
    rho: int


@dataclass(frozen=True)
class AccountLifeClient:
    """A deployed `AccountLife`, a module of its book. An account is named by its identity.

    Attributes:
        contract: the module.
    """

    contract: Contract

    def expire(self, account: int, to_epoch: int, claim: ExpireClaim, proof: Proof) -> Mapping[str, Any]:
        """Turn the expired positions of an account into cash. Raises ChainError when node or contract refuse.

        Args:
            account: its identity.
            to_epoch: the epoch to go to.
            claim: for what `step_of` says.
            proof: of the claim.
        """
        return self.contract.send("expire", to_epoch, change_arguments(account, claim, proof))

    def step_of(self, account: int, commitment: int, to_epoch: int, block: int | None = None) -> ExpiryStep:
        """What `expire` asks for.

        Args:
            account: its identity.
            commitment: to its present state.
            to_epoch: the epoch to go to, newer than that of the account.
            block: as of its end; None for the newest.

        Raises:
            ChainError: a slot settles twice on the way (refusal `SlotSettledTwice`), or as all calls.
        """
        slots, prices, rho = self.contract.read("stepOf", account, commitment, to_epoch, block=block)
        return ExpiryStep(int(slots), settlement_prices(prices), int(rho))

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
        return self.contract.send("close", change_arguments(account, claim, proof))

    def exit(self, account: int, claim: ExitClaim, proof: Proof) -> Mapping[str, Any]:
        """Take quote out of an account without positions, and queue it in the vault.

        Args:
            account: its identity.
            claim: with amount and recipient.
            proof: of the claim.
        """
        recipient = self.contract.chain.checksum(claim.recipient)
        return self.contract.send("exit", claim.amount, recipient, change_arguments(account, claim, proof))

    def verifiers(self) -> tuple[Contract, ...]:
        """The verifier of each of `LIFE_STATEMENTS`."""
        return tuple(map(self.verifier_of, LIFE_STATEMENTS))

    def verifier_of(self, statement: StatementName) -> Contract:
        """The verifier of one of `LIFE_STATEMENTS`."""
        return self.contract.chain.at("IGroth16Verifier", str(self.contract.read(f"{statement}Verifier")))

    def book(self) -> str:
        """Address of the book."""
        return str(self.contract.read("book"))


def change_arguments(
    account: int, claim: WriteoffClaim | ExitClaim | ExpireClaim | ReleaseClaim | UpdateClaim, proof: Proof
) -> tuple[Any, ...]:
    """The struct `StateChange`."""
    return (
        account,
        claim.old_commitment,
        claim.new_commitment,
        claim.rho,
        list(claim.ciphertext),
        proof_arguments(proof),
    )
