"""Proof files: a snarkjs proof with the names of everything it was made against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from verifier._errors import InputError, VerificationError
from verifier._formats import require_format
from verifier._groth16 import verify
from verifier._json import as_list, as_object, parse_digest, parse_natural, parse_size, read_json
from verifier._keys import VerifyingKey
from verifier._margin import RECIPIENT_BITS, MarginClaim
from verifier._proof import Proof
from verifier._rounds import MARGIN_KINDS, RoundInputs, VectorKind, require_margin_kind
from verifier._statements import MARGIN_STATEMENTS, STATEMENTS, MarginStatement, Value, signal_counts

FORMAT: Final = "zksolvency/proof/1"

Check = Callable[[VerifyingKey, Sequence[int], Proof], None]
"""Accepts a proof for a key and public signals, or raises VerificationError, as `verify` does."""


@dataclass(frozen=True, slots=True)
class ProofEnvelope:
    """A proof as it travels. Every field is a claim of its sender until `verify` has accepted it.

    Attributes:
        statement: "margin" or "margin-lean".
        n: assets of the book.
        book, round, key: digests in hex of what the prover used, so that a refusal can say what differs.
        proof: the Groth16 proof.
        public_signals: as snarkjs reports them.
        kind: of margin that the proof is about.
    """

    statement: MarginStatement
    n: int
    book: str
    round: str
    key: str
    proof: Proof
    public_signals: tuple[int, ...]
    kind: VectorKind = VectorKind.MAINTENANCE

    @classmethod
    def from_json(cls, value: object, where: str = "proof file") -> Self:
        """Read an envelope.

        Raises:
            InputError: malformed, of an unknown format version or statement, or with a wrong number of signals.
        """
        names = ["format", "statement", "n", "book", "round", "key", "proof", "publicSignals"]
        require_format(value, FORMAT, where)
        fields = as_object(value, where, names, ["kind"])
        statement = next((name for name in MARGIN_STATEMENTS if name == fields["statement"]), None)
        if statement is None:
            raise InputError(f"{where}.statement: expected one of {', '.join(MARGIN_STATEMENTS)}")
        named = fields.get("kind", VectorKind.MAINTENANCE)
        kind = next((kind for kind in MARGIN_KINDS if kind == named), None)
        if kind is None:
            raise InputError(f"{where}.kind: expected one of {', '.join(MARGIN_KINDS)}")
        n = parse_size(fields["n"], f"{where}.n")
        signals = as_list(fields["publicSignals"], f"{where}.publicSignals", sum(signal_counts(statement, n)))
        return cls(
            statement=statement,
            n=n,
            book=parse_digest(fields["book"], f"{where}.book"),
            round=parse_digest(fields["round"], f"{where}.round"),
            key=parse_digest(fields["key"], f"{where}.key"),
            proof=Proof.from_json(fields["proof"], f"{where}.proof"),
            public_signals=tuple(parse_natural(s, f"{where}.publicSignals[{i}]") for i, s in enumerate(signals)),
            kind=kind,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an envelope from a file. Raises as `from_json`."""
        return cls.from_json(read_json(path, "proof file"), f"proof file {path}")

    def to_json(self) -> dict[str, object]:
        """The JSON form; `proof` and `publicSignals` are what `snarkjs groth16 verify` takes.

        `kind` is left out at maintenance margin.
        """
        kind = {} if self.kind is VectorKind.MAINTENANCE else {"kind": str(self.kind)}
        return {
            "format": FORMAT,
            "statement": self.statement,
            **kind,
            "n": self.n,
            "book": self.book,
            "round": self.round,
            "key": self.key,
            "proof": self.proof.to_json(),
            "publicSignals": [str(signal) for signal in self.public_signals],
        }

    def values(self) -> dict[str, Value]:
        """What the sender says of every public signal, by name."""
        return STATEMENTS[self.statement].named(self.public_signals, self.n)

    def claim(self) -> MarginClaim:
        """What the sender says was proven.

        Raises:
            VerificationError: `malformed-claim`, when the signals cannot be a claim.
        """
        commitment, healthy, recipient = self.public_signals[: signal_counts(self.statement, self.n)[0]]
        if healthy not in (0, 1) or recipient >= 1 << RECIPIENT_BITS:
            raise VerificationError("malformed-claim", "healthy is not a bit, or recipient is not an address")
        try:
            return MarginClaim(commitment, healthy == 1, recipient)
        except InputError as error:
            raise VerificationError("malformed-claim", str(error)) from None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a verifier holds and requires. None accepts any value, which the claim then has.

    Attributes:
        inputs: the round, as the verifier computes it from its own book and prices.
        statement: a `margin-lean` proof says nothing of a commitment whose state was never validated, so it is
            refused unless asked for.
        healthy: the side that must have been proven.
        commitment: the account that must have been proven.
        recipient: who must be bound into the proof.
        kind: of margin that the proof must be about.

    Raises:
        InputError: a kind that no proof is about.
    """

    inputs: RoundInputs
    statement: MarginStatement = "margin"
    healthy: bool = True
    commitment: int | None = None
    recipient: int | None = None
    kind: VectorKind = VectorKind.MAINTENANCE

    def __post_init__(self) -> None:
        require_margin_kind(self.kind)


def verify_envelope(
    envelope: ProofEnvelope, key: VerifyingKey, expected: Expectation, *, check: Check = verify
) -> MarginClaim:
    """Verify a proof file against what the verifier holds.

    The public signals are computed from `expected.inputs`. Those in the envelope are only compared with them, to say
    why a proof is refused.

    Args:
        envelope: the proof file.
        key: the verifying key that the verifier trusts.
        expected: the round, statement and claim that the verifier demands.
        check: the Groth16 check; py_ecc's unless another is given.

    Returns:
        What was proven.

    Raises:
        VerificationError: `wrong-statement`, `wrong-kind`, `wrong-book`, `wrong-round`, `wrong-key`,
            `malformed-claim`, `wrong-side`, `wrong-commitment`, `wrong-recipient`, `signals-differ-from-round`, or a
            reason of `verify`.
    """
    _require(envelope.statement == expected.statement, "wrong-statement", _statement_refusal(envelope, expected))
    _require(
        envelope.kind is expected.kind,
        "wrong-kind",
        f"expected a proof about {expected.kind} margin, this is one about {envelope.kind} margin",
    )
    _require(
        envelope.book == expected.inputs.book and envelope.n == expected.inputs.vectors.n,
        "wrong-book",
        "the proof was made for another book, or for this one with other assets or margin fractions",
    )
    _require(
        envelope.round == expected.inputs.round,
        "wrong-round",
        "the proof was made for another price round",
    )
    key.require(expected.statement, expected.inputs.vectors.n)
    _require(envelope.key == key.digest(), "wrong-key", "the proof was made with another proving key")
    claim = envelope.claim()
    side = "healthy" if expected.healthy else "liquidatable"
    _require(claim.healthy == expected.healthy, "wrong-side", f"the proof does not say that the account is {side}")
    _require(
        expected.commitment in (None, claim.commitment), "wrong-commitment", "the proof is about another commitment"
    )
    _require(expected.recipient in (None, claim.recipient), "wrong-recipient", "the proof names another recipient")

    signals = claim.signals(expected.inputs.vectors, expected.kind)
    _require(
        signals == envelope.public_signals,
        "signals-differ-from-round",
        "the public signals in the proof file are not those of the round and book",
    )
    check(key, signals, envelope.proof)
    return claim


def _statement_refusal(envelope: ProofEnvelope, expected: Expectation) -> str:
    message = f"expected a proof of {expected.statement}, this is one of {envelope.statement}"
    if envelope.statement == "margin-lean":
        message += ", which is sound only for commitments whose state was validated when it was created"
    return message


def _require(condition: bool, reason: str, message: str) -> None:
    if not condition:
        raise VerificationError(reason, message)
