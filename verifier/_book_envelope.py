"""Proof files of a margin book's statements: a proof, its public signals, and the key of it (spec ZS-30)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from verifier._envelope import Check
from verifier._errors import InputError, VerificationError
from verifier._formats import require_format
from verifier._groth16 import verify
from verifier._json import as_list, as_object, parse_digest, parse_natural, parse_size, read_json
from verifier._keys import VerifyingKey
from verifier._margin import RECIPIENT_BITS
from verifier._proof import Proof
from verifier._rounds import BASIS
from verifier._statements import BOOK_STATEMENTS, STATEMENTS, BookStatement, Statement, Value, signal_counts

BOOK_PROOF_FORMAT: Final = "zksolvency/book-proof/1"

_OWN: Final[Mapping[BookStatement, tuple[str, ...]]] = {"open": ("domain",), "update": ("reduceOnly",)}
"""Signals of the proof that the verifier must supply, beside those of the round."""

_RATES: Final = ("rate", "uncoveredRate")
"""What the circuit of `release` does not hold to its range (spec ZS-76)."""

_COMMITMENTS: Final = ("commitment", "oldCommitment", "newCommitment")


@dataclass(frozen=True, slots=True)
class BookProofEnvelope:
    """A proof about an account of a margin book, as it travels. Every field is a claim of its sender.

    Attributes:
        statement: "open", "update", "writeoff", "expire", "exit" or "release".
        n: slots of the book.
        key: digest in hex of the verifying key, so that a refusal can say that it differs.
        proof: the Groth16 proof.
        public_signals: all of them, in order.
    """

    statement: BookStatement
    n: int
    key: str
    proof: Proof
    public_signals: tuple[int, ...]

    @classmethod
    def create(cls, key: VerifyingKey, values: Mapping[str, Value], proof: Proof) -> Self:
        """The file of a proof that was just made. It is not verified here.

        Args:
            key: verifying key of the proving key that made it.
            values: every public signal by name, such as `OpeningClaim.values` returns.
            proof: the proof.

        Raises:
            InputError: the key is of no statement that proof files hold, or a signal is missing or of another size.
        """
        statement = _book_statement(key.statement, "key")
        return cls(statement, key.n, key.digest(), proof, STATEMENTS[statement].arrange(values, key.n))

    @classmethod
    def from_json(cls, value: object, where: str = "proof file") -> Self:
        """Read an envelope.

        Raises:
            InputError: malformed, of an unknown format version or statement, or with a wrong number of signals.
        """
        require_format(value, BOOK_PROOF_FORMAT, where)
        fields = as_object(value, where, ["format", "statement", "n", "key", "proof", "publicSignals"])
        statement = _book_statement(fields["statement"], f"{where}.statement")
        n = parse_size(fields["n"], f"{where}.n")
        signals = as_list(fields["publicSignals"], f"{where}.publicSignals", sum(signal_counts(statement, n)))
        return cls(
            statement=statement,
            n=n,
            key=parse_digest(fields["key"], f"{where}.key"),
            proof=Proof.from_json(fields["proof"], f"{where}.proof"),
            public_signals=tuple(parse_natural(s, f"{where}.publicSignals[{i}]") for i, s in enumerate(signals)),
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an envelope from a file. Raises as `from_json`."""
        return cls.from_json(read_json(path, "proof file"), f"proof file {path}")

    def to_json(self) -> dict[str, object]:
        """The JSON form; `proof` and `publicSignals` are what `snarkjs groth16 verify` takes."""
        return {
            "format": BOOK_PROOF_FORMAT,
            "statement": self.statement,
            "n": self.n,
            "key": self.key,
            "proof": self.proof.to_json(),
            "publicSignals": [str(signal) for signal in self.public_signals],
        }

    def values(self) -> dict[str, Value]:
        """What the sender says of every public signal, by name."""
        return STATEMENTS[self.statement].named(self.public_signals, self.n)


