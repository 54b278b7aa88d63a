"""Deployment of a registrar gate with its price source and verifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from prover.chain._chain import Chain, Contract
from prover.chain._gate import RegistrarGateClient
from prover.chain._owner_rounds import OwnerRoundsClient
from verifier import SlotFractions


@dataclass(frozen=True)
class Deployment:
    """A registrar gate with its price source and verifier.

    Attributes:
        prices: the price source.
        verifier: of `margin` for the book's size.
        gate: commitments, proofs and flags.
    """

    prices: OwnerRoundsClient
    verifier: Contract
    gate: RegistrarGateClient

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
        verifier = chain.deploy(verifier_name)
        rounds = chain.deploy("OwnerPriceRounds", chain.sender, list(map(tuple, fractions)))
        gate = RegistrarGateClient.deploy(
            chain, chain.sender, rounds.address, verifier.address, max_proof_age=max_proof_age, tip=tip
        )
        return cls(OwnerRoundsClient(rounds), verifier, gate)

    @classmethod
    def at(cls, chain: Chain, *, rounds: str, verifier: str, gate: str) -> Self:
        """The contracts at their addresses."""
        return cls(
            OwnerRoundsClient(chain.at("OwnerPriceRounds", rounds)),
            chain.at("IGroth16Verifier", verifier),
            RegistrarGateClient(chain.at("RegistrarGate", gate)),
        )
