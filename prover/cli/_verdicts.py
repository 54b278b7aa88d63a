"""What `verify` tells of the proofs that it was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from prover import PriceRound
from prover.cli._options import as_address
from prover.cli._output import as_hex, emit, print_facts, side
from prover.cli._verdict_words import WORDS
from prover.formats import format_utc
from verifier import (
    AnyEnvelope,
    MarginClaim,
    ProofEnvelope,
    Value,
    VectorKind,
    VerificationError,
    VerifyingKey,
    scalar_signals,
)


@dataclass(frozen=True)
class Verdict:
    """What became of one proof.

    Attributes:
        name: of the file, or its number in a bundle.
        envelope: the proof file.
        proven: the signals of the proof by name; None when it is refused.
        refusal: why it is refused.
    """

    name: str
    envelope: AnyEnvelope
    proven: Mapping[str, Value] | None
    refusal: VerificationError | None = None


def tell(
    verdicts: Sequence[Verdict],
    prices: PriceRound | None,
    key: VerifyingKey,
    checker: str,
    *,
    as_json: bool,
) -> None:
    """Print what was proven, what that shows and what it leaves open; of several proofs each.

    Args:
        verdicts: of every proof, all of one statement.
        prices: the round; None where the statement has none.
        key: the verifying key.
        checker: what checked the equation.
        as_json: print one JSON object.
    """
    shared: dict[str, Any] = {
        "round": None
        if prices is None
        else {"id": prices.id, "timestamp": prices.timestamp, "digest": prices.digest()},
        "book": None if prices is None else {"name": prices.book.name, "digest": prices.book.digest()},
        "key": {"origin": key.origin, "digest": key.digest()},
        "checked_by": checker,
    }
    results = [_result(one) for one in verdicts]
    verified = all(one.refusal is None for one in verdicts)
    words = WORDS[verdicts[0].envelope.statement]
    result: dict[str, Any] = {"verified": verified}
    result |= results[0] if len(results) == 1 else {"proofs": results}

    def render(console: Console) -> None:
        for one in verdicts:
            told, style = _headline(one, is_alone=len(verdicts) == 1)
            console.print(told, style=style, soft_wrap=True)
            print_facts(console, _facts(one))
        print_facts(
            console,
            [
                ("shows", words.shows),
                ("leaves open", words.leaves_open),
                *([] if prices is None else [("round", f"{prices.id} at {format_utc(prices.timestamp)}")]),
                ("key", f"{key.origin}, {key.digest()}"),
                ("checked by", checker),
            ],
        )

    emit(result | shared, render, as_json=as_json)


def _headline(verdict: Verdict, *, is_alone: bool) -> tuple[str, str]:
    """The answer, and its style."""
    if verdict.refusal is not None:
        return f"{verdict.name}: refused ({verdict.refusal.reason}): {verdict.refusal}", "bold red"
    return "verified" if is_alone else f"{verdict.name}: verified", "bold green"


def _result(verdict: Verdict) -> dict[str, Any]:
    envelope, proven = verdict.envelope, verdict.proven
    head = {"statement": envelope.statement, "n": envelope.n}
    if proven is None:
        refusal = verdict.refusal
        reason = None if refusal is None else refusal.reason
        return {"file": verdict.name, "verified": False, **head, "reason": reason, "message": str(refusal)}
    return head | _claims(envelope, proven)


def _claims(envelope: AnyEnvelope, proven: Mapping[str, Value]) -> dict[str, Any]:
    """What was proven, less ciphertext and round; signals as decimal text, since JSON readers round large numbers."""
    if isinstance(envelope, ProofEnvelope):
        claim = envelope.claim()
        return {
            "kind": str(envelope.kind),
            "healthy": claim.healthy,
            "commitment": as_hex(claim.commitment),
            "recipient": as_address(claim.recipient),
        }
    names = scalar_signals(envelope.statement)
    return {"signals": {name: str(proven[name]) for name in names}}


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    envelope, proven = verdict.envelope, verdict.proven
    lines = [("statement", f"{envelope.statement}, {envelope.n} slots")]
    if proven is None:
        return lines
    if isinstance(envelope, ProofEnvelope):
        return lines + _margin_facts(envelope.claim(), envelope.kind)
    values = {name: proven[name] for name in scalar_signals(envelope.statement)}
    return lines + [(name, _shown(name, value)) for name, value in values.items()]


def _margin_facts(claim: MarginClaim, kind: VectorKind) -> list[tuple[str, str]]:
    return [
        ("proven", side(claim.healthy, kind)),
        ("commitment", as_hex(claim.commitment)),
        ("recipient", as_address(claim.recipient) if claim.recipient else "none"),
    ]


def _shown(name: str, value: Value) -> str:
    number = value if isinstance(value, int) else 0
    if name == "recipient":
        return as_address(number) if number else "none"
    return str(number) if number < 1 << 160 else as_hex(number)
