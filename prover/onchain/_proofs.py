"""Proofs of `open` and `update` for a margin book."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from prover.account import OwnerKeys, SealedState
from prover.statements import Backend, Update, open_inputs, opening_claim, proof_of, update_inputs
from prover.toolchain import Artifacts, ProgressSink, build, ignore_progress, load_keys
from verifier import Opening, RiskInputs, StatementName, StateUpdate

OWNER_STATEMENTS: Final[tuple[StatementName, ...]] = ("open", "update")
"""Statements that an owner proves."""


def owner_artifacts(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> dict[StatementName, Artifacts]:
    """The owner's statements for a size of book, compiled where they are not cached, with their keys.

    Args:
        n: assets of the book.
        keys: folder with those of ceremonies, such as open-13 and update-13; None for this machine's development keys.
        progress: receives what is built.

    Raises:
        InputError: the folder lacks a key, or there are no circuits of this size.
        ToolError: a tool is missing or failed.
    """
    names = {statement: f"{statement}-{n}" for statement in OWNER_STATEMENTS}
    if keys is not None:
        return {statement: load_keys(name, keys / name, progress=progress) for statement, name in names.items()}
    built = build(list(names.values()), progress=progress)
    return {statement: built[name] for statement, name in names.items()}


@dataclass(frozen=True)
class BookProver:
    """Proves the statements of an owner.

    Attributes:
        artifacts: `open` and `update` of the book's size, with their keys.
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

    def key_digest(self, statement: StatementName) -> str:
        """Digest of the verifying key, in hex: the book's verifier must have the same."""
        return self.artifacts[statement].key.digest()

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
