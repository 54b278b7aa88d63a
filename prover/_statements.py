"""From an account and a round to a proof file: witness inputs, backend, envelope."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from prover._account import Account
from prover._round import PriceRound
from prover.toolchain import Artifacts, Inputs
from verifier import (
    STATEMENTS,
    BookStatement,
    MarginClaim,
    Proof,
    ProofEnvelope,
    ProvingError,
    StatementName,
    ToolError,
    VerifyingKey,
    margin_signals,
    to_field,
)

_SIDE: Final = {True: "at or above", False: "below"}


class Backend(Protocol):
    """Makes Groth16 proofs. Implementations are safe to use from several threads."""

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

    def close(self) -> None:
        """Release processes and memory."""
        ...


def instance_name(statement: StatementName | BookStatement, n: int) -> str:
    """The name of a statement instance in circuits.json, such as "margin-13"."""
    return f"{statement}-{n}"


def margin_inputs(account: Account, round_: PriceRound, claim: MarginClaim) -> dict[str, str | Sequence[str]]:
    """Witness inputs of `margin` and `margin-lean`.

    Nothing is checked here: a false claim gives inputs that the circuit refuses.

    Args:
        account: the private state.
        round_: the price round, for the account's book.
        claim: the public side.
    """
    inputs = round_.inputs()
    return {
        "commitment": str(claim.commitment),
        "healthy": str(int(claim.healthy)),
        "recipient": str(claim.recipient),
        "effectivePrice": [str(to_field(value)) for value in inputs.effective_prices],
        "marginPerUnit": [str(value) for value in inputs.margins_per_unit],
        "balance": [str(to_field(value)) for value in account.balances],
        "quote": str(to_field(account.quote)),
        "shorts": str(account.shorts),
        "blind": str(account.keys.blind),
    }


def prove_margin(
    account: Account,
    round_: PriceRound,
    artifacts: Artifacts,
    backend: Backend,
    *,
    healthy: bool = True,
    recipient: int = 0,
) -> ProofEnvelope:
    """Prove that a hidden account meets maintenance margin at a round, or that it does not.

    Args:
        account: the private state.
        round_: the price round, for the account's book.
        artifacts: `margin` or `margin-lean` of the book's size; decides which statement is proven.
        backend: makes the proof.
        healthy: the side to prove.
        recipient: address to bind, as an integer below 2^160; 0 for nobody.

    Returns:
        The proof file. It is not verified here: `verifier.verify_envelope` does that.

    Raises:
        InputError: the round prices another book.
        ProvingError: the account stands on the other side of the line, or the artifacts are of another size.
        ToolError: the backend failed.
    """
    if account.health(round_).is_healthy != healthy:
        raise ProvingError(
            f"the account is {_SIDE[not healthy]} maintenance margin at round {round_.id}: "
            f"that it is {_SIDE[healthy]} cannot be proven"
        )
    instance = artifacts.circuit.instance
    statement = next((name for name in STATEMENTS if name == instance.statement), None)
    if statement is None:
        raise ProvingError(f"{instance.name} says nothing of an account at a price round")
    if instance.n != account.book.n:
        raise ProvingError(f"{instance.name} proves accounts of {instance.n} assets, the book has {account.book.n}")
    claim = MarginClaim(account.commitment(), healthy, recipient)
    inputs = round_.inputs()
    proof, signals = backend.prove(artifacts, margin_inputs(account, round_, claim))
    expected = margin_signals(claim, inputs)
    if list(map(int, signals)) != list(expected):
        raise ToolError(f"the prover returned other public signals than {instance.name} has for this round")
    return ProofEnvelope(
        statement=statement,
        n=instance.n,
        book=inputs.book,
        round=inputs.round,
        key=VerifyingKey.load(artifacts.verification_key).digest(),
        proof=Proof.from_json(dict(proof)),
        public_signals=expected,
    )
