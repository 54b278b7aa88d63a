"""Proofs of an owner's statements for a margin book."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from prover.account import OwnerKeys, SealedState, ViewingKeys, empty_state
from prover.chain import LIFE_STATEMENTS, Contract
from prover.onchain._artifacts import book_artifacts
from prover.onchain._expiry import ExpireProver
from prover.statements import (
    Backend,
    Update,
    exit_claim,
    exit_inputs,
    open_inputs,
    opening_claim,
    proof_of,
    rekey_claim,
    rekey_inputs,
    update_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.toolchain import Artifacts, ProgressSink, ignore_progress
from prover.trade import exited_state
from verifier import (
    ExitClaim,
    InputError,
    Opening,
    Proof,
    RekeyClaim,
    RiskInputs,
    StatementName,
    StateUpdate,
    WriteoffClaim,
)

OWNER_STATEMENTS: Final[tuple[StatementName, ...]] = ("open", "update", *LIFE_STATEMENTS)
"""Statements that an owner proves."""


def owner_artifacts(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> dict[StatementName, Artifacts]:
    """The owner's statements for a size of book. Other arguments and errors as for `book_artifacts`."""
    return book_artifacts(OWNER_STATEMENTS, n, keys, progress=progress)


@dataclass(frozen=True)
class BookProver:
    """Proves the statements of an owner.

    Attributes:
        artifacts: each of `OWNER_STATEMENTS` for the book's size, with its keys.
        backend: makes the proofs.
    """

    artifacts: Mapping[StatementName, Artifacts]
    backend: Backend

    @classmethod
    def build(
        cls, n: int, backend: Backend, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
    ) -> Self:
        """A prover for books of a size. Arguments and errors as for `owner_artifacts`; `backend` makes the proofs."""
        return cls(owner_artifacts(n, keys, progress=progress), backend)

    @property
    def expiry(self) -> ExpireProver:
        """Proves that expired positions are cash."""
        return ExpireProver(self.artifacts["expire"], self.backend)

    def key_digest(self, statement: StatementName) -> str:
        """Digest of the verifying key, in hex: the book's verifier must have the same."""
        return self.artifacts[statement].key.digest()

    def require_keys(self, verifiers: Mapping[StatementName, Contract]) -> None:
        """See that verifiers on chain have the prover's keys, before anything is proven.

        Args:
            verifiers: by statement.

        Raises:
            InputError: one has another key.
            ChainError: not reached.
        """
        for statement, verifier in verifiers.items():
            if bytes(verifier.read("keyDigest")).hex() != self.key_digest(statement):
                raise InputError(
                    f"the book verifies {statement} with another key than this machine's: "
                    "use the keys that the book was deployed with"
                )

    def open(self, keys: OwnerKeys, empty: SealedState) -> Opening:
        """Prove the opening of an account.

        Args:
            keys: of the account.
            empty: the empty state, sealed.

        Raises:
            ProvingError: the state is not empty.
            ToolError: the backend failed.
        """
        claim = opening_claim(keys, empty)
        signals = claim.signals(keys.domain.tag(), len(empty.state.balances))
        return claim.proven(proof_of(self.backend, self.artifacts["open"], open_inputs(keys, claim), signals))

    def update(self, keys: OwnerKeys, update: Update, risk: RiskInputs) -> StateUpdate:
        """Prove a step of an account at a round.

        Args:
            keys: of the account.
            update: the step.
            risk: the round's inputs.

        Raises:
            ProvingError: the rules of margin forbid the new state at this round.
            ToolError: the backend failed.
        """
        claim = update.claimed()
        signals = claim.signals(update.terms(), risk)
        inputs = update_inputs(keys, update, risk)
        return claim.proven(proof_of(self.backend, self.artifacts["update"], inputs, signals))

    def rekey(self, keys: OwnerKeys, before: SealedState, new_keys: OwnerKeys) -> tuple[RekeyClaim, Proof]:
        """Prove that an account moves to new keys, with all that it holds.

        Args:
            keys: of the account so far.
            before: its state on chain.
            new_keys: of the account from now on.

        Raises:
            ProvingError: the new keys are of another book, or have the same owner secret.
            ToolError: the backend failed.
        """
        claim = rekey_claim(keys, before, new_keys, ViewingKeys.of_owner(new_keys).seal(before.state))
        signals = claim.signals(keys.domain.tag(), len(before.state.balances))
        inputs = rekey_inputs(keys, before, new_keys, claim)
        return claim, proof_of(self.backend, self.artifacts["rekey"], inputs, signals)

    def close(self, viewing: ViewingKeys, before: SealedState) -> tuple[WriteoffClaim, Proof]:
        """Prove that an account is empty, by `writeoff`.

        Args:
            viewing: of the account.
            before: its state on chain.

        Raises:
            ProvingError: it has a position or a balance in its favour.
            ToolError: the backend failed.
        """
        n = len(before.state.balances)
        claim = writeoff_claim(before, viewing.seal(empty_state(n)))
        inputs = writeoff_inputs(viewing, before, claim)
        return claim, proof_of(self.backend, self.artifacts["writeoff"], inputs, claim.signals(n))

    def exit(self, keys: OwnerKeys, before: SealedState, amount: int, recipient: int) -> tuple[ExitClaim, Proof]:
        """Prove that an account without positions pays out of its quote.

        Args:
            keys: of the account.
            before: its state on chain.
            amount: what leaves [1e-18 USD].
            recipient: whom it pays: an address as an integer below 2^160.

        Raises:
            InputError: the amount or the recipient is out of range.
            ProvingError: the account has a position, or less than the amount.
            ToolError: the backend failed.
        """
        after = ViewingKeys.of_owner(keys).seal(exited_state(before.state, amount))
        claim = exit_claim(before, after, amount, recipient)
        signals = claim.signals(len(before.state.balances))
        return claim, proof_of(self.backend, self.artifacts["exit"], exit_inputs(keys, before, claim), signals)
