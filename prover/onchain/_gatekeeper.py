"""Solvency proofs and flags of accounts: proving them, and submitting them to the gate of the book."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from prover.account import OpenedState, ViewingKeys
from prover.chain import BookGateClient, OnchainRound
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._retries import OutdatedProofError, retried
from prover.statements import Backend, margin_envelope, prove_state
from prover.toolchain import Artifacts
from verifier import ChainError, InputError, Proof, ProofEnvelope, VectorKind

Receipt = Mapping[str, Any]

_OUTDATED: Final = frozenset({"RoundBeforeChange", "RoundTooOld", "RoundSuperseded", "ProofDoesNotVerify"})
"""Refusals of a proof that was valid when it was begun, if the account or the round has changed since."""


@dataclass(frozen=True)
class MarginProver:
    """Proves `margin` for accounts of a book whose states the caller can open.

    Attributes:
        artifacts: `margin` of the book's size, with its keys.
        backend: makes the proofs.
    """

    artifacts: Artifacts
    backend: Backend

    @cached_property
    def key_digest(self) -> str:
        """Digest of the verifying key, in hex: the gate's verifier must have the same."""
        return self.artifacts.key.digest()

    def prove(
        self,
        opened: OpenedState,
        round_: OnchainRound,
        *,
        healthy: bool,
        recipient: int = 0,
        kind: VectorKind = VectorKind.MAINTENANCE,
    ) -> Proof:
        """Prove on which side of its margin a state is at a round.

        Args:
            opened: the state.
            round_: the price round.
            healthy: the side to prove.
            recipient: address to bind, as an integer below 2^160; 0 for none.
            kind: of margin: maintenance or overdraft.

        Raises:
            ProvingError: the state is on the other side.
            ToolError: the backend failed.
        """
        _, proof = prove_state(
            opened, round_.vectors, self.artifacts, self.backend, healthy=healthy, recipient=recipient, kind=kind
        )
        return proof

    def envelope(
        self, book: MarginBook, account: AccountView, round_: OnchainRound, *, healthy: bool, recipient: int = 0
    ) -> ProofEnvelope:
        """As `prove`, as a proof file: a verifier needs the round and the key, and no node.

        Args:
            book: where the account lives.
            account: in the state that the proof is about.
            round_: the price round.
            healthy: the side to prove.
            recipient: address to bind, as an integer below 2^160; 0 for none.

        Raises:
            ProvingError: the state is on the other side.
            InputError: the chain has other margin fractions in force than the book's file.
            ChainError: it has expired positions, of which the round has no price; or the node is not reached.
            ToolError: the backend failed.
        """
        book.require_epoch(account.identity, round_.epoch)
        inputs = book.price_round(round_).inputs()
        claim, proof = prove_state(
            account.sealed, inputs.vectors, self.artifacts, self.backend, healthy=healthy, recipient=recipient
        )
        return margin_envelope(claim, proof, inputs, self.artifacts)


@dataclass(frozen=True)
class Gatekeeper:
    """Submits solvency proofs and flags to the gate of a book: for owners and guardians, who can read accounts.

    The gate accepts proofs from any sender. A proof that is out of date before it is mined is made again, a few times.

    Attributes:
        book: of the accounts.
        prover: makes the proofs.
    """

    book: MarginBook
    prover: MarginProver

    @cached_property
    def gate(self) -> BookGateClient:
        """The book's gate.

        Raises:
            InputError: the book has none, or its verifier has another key than this machine's.
            ChainError: the gate is of another book, or the node is not reached.
        """
        address = self.book.contracts.book.gate()
        if address is None:
            raise InputError(
                "this book has no gate: `book deploy --gate` makes a book with one. In a book with an engine, "
                "`liquidation open` flags accounts"
            )
        gate = self.book.contracts.book_gate(address)
        if bytes(gate.verifier().read("keyDigest")).hex() != self.prover.key_digest:
            raise InputError(
                "the gate verifies margin with another key than this machine's: use the keys that it was deployed with"
            )
        return gate

    def has_flagged(self, account: int) -> bool:
        """Whether the gate knows of a flag of an account, by its identity."""
        return self.gate.account_state(account).flagged_at_round != 0

    def flag(self, account: ViewingKeys, recipient: int = 0) -> Receipt:
        """Prove at the newest round that an account is below maintenance margin, and submit the proof.

        Args:
            account: its viewing keys.
            recipient: of the tip: an address as an integer below 2^160, 0 for none.

        Raises:
            ProvingError: the account meets maintenance margin.
            InputError: as `gate`.
            ChainError: refused, for instance because the account is flagged; or the node is not reached.
        """
        return self._submit(account, recipient, healthy=False)

    def prove_solvent(self, account: ViewingKeys, recipient: int = 0) -> Receipt:
        """Prove at the newest round that an account meets maintenance margin, and submit the proof.

        Args:
            account: its viewing keys.
            recipient: bound into the proof: an address as an integer below 2^160, 0 for none.

        Raises:
            ProvingError: the account is below maintenance margin.
            InputError, ChainError: as `flag`.
        """
        return self._submit(account, recipient, healthy=True)

    def _submit(self, account: ViewingKeys, recipient: int, *, healthy: bool) -> Receipt:
        return retried(partial(self._attempt, account, recipient, healthy=healthy))

    def _attempt(self, account: ViewingKeys, recipient: int, *, healthy: bool) -> Receipt:
        view, round_ = self.book.open_state(account), self.book.latest_round()
        self.book.require_epoch(account.identity, round_.epoch)
        proof = self.prover.prove(view.sealed, round_, healthy=healthy, recipient=recipient)
        send = self.gate.prove_solvent if healthy else self.gate.flag
        try:
            return send(account.identity, round_.id, recipient, proof)
        except ChainError as error:
            if error.refusal in _OUTDATED and self._has_changed(view, round_):
                raise OutdatedProofError(str(error), error.refusal) from None
            if error.refusal == "RoundNotNewer":
                raise ChainError(
                    "the account is proven solvent at the newest round already, by a proof or by its last change "
                    "(RoundNotNewer)",
                    refusal=error.refusal,
                ) from None
            raise

    def _has_changed(self, view: AccountView, round_: OnchainRound) -> bool:
        return (
            self.book.open_state(view.viewing).sealed.commitment != view.sealed.commitment
            or self.book.latest_round() != round_
        )