@dataclass(frozen=True, slots=True)
class BookExpectation:
    """What a verifier of a margin book's proof holds and requires.

    Attributes:
        statement: what must have been proven.
        values: public signals by name, as the verifier knows or demands them. Those of the round, the `domain` of
            `open` and the `reduceOnly` of `update` must be there. A signal of the proof that is left out may have
            any value, which the result then tells.
    """

    statement: BookStatement
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        row = STATEMENTS[self.statement]
        unknown = [name for name in self.values if name not in row.public]
        if unknown:
            raise InputError(f"{self.statement} has no public signal {unknown[0]!r}; it has {', '.join(row.public)}")
        missing = [name for name in required_signals(self.statement) if name not in self.values]
        if missing:
            raise InputError(f"{self.statement}: the verifier must supply {', '.join(missing)}")


def required_signals(statement: BookStatement) -> tuple[str, ...]:
    """The public signals that a verifier must supply: a proof with the prover's own would prove nothing."""
    return (*_OWN.get(statement, ()), *(signal.name for signal in STATEMENTS[statement].round_signals))


def verify_book_envelope(
    envelope: BookProofEnvelope, key: VerifyingKey, expected: BookExpectation, *, check: Check = verify
) -> dict[str, Value]:
    """Verify a proof file of a margin book's statement against what the verifier holds.

    Only the chain knows whether the commitment is the account's present one, and whether the account may act.

    Args:
        envelope: the proof file.
        key: the verifying key that the verifier trusts.
        expected: the statement, and the signals that the verifier supplies or demands.
        check: the Groth16 check; py_ecc's unless another is given.

    Returns:
        Every public signal by name, as it was proven.

    Raises:
        VerificationError: `wrong-statement`, `wrong-key`, `wrong-round`, `wrong-commitment`, `wrong-recipient`,
            `wrong-signal`, `malformed-claim`, or a reason of `verify`.
    """
    if envelope.statement != expected.statement:
        raise VerificationError(
            "wrong-statement", f"expected a proof of {expected.statement}, this is one of {envelope.statement}"
        )
    key.require(expected.statement, envelope.n)
    if envelope.key != key.digest():
        raise VerificationError("wrong-key", "the proof was made with another proving key")
    row, values = STATEMENTS[expected.statement], envelope.values()
    for name, value in expected.values.items():
        _compare(row, name, _elements(value), _elements(values[name]))
    recipient = values.get("recipient", 0)
    if not isinstance(recipient, int) or recipient >= 1 << RECIPIENT_BITS:
        raise VerificationError("malformed-claim", "recipient is not an address")
    if any(not _is_rate(values.get(name, 0)) for name in _RATES):
        raise VerificationError("malformed-claim", f"a rate is above {BASIS} [1e-4]")
    proven = {**values, **expected.values}
    check(key, row.arrange(proven, envelope.n), envelope.proof)
    return proven


def _compare(row: Statement, name: str, expected: tuple[int, ...], found: tuple[int, ...]) -> None:
    if len(expected) != len(found):
        raise VerificationError(
            "wrong-book", f"the proof is of a book of another size: its {name} has {len(found)} elements"
        )
    if expected == found:
        return
    if any(signal.name == name for signal in row.round_signals):
        raise VerificationError(
            "wrong-round",
            f"the proof was made at other prices, margins or limits: its {name} is not that of your round",
        )
    message = f"the proof is of another {name} than the expected one"
    if name in _COMMITMENTS:
        raise VerificationError("wrong-commitment", message)
    if name == "recipient":
        raise VerificationError("wrong-recipient", message)
    raise VerificationError("wrong-signal", message)


def _is_rate(value: Value) -> bool:
    return isinstance(value, int) and value <= BASIS


def _elements(value: Value) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def _book_statement(value: object, where: str) -> BookStatement:
    statement = next((name for name in BOOK_STATEMENTS if name == value), None)
    if statement is None:
        raise InputError(f"{where}: expected one of {', '.join(BOOK_STATEMENTS)}")
    return statement
