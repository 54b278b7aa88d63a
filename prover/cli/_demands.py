"""What the user of `verify` holds and demands, and the verification of one proof file against it."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from prover import PriceRound, backend_check
from prover.statements import supplied_signals
from prover.toolchain import BackendName, open_backend
from verifier import (
    BOOK_STATEMENTS,
    AnyEnvelope,
    BookExpectation,
    BookProofEnvelope,
    Check,
    Expectation,
    InputError,
    StatementName,
    Value,
    VectorKind,
    VerificationError,
    VerifyingKey,
    verify,
    verify_book_envelope,
    verify_envelope,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prover.account import Domain


class Checker(StrEnum):
    """What decides whether the Groth16 equation holds."""

    PY_ECC = "py_ecc"
    NATIVE = "native"
    SNARKJS = "snarkjs"

    @contextmanager
    def open(self) -> "Iterator[Check]":
        """The check, for as long as the context. Raises ToolError when it is not installed."""
        if self is Checker.PY_ECC:
            yield verify
            return
        with open_backend(BackendName(self.value)) as backend:
            yield backend_check(backend)


@dataclass(frozen=True)
class Demands:
    """What every proof that is verified must be.

    Attributes:
        statement: what must have been proven.
        prices: the round; None where the statement has none.
        healthy: the side that a margin proof must show.
        recipient: whom the proof must be bound to; None for any.
        expected: further public signals of a margin book's proof, by name.
        domain: of the margin book that an opening must be in.
        kind: of margin that a proof of margin or of a release must be about; None for maintenance.
    """

    statement: StatementName
    prices: PriceRound | None
    healthy: bool
    recipient: int | None
    expected: Mapping[str, int]
    domain: "Domain | None"
    kind: VectorKind | None = None

    def check(
        self, envelope: AnyEnvelope, key: VerifyingKey, commitment: int | None, check: Check
    ) -> Mapping[str, Value]:
        """Verify one proof.

        Args:
            envelope: the proof file.
            key: that the user trusts.
            commitment: to the state that the proof must start from; None for any.
            check: the Groth16 check.

        Returns:
            The signals of the proof by name, as they were proven.

        Raises:
            VerificationError: refused.
            InputError: something is missing that the user must supply, or would check nothing.
        """
        require_statement(envelope, self.statement)
        if isinstance(envelope, BookProofEnvelope):
            return self._check_step(envelope, key, commitment, check)
        for given, name in ((self.expected, "--expect"), (self.domain, "--deployment")):
            if given:
                raise InputError(f"{name} is about proofs of a margin book, this is one of {envelope.statement}")
        if self.prices is None:
            raise InputError(f"{envelope.statement}: name a price round of your own with --round")
        expected = Expectation(
            self.prices.inputs(),
            statement="margin-lean" if self.statement == "margin-lean" else "margin",
            healthy=self.healthy,
            commitment=commitment,
            recipient=self.recipient,
            kind=self.kind or VectorKind.MAINTENANCE,
        )
        return verify_envelope(envelope, key, expected, check=check).values()

    def _check_step(
        self, envelope: BookProofEnvelope, key: VerifyingKey, commitment: int | None, check: Check
    ) -> Mapping[str, Value]:
        if not self.healthy:
            raise InputError(f"--liquidatable is about proofs of margin, this is one of {envelope.statement}")
        if self.kind is not None and envelope.statement != "release":
            raise InputError(f"--kind is about proofs of margin and of releases, this is one of {envelope.statement}")
        slots = self.expected.get("slots", envelope.values().get("slots", 0))
        supplied = supplied_signals(
            envelope.statement,
            self.prices,
            self.domain,
            slots if isinstance(slots, int) else 0,
            self.kind or VectorKind.MAINTENANCE,
        )
        values: dict[str, Value] = {**self.expected, **supplied, **self.expected}  # demands are compared first
        if commitment is not None:
            values["commitment" if envelope.statement == "open" else "oldCommitment"] = commitment
        if self.recipient is not None:
            values["recipient"] = self.recipient
        return verify_book_envelope(envelope, key, BookExpectation(envelope.statement, values), check=check)


def require_statement(envelope: AnyEnvelope, statement: StatementName) -> None:
    """Refuse a proof of a margin book where another statement is demanded, and the reverse.

    `verify_envelope` tells the two statements of margin apart.

    Raises:
        VerificationError: `wrong-statement`.
    """
    of_step = isinstance(envelope, BookProofEnvelope) or statement in BOOK_STATEMENTS
    if of_step and envelope.statement != statement:
        raise VerificationError(
            "wrong-statement",
            f"expected a proof of {statement}, this is one of {envelope.statement}: ask for it with "
            f"--statement {envelope.statement}",
        )
