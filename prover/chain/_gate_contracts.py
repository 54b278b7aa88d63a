"""Deployment of a registrar gate with its price source and verifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from prover.chain._chain import Chain, Contract
from prover.chain._gate import RegistrarGateClient
from prover.chain._owner_rounds import OwnerRoundsClient
from verifier import SlotFractions

ROLES: Final[Mapping[str, str]] = {
    "rounds": "OwnerPriceRounds",
    "verifier": "IGroth16Verifier",
    "gate": "RegistrarGate",
}
"""Contract of each role."""


@dataclass(frozen=True)
class GateContracts:
    """A registrar gate with its price source and verifier.

    Attributes:
        prices: the price source.
        verifier: of `margin` for the book's size.
        gate: commitments, proofs and flags.
        first_block: no event of the contracts is older.
    """

    prices: OwnerRoundsClient
    verifier: Contract
    gate: RegistrarGateClient
    first_block: int

    @classmethod
    def create(
        cls,
        chain: Chain,
        verifier_name: str,
        fractions: Sequence[SlotFractions],
        *,
        max_proof_age: int,
        tip: int,
    ) -> Self:
        """Deploy price source, verifier and gate; the sender owns them and is the registrar.

        Args:
            chain: where.
            verifier_name: generated contract, such as "Margin13Verifier".
            fractions: the margin fractions of each slot.
            max_proof_age: how old the round of a proof may be [s].
            tip: of a flag [wei].

        Raises:
            ChainError: refused, for instance a development key on a public chain.
        """
        first_block = chain.block_number()
        verifier = chain.deploy(verifier_name)
        rounds = chain.deploy("OwnerPriceRounds", chain.sender, list(map(tuple, fractions)))
        gate = RegistrarGateClient.deploy(
            chain, chain.sender, rounds.address, verifier.address, max_proof_age=max_proof_age, tip=tip
        )
        return cls(OwnerRoundsClient(rounds), verifier, gate, first_block)

    @classmethod
    def at(cls, chain: Chain, addresses: Mapping[str, str], first_block: int) -> Self:
        """The contracts at their addresses, by role.

        Args:
            chain: where.
            addresses: for each of `ROLES`.
            first_block: no event of the contracts is older.
        """
        contracts = {role: chain.at(name, addresses[role]) for role, name in ROLES.items()}
        return cls(
            OwnerRoundsClient(contracts["rounds"]),
            contracts["verifier"],
            RegistrarGateClient(contracts["gate"]),
            first_block,
        )

    @property
    def chain(self) -> Chain:
        """The chain that they are on."""
        return self.gate.contract.chain

    def addresses(self) -> dict[str, str]:
        """Address of each role."""
        contracts = (self.prices.contract, self.verifier, self.gate.contract)
        return {role: contract.address for role, contract in zip(ROLES, contracts, strict=True)}
