"""A gate as its registrar and its provers use it: what can be checked without paying for gas is, before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prover.chain import Chain, GateContracts
from prover.market import AssetList, PriceRound
from verifier import InputError, ProofEnvelope, VectorKind


@dataclass(frozen=True)
class RegistrarGate:
    """A deployed gate: its contracts, and the list of assets that it serves.

    Attributes:
        contracts: of the gate.
        assets: names and fractions.
    """

    contracts: GateContracts
    assets: AssetList

    def post_round(self, prices: PriceRound) -> int:
        """Post a price round and return its id. Only the owner of the price source.

        Raises:
            InputError: its id is not the next one, or the chain has other margin fractions; the latter once it is
                posted.
            ChainError: refused.
        """
        following = self.contracts.prices.rounds.latest_id() + 1
        if prices.id != following:
            raise InputError(f"the chain's next round is {following}, this is round {prices.id}")
        posted = self.contracts.prices.post(prices.prices, prices.funding)
        self._require_same_round(prices)
        return posted

    def resolve(self, holder: int, commitment: int) -> Mapping[str, Any]:
        """Clear the flag of an account that was liquidated or cured, and return the receipt. Only a registrar.

        Args:
            holder: the account, an address as a number.
            commitment: to its state after that.

        Raises:
            InputError: the account is not flagged, or the commitment is that of the flagged state.
            ChainError: refused.
        """
        state = self.contracts.gate.account_state(holder)
        if not state.flagged_at_round:
            raise InputError(f"{Chain.checksum(holder)} is not flagged: `chain register` sets its commitment")
        if state.commitment == commitment:
            raise InputError("the commitment is that of the state that was flagged; give the one of the state after it")
        return self.contracts.gate.resolve(holder, commitment)

    def prove(self, holder: int, prices: PriceRound, envelope: ProofEnvelope, *, healthy: bool) -> Mapping[str, Any]:
        """Send a proof to the gate, and return the receipt.

        Args:
            holder: the account, an address as a number.
            prices: the round of the proof.
            envelope: a proof of `margin`.
            healthy: what it must say: True proves the account solvent, False flags it.

        Raises:
            InputError: the proof says otherwise, is about overdraft margin, is of another round or of another
                commitment than the gate's, or the chain has another round of this id.
            ChainError: refused.
        """
        self._require_same_round(prices)
        claim = envelope.claim()
        if envelope.round != prices.digest():
            raise InputError("the proof was made for another round than the given one")
        if envelope.kind is not VectorKind.MAINTENANCE:
            raise InputError(f"the proof is about {envelope.kind} margin, and a gate takes maintenance margin alone")
        if claim.healthy != healthy:
            raise InputError(f"the proof says that the account is {'healthy' if claim.healthy else 'liquidatable'}")
        if self.contracts.gate.account_state(holder).commitment != claim.commitment:
            raise InputError(
                f"the proof is about another commitment than the one registered for {Chain.checksum(holder)}"
            )
        send = self.contracts.gate.prove_solvent if healthy else self.contracts.gate.flag
        return send(holder, prices.id, claim.recipient, envelope.proof)

    def _require_same_round(self, prices: PriceRound) -> None:
        posted = self.contracts.prices.rounds.round(prices.id)
        if posted.vectors.margin_values() != prices.vectors.margin_values():
            raise InputError(f"round {prices.id} of the chain has other prices or margins than the given round")
