"""The contracts of a solvency gate, and proofs as contracts take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from verifier._field import from_field
from verifier._proof import G2Point, Proof
from verifier.chain._chain import Chain, Contract


def proof_arguments(proof: Proof) -> tuple[Any, ...]:
    """A proof as the contracts take it: the coefficient of u comes first in each coordinate of B."""

    def g2(point: G2Point) -> tuple[int, int, int, int]:
        return (point.x[1], point.x[0], point.y[1], point.y[0])

    return ((proof.a.x, proof.a.y), g2(proof.b), (proof.c.x, proof.c.y))


@dataclass(frozen=True)
class Deployment:
    """The contracts of one book.

    Attributes:
        rounds: OwnerPriceRounds.
        verifier: of `margin` for the book's size.
        gate: SolvencyGate.
    """

    rounds: Contract
    verifier: Contract
    gate: Contract

    @classmethod
    def create(
        cls,
        chain: Chain,
        verifier_name: str,
        fractions_ppm: tuple[Sequence[int], Sequence[int]],
        *,
        max_proof_age: int,
        tip: int,
    ) -> Self:
        """Deploy price source, verifier and gate; the sender owns them and is the registrar.

        Args:
            chain: where.
            verifier_name: generated contract, such as "Margin13Verifier".
            fractions_ppm: maintenance and initial margin fraction of each slot [ppm].
            max_proof_age: how old the round of a proof may be [s].
            tip: what a flag earns [wei].

        Raises:
            ChainError: refused, for instance a development key on a public chain.
        """
        verifier = chain.deploy(verifier_name)
        rounds = chain.deploy("OwnerPriceRounds", chain.sender, *map(list, fractions_ppm))
        gate = chain.deploy(
            "SolvencyGate", chain.sender, chain.sender, rounds.address, verifier.address, max_proof_age, tip
        )
        return cls(rounds, verifier, gate)

    def post_round(self, prices: Sequence[int], funding: Sequence[int]) -> int:
        """Post the next round [1e-9 USD] and return its id."""
        self.rounds.send("postRound", list(prices), list(funding))
        return int(self.rounds.read("latestRoundId"))

    def maintenance_inputs(self, round_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The vectors e and d [1e-9 USD] that the chain derives for a round."""
        signals = [from_field(element) for element in self.rounds.read("roundInputs", round_id, 0)]
        half = len(signals) // 2
        return tuple(signals[:half]), tuple(signals[half:])

    def prove_solvent(self, account: str, round_id: int, recipient: str, proof: Proof) -> Mapping[str, Any]:
        """Bring a proof that an account is healthy."""
        return self.gate.send("proveSolvent", account, round_id, recipient, proof_arguments(proof))

    def flag(self, account: str, round_id: int, recipient: str, proof: Proof) -> Mapping[str, Any]:
        """Bring a proof that an account is below maintenance margin."""
        return self.gate.send("flag", account, round_id, recipient, proof_arguments(proof))
