"""`zksolvency verify`."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import PriceRound, backend_check, instance_name
from prover.cli._built import verification_key
from prover.cli._commands import examples, new_app
from prover.cli._files import load_round
from prover.cli._options import (
    BookOption,
    JsonFlag,
    RecipientOption,
    RoundOption,
    StatementOption,
    as_address,
    parse_field_element,
)
from prover.cli._output import as_hex, emit, print_facts, side, warn
from prover.formats import format_utc
from prover.toolchain import BackendName, open_backend
from verifier import (
    Expectation,
    MarginClaim,
    MarginStatement,
    ProofEnvelope,
    VerifyingKey,
    require_fresh,
    verify_envelope,
)

app = new_app()


class Checker(StrEnum):
    """What decides whether the Groth16 equation holds."""

    PY_ECC = "py_ecc"
    NATIVE = "native"
    SNARKJS = "snarkjs"


@app.command(
    epilog=examples(
        "zksolvency verify proof.json --round round.json --commitment 0x1f0c...",
        "zksolvency verify flag.json --round round.json --liquidatable",
        "zksolvency verify proof.json --round round.json --key verification_key.json",
        "zksolvency verify proof.json --round round.json --max-age 300",
    )
)
def verify(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="Proof file.")],
    round_: RoundOption,
    commitment: Annotated[
        int | None,
        typer.Option(
            "--commitment",
            metavar="NUMBER",
            parser=parse_field_element,
            help="The account that must have been proven, in hex or decimal.  [default: the one in the proof file]",
        ),
    ] = None,
    liquidatable: Annotated[
        bool, typer.Option("--liquidatable", help="Demand that the account is below maintenance margin.")
    ] = False,
    recipient: RecipientOption = None,
    statement: StatementOption = "margin",
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="verification_key.json.  [default: this machine's development key]"),
    ] = None,
    max_age: Annotated[
        int | None,
        typer.Option(
            "--max-age",
            metavar="SECONDS",
            min=0,
            help="How old the round may be, by this machine's clock.  [default: any]",
        ),
    ] = None,
    checker: Annotated[Checker, typer.Option("--with", help="What checks the Groth16 equation.")] = Checker.PY_ECC,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Verify a proof file against the round, book and key that you hold.

    The public signals are computed from your round and book; those in the proof file are never trusted. A
    refusal names its reason and exits with code 1. How old the prices are, the proof does not say: --max-age does.
    """
    envelope = ProofEnvelope.load(proof)
    prices = load_round(round_, book)
    key_file = verification_key(instance_name(statement, prices.book.n), key)
    verifying_key = VerifyingKey.load(key_file)
    if max_age is not None:
        require_fresh(prices.timestamp, int(time.time()), max_age)
    expected = Expectation(
        prices.inputs(),
        statement=statement,
        healthy=not liquidatable,
        commitment=commitment,
        recipient=recipient,
    )
    claim = _verified(envelope, verifying_key, expected, checker)
    _caution(verifying_key, statement, commitment)
    _tell(claim, envelope, prices, verifying_key, checker, as_json=as_json)


def _verified(envelope: ProofEnvelope, key: VerifyingKey, expected: Expectation, checker: Checker) -> MarginClaim:
    if checker is Checker.PY_ECC:
        return verify_envelope(envelope, key, expected)
    with open_backend(BackendName(checker.value)) as backend:
        return verify_envelope(envelope, key, expected, check=backend_check(backend))


def _caution(key: VerifyingKey, statement: MarginStatement, commitment: int | None) -> None:
    """Say what the verdict leaves open."""
    if key.origin == "development":
        warn("development key: anyone can forge proofs")
    if statement == "margin-lean":
        warn("margin-lean says nothing of a commitment whose state was never validated")
    if commitment is None:
        warn("no --commitment was given: whose account this is, the proof file alone says")


def _tell(
    claim: MarginClaim,
    envelope: ProofEnvelope,
    prices: PriceRound,
    key: VerifyingKey,
    checker: Checker,
    *,
    as_json: bool,
) -> None:
    def render(console: Console) -> None:
        console.print("verified", style="bold green")
        print_facts(
            console,
            [
                ("statement", f"{envelope.statement}, {envelope.n} slots, book {prices.book.name}"),
                ("proven", side(claim.healthy)),
                ("commitment", as_hex(claim.commitment)),
                ("round", f"{prices.id} at {format_utc(prices.timestamp)}"),
                ("recipient", as_address(claim.recipient) if claim.recipient else "none"),
                ("key", f"{key.origin}, {envelope.key}"),
                ("checked by", checker.value),
            ],
        )

    result = {
        "verified": True,
        "statement": envelope.statement,
        "n": envelope.n,
        "healthy": claim.healthy,
        "commitment": as_hex(claim.commitment),
        "recipient": as_address(claim.recipient),
        "round": {"id": prices.id, "timestamp": prices.timestamp, "digest": envelope.round},
        "book": {"name": prices.book.name, "digest": envelope.book},
        "key": {"origin": key.origin, "digest": envelope.key},
        "checked_by": checker.value,
    }
    emit(result, render, as_json=as_json)
