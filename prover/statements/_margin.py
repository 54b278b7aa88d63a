"""From an account and a round to a proof file: witness inputs, backend, envelope."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from prover.account import Account, OpenedState, assess_at
from prover.market import PriceRound
from prover.toolchain import Artifacts, Inputs, to_inputs
from verifier import (
    MARGIN_STATEMENTS,
    MarginClaim,
    MarginStatement,
    Proof,
    ProofEnvelope,
    ProvingError,
    RoundInputs,
    RoundVectors,
    ToolError,
    Value,
    VectorKind,
    VerifyingKey,
    require_margin_kind,
    to_field,
)

_SIDE: Final = {True: "at or above", False: "below"}


class Backend(Protocol):
    """Makes and verifies Groth16 proofs. Implementations are safe to use from several threads."""

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> tuple[Mapping[str, object], Sequence[str]]:
        """Prove one statement.

        Args:
            artifacts: the compiled statement and its proving key.
            inputs: by signal name.

        Returns:
            proof and public signals, as snarkjs writes them.

        Raises:
            ProvingError: the inputs do not satisfy the statement.
            ToolError: the prover is missing, crashed or did not answer in time.
        """
        ...

    def verify(self, key: VerifyingKey, signals: Sequence[str], proof: Mapping[str, Any]) -> bool:
        """Whether a proof satisfies the equation. Signals and proof are as snarkjs writes them.

        Raises:
            InputError: one of them is malformed.
            VerificationError: the key must not be used, or a point or signal is none.
            ToolError: the prover is missing, crashed or did not answer in time.
        """
        ...

    def close(self) -> None:
        """Release processes and memory."""
        ...


def proof_of(backend: Backend, artifacts: Artifacts, inputs: Inputs, signals: Sequence[int]) -> Proof:
    """Prove a statement, and see that the proof is about what it should be about.

    Args:
        backend: makes the proof.
        artifacts: the compiled statement and its proving key.
        inputs: of the witness.
        signals: the public signals that the verifier will compute.

    Raises:
        ProvingError: the inputs do not satisfy the statement.
        ToolError: the backend failed, or proved other public signals.
    """
    proof, proven = backend.prove(artifacts, inputs)
    if [str(signal) for signal in signals] != list(proven):
        raise ToolError(f"the prover returned other public signals than {artifacts.instance.name} has for these inputs")
    return Proof.from_json(dict(proof))


def margin_inputs(
    opened: OpenedState,
    vectors: RoundVectors,
    claim: MarginClaim,
    kind: VectorKind = VectorKind.MAINTENANCE,
) -> Inputs:
    """Witness inputs of `margin` and `margin-lean`.

    Nothing is checked here: a false claim gives inputs that the circuit refuses.

    Args:
        opened: the private state.
        vectors: of the price round.
        claim: the public side.
        kind: of margin that it is about.
    """
    private: dict[str, Value] = {
        "balance": [to_field(balance) for balance in opened.state.balances],
        "quote": to_field(opened.state.quote),
        "shorts": opened.state.shorts,
        "blind": opened.blind,
    }
    return to_inputs(claim.values() | vectors.margin_values(kind) | private)


def prove_state(
    opened: OpenedState,
    vectors: RoundVectors,
    artifacts: Artifacts,
    backend: Backend,
    *,
    healthy: bool = True,
    recipient: int = 0,
    kind: VectorKind = VectorKind.MAINTENANCE,
) -> tuple[MarginClaim, Proof]:
    """Prove that a hidden state meets its margin at a round, or that it does not.

    It takes no owner secret: a party that can open the state can prove either side of the line.

    Args:
        opened: the private state, from an account file or from the chain.
        vectors: of the price round.
        artifacts: `margin` or `margin-lean` of the book's size; decides which statement is proven.
        backend: makes the proof.
        healthy: the side to prove.
        recipient: address to bind, as an integer below 2^160; 0 for none.
        kind: of margin: maintenance or overdraft.

    Returns:
        What is proven, and the proof. It is not verified here.

    Raises:
        InputError: another kind.
        ProvingError: the state is on the other side of the margin, or the artifacts are of another size.
        ToolError: the backend failed.
    """
    instance = artifacts.instance
    _margin_statement(artifacts)
    require_margin_kind(kind)
    if not instance.n == len(opened.state.balances) == vectors.n:
        raise ProvingError(
            f"{instance.name} proves accounts of {instance.n} assets, the account has {len(opened.state.balances)}"
        )
    if assess_at(opened.state, vectors, kind).is_healthy != healthy:
        raise ProvingError(
            f"the account is {_SIDE[not healthy]} {kind} margin at this round: "
            f"that it is {_SIDE[healthy]} cannot be proven"
        )
    claim = MarginClaim(opened.commitment, healthy, recipient)
    inputs = margin_inputs(opened, vectors, claim, kind)
    return claim, proof_of(backend, artifacts, inputs, claim.signals(vectors, kind))


def prove_margin(
    account: Account,
    round_: PriceRound,
    artifacts: Artifacts,
    backend: Backend,
    *,
    healthy: bool = True,
    recipient: int = 0,
    kind: VectorKind = VectorKind.MAINTENANCE,
) -> ProofEnvelope:
    """Prove that the account of a file meets its margin at a round, or that it does not.

    Args:
        account: the private account.
        round_: the price round, for the account's book.
        artifacts: as for `prove_state`.
        backend: as for `prove_state`.
        healthy: as for `prove_state`.
        recipient: as for `prove_state`.
        kind: as for `prove_state`.

    Returns:
        The proof file. It is not verified here: `verifier.verify_envelope` does that.

    Raises:
        InputError: the round prices another book, or as `prove_state`.
        ProvingError, ToolError: as `prove_state`.
    """
    account.require_same_book(round_)
    vectors = round_.vectors
    claim, proof = prove_state(
        account.opened, vectors, artifacts, backend, healthy=healthy, recipient=recipient, kind=kind
    )
    return margin_envelope(claim, proof, round_.inputs(), artifacts, kind)


def margin_envelope(
    claim: MarginClaim,
    proof: Proof,
    inputs: RoundInputs,
    artifacts: Artifacts,
    kind: VectorKind = VectorKind.MAINTENANCE,
) -> ProofEnvelope:
    """The proof file of a proof that `prove_state` made.

    Args:
        claim: what is proven.
        proof: the proof.
        inputs: of the price round that it was made for.
        artifacts: what it was made with.
        kind: of margin that it is about.
    """
    return ProofEnvelope(
        statement=_margin_statement(artifacts),
        n=inputs.vectors.n,
        book=inputs.book,
        round=inputs.round,
        key=artifacts.key.digest(),
        proof=proof,
        public_signals=claim.signals(inputs.vectors, kind),
        kind=kind,
    )


def _margin_statement(artifacts: Artifacts) -> MarginStatement:
    """Which of the margin statements artifacts prove. Raises ProvingError for another one."""
    instance = artifacts.instance
    for name in MARGIN_STATEMENTS:
        if name == instance.statement:
            return name
    raise ProvingError(f"{instance.name} says nothing of an account at a price round")
