"""Clients of the solvency gates, and proofs as contracts take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from web3.logs import DISCARD

from prover.chain._chain import Chain, Contract
from verifier import G2Point, Proof


def proof_arguments(proof: Proof) -> tuple[Any, ...]:
    """A proof as the contracts take it: the coefficient of u comes first in each coordinate of B."""

    def g2(point: G2Point) -> tuple[int, int, int, int]:
        return (point.x[1], point.x[0], point.y[1], point.y[0])

    return ((proof.a.x, proof.a.y), g2(proof.b), (proof.c.x, proof.c.y))


def proof_words(proof: Proof) -> list[int]:
    """The same as the eight words that the ABI makes of it."""
    return [word for point in proof_arguments(proof) for word in point]


class GateAccount(NamedTuple):
    """State of an account in a gate.

    Attributes:
        commitment: to its present state; 0 for an unknown account.
        changed_at_round: a proof must be for this round or a later one.
        solvent_at_round: the newest round at which this commitment was proven solvent; 0 for none.
        solvent_at: when that round was posted, Unix seconds.
        flagged_at_round: the round at which this commitment was proven below maintenance margin; 0 for none.
    """

    commitment: int
    changed_at_round: int
    solvent_at_round: int
    solvent_at: int
    flagged_at_round: int


@dataclass(frozen=True, slots=True)
class SolvencyClaim:
    """One account's proof of solvency in a batch.

    Attributes:
        account: the account.
        commitment: to the state that the proof is about.
        recipient: bound into the proof, an address as a number; 0 for none.
        proof: of `margin` with healthy = 1.
    """

    account: int
    commitment: int
    recipient: int
    proof: Proof


class ClaimsReceipt(NamedTuple):
    """Result of a batch of claims.

    Attributes:
        receipt: of the transaction.
        proven: accounts that were proven solvent, in the order of the claims.
        skipped: accounts whose state or round changed before the batch was mined.
    """

    receipt: Mapping[str, Any]
    proven: tuple[int, ...]
    skipped: tuple[int, ...]


@dataclass(frozen=True)
class GateClient:
    """A deployed solvency gate of either kind. Every call raises ChainError when the node or the gate refuses.

    Attributes:
        contract: the gate.
    """

    contract: Contract

    # ------------------------------------------------------------------------------------------------ calls

    def prepare_round(self, round_id: int) -> Mapping[str, Any]:
        """Store the public signals that all proofs of a round share."""
        return self.contract.send("prepareRound", round_id)

    def prove_solvent(self, account: int, round_id: int, recipient: int, proof: Proof) -> Mapping[str, Any]:
        """Submit a proof that an account meets maintenance margin, and return the receipt.

        Args:
            account: the account.
            round_id: the round of the proof.
            recipient: bound into the proof, an address as a number; 0 for none.
            proof: of `margin` with healthy = 1.
        """
        return self._submit("proveSolvent", account, round_id, recipient, proof)

    def prove_solvent_batch(self, round_id: int, claims: Sequence[SolvencyClaim]) -> ClaimsReceipt:
        """Submit proofs of many accounts at one round. The gate skips claims that are out of date."""
        arguments = [
            (claim.account, claim.commitment, self._address(claim.recipient), proof_arguments(claim.proof))
            for claim in claims
        ]
        receipt = self.contract.send("proveSolventBatch", round_id, arguments)
        return ClaimsReceipt(receipt, self._accounts("ProvenSolvent", receipt), self._accounts("ClaimSkipped", receipt))

    def flag(self, account: int, round_id: int, recipient: int, proof: Proof) -> Mapping[str, Any]:
        """Submit a proof that an account is below maintenance margin, and return the receipt.

        Args:
            account: the account.
            round_id: the round of the proof.
            recipient: bound into the proof: the address that earns the tip, as a number; 0 for none.
            proof: of `margin` with healthy = 0.
        """
        return self._submit("flag", account, round_id, recipient, proof)

    # ------------------------------------------------------------------------------------------------ views

    def account_state(self, account: int) -> GateAccount:
        """State of an account."""
        return GateAccount(*map(int, self.contract.read("accountState", account)))

    def is_solvent(self, account: int, max_age: int) -> bool:
        """Whether an account's present state was proven solvent, at a round at most `max_age` seconds old."""
        return bool(self.contract.read("isSolvent", account, max_age))

    def is_prepared(self, round_id: int) -> bool:
        """Whether the public signals that all proofs of a round share are stored."""
        return bool(self.contract.read("prepared", round_id))

    def max_proof_age(self) -> int:
        """How old the round of a proof may be [s]."""
        return int(self.contract.read("maxProofAge"))

    def rounds(self) -> str:
        """Address of the price source."""
        return str(self.contract.read("rounds"))

    def verifier(self) -> Contract:
        """The verifier of `margin`."""
        return self.contract.chain.at("IGroth16Verifier", str(self.contract.read("verifier")))

    def _submit(self, function: str, account: int, round_id: int, recipient: int, proof: Proof) -> Mapping[str, Any]:
        return self.contract.send(function, account, round_id, self._address(recipient), proof_arguments(proof))

    def _address(self, number: int) -> str:
        return self.contract.chain.checksum(number)

    def _accounts(self, event: str, receipt: Mapping[str, Any]) -> tuple[int, ...]:
        logs = self.contract.raw.events[event]().process_receipt(receipt, errors=DISCARD)
        return tuple(int(log["args"]["account"]) for log in logs)


@dataclass(frozen=True)
class RegistrarGateClient(GateClient):
    """A deployed `RegistrarGate`. The id of an account is an address, as a number."""

    @classmethod
    def deploy(
        cls, chain: Chain, registrar: str | None, rounds: str, verifier: str, *, max_proof_age: int, tip: int
    ) -> Self:
        """Deploy a gate whose commitments a registrar sets; the sender owns it.

        Args:
            chain: where.
            registrar: address of the first registrar; None when the owner will grant the role later.
            rounds: address of the price source.
            verifier: address of the verifier of `margin` for the book's size.
            max_proof_age: how old the round of a proof may be [s].
            tip: of a flag [wei].
        """
        first = registrar or chain.checksum(0)
        return cls(chain.deploy("RegistrarGate", chain.sender, first, rounds, verifier, max_proof_age, tip))

    def register(self, account: int, commitment: int) -> Mapping[str, Any]:
        """Set the commitment of an account that is not flagged. Only a registrar."""
        return self.contract.send("register", account, commitment)

    def resolve(self, account: int, commitment: int) -> Mapping[str, Any]:
        """Set the commitment of a flagged account that was liquidated or cured. Only a registrar."""
        return self.contract.send("resolve", account, commitment)

    def fund_tips(self, amount: int) -> Mapping[str, Any]:
        """Add to the pot of tips [wei]."""
        return self.contract.send("fundTips", value=amount)

    def claim_tip(self, to: str) -> Mapping[str, Any]:
        """Withdraw tips that the gate could not transfer to the sender."""
        return self.contract.send("claimTip", to)

    def withdraw_tips(self, to: str, amount: int) -> Mapping[str, Any]:
        """Withdraw from the pot of tips [wei]. Only the owner."""
        return self.contract.send("withdrawTips", to, amount)

    def tip(self) -> int:
        """Tip of a flag, while the pot lasts [wei]."""
        return int(self.contract.read("tip"))

    def tip_pot(self) -> int:
        """ETH for tips [wei]."""
        return int(self.contract.read("tipPot"))

    def tip_credit(self, recipient: str) -> int:
        """Tips that a recipient can claim [wei]."""
        return int(self.contract.read("tipCredit", recipient))

    def account_of(self, commitment: int) -> int:
        """The account whose commitment this is or was; 0 for one never used."""
        return int(self.contract.read("accountOf", commitment))

    def add_registrar(self, address: str) -> Mapping[str, Any]:
        """Grant the registrar role. Only the owner."""
        return self.contract.send("grantRole", self.contract.read("REGISTRAR_ROLE"), address)

    def remove_registrar(self, address: str) -> Mapping[str, Any]:
        """Revoke the registrar role. Only the owner."""
        return self.contract.send("revokeRole", self.contract.read("REGISTRAR_ROLE"), address)
