"""Bundles: proof files of one statement with what a counterparty needs to verify them (spec ZS-37)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from verifier._book_envelope import BOOK_PROOF_FORMAT, BookProofEnvelope
from verifier._envelope import ProofEnvelope
from verifier._errors import InputError, VerificationError
from verifier._formats import require_format
from verifier._json import as_list, as_object, parse_digest, parse_natural, read_json
from verifier._keys import VerifyingKey
from verifier._statements import STATEMENTS, Shape, StatementName, Value

BUNDLE_FORMAT: Final = "zksolvency/bundle/1"
MAX_PROOFS: Final = 256
"""In one bundle."""

AnyEnvelope = ProofEnvelope | BookProofEnvelope
"""A proof file of any statement."""


def envelope_from_json(value: object, where: str = "proof file") -> AnyEnvelope:
    """Read a proof file of any statement. Raises InputError as `ProofEnvelope.from_json`."""
    if isinstance(value, dict) and value.get("format") == BOOK_PROOF_FORMAT:
        return BookProofEnvelope.from_json(value, where)
    return ProofEnvelope.from_json(value, where)


@dataclass(frozen=True)
class Bundle:
    """Proofs of one statement, size and key, and what their sender says of them. Nothing of it is trusted.

    Attributes:
        proofs: the proof files, in the sender's order.
        expectations: for each proof what it shows, by name of a public signal that is one number.
        round_digest: of the price round that the sender used; None where the statement has no prices.
        round: the content of the sender's round file; None where it is left out.
        key: the verifying key; None where it is left out. Its digest is in every proof.
    """

    proofs: tuple[AnyEnvelope, ...]
    expectations: tuple[Mapping[str, int], ...]
    round_digest: str | None = None
    round: Mapping[str, object] | None = None
    key: VerifyingKey | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.proofs) <= MAX_PROOFS:
            raise InputError(f"bundle: expected 1 to {MAX_PROOFS} proofs")
        if len({_family(one) for one in self.proofs}) != 1:
            raise InputError(
                "bundle: the proofs are of different statements, kinds, sizes or keys; make a bundle for each"
            )
        if len(self.expectations) != len(self.proofs):
            raise InputError("bundle: it has not one set of expectations for each proof")
        names = scalar_signals(self.statement)
        unknown = [name for one in self.expectations for name in one if name not in names]
        if unknown:
            raise InputError(f"bundle: {unknown[0][:40]!r} is no expectation; {self.statement} has {', '.join(names)}")
        if self.round is not None and self.round_digest is None:
            raise InputError("bundle: it has a price round, and no digest of it")
        if self.key is not None and self.key.digest() != self.key_digest:
            raise InputError("bundle: its key is not the one that its proofs name")

    @property
    def statement(self) -> StatementName:
        """What the proofs are of."""
        return self.proofs[0].statement

    @property
    def n(self) -> int:
        """Slots of the book."""
        return self.proofs[0].n

    @property
    def key_digest(self) -> str:
        """Digest in hex of the verifying key that the proofs name."""
        return self.proofs[0].key

    @classmethod
    def from_json(cls, value: object, where: str = "bundle") -> Self:
        """Read a bundle.

        Raises:
            InputError: malformed, or of an unknown format version.
            VerificationError: `key-without-contribution`, of the key in it.
        """
        require_format(value, BUNDLE_FORMAT, where)
        fields = as_object(value, where, ["format", "key", "proofs"], ["round", "verifyingKey"])
        entries = [
            as_object(entry, f"{where}.proofs[{i}]", ["proof", "shows"])
            for i, entry in enumerate(as_list(fields["proofs"], f"{where}.proofs"))
        ]
        proofs = tuple(envelope_from_json(entry["proof"], f"{where}.proofs[{i}]") for i, entry in enumerate(entries))
        round_ = fields.get("round")
        if round_ is not None:
            round_ = as_object(round_, f"{where}.round", ["digest"], ["file"])
        content = None if round_ is None else round_.get("file")
        if content is not None and not isinstance(content, dict):
            raise InputError(f"{where}.round.file: expected an object")
        key = fields.get("verifyingKey")
        bundle = cls(
            proofs,
            tuple(_expectations(entry["shows"], f"{where}.proofs[{i}].shows") for i, entry in enumerate(entries)),
            None if round_ is None else parse_digest(round_["digest"], f"{where}.round.digest"),
            content,
            None if key is None else VerifyingKey.from_json(key, f"{where}.verifyingKey"),
        )
        if parse_digest(fields["key"], f"{where}.key") != bundle.key_digest:
            raise InputError(f"{where}.key: not the key that the proofs name")
        return bundle

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a bundle from a file. Raises as `from_json`."""
        return cls.from_json(read_json(path, "bundle"), f"bundle {path}")

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        content: dict[str, object] = {"format": BUNDLE_FORMAT, "key": self.key_digest}
        if self.round_digest is not None:
            content["round"] = {"digest": self.round_digest} | ({} if self.round is None else {"file": self.round})
        content["proofs"] = [
            {"proof": proof.to_json(), "shows": {name: str(value) for name, value in shows.items()}}
            for proof, shows in zip(self.proofs, self.expectations, strict=True)
        ]
        return content if self.key is None else content | {"verifyingKey": self.key.to_json()}

    def require_described(self, index: int, proven: Mapping[str, Value]) -> None:
        """Compare what a proof shows with what the sender says that it shows.

        Args:
            index: of the proof.
            proven: its public signals by name, once it is verified.

        Raises:
            VerificationError: `differs-from-description`.
        """
        for name, value in self.expectations[index].items():
            if proven.get(name) != value:
                raise VerificationError(
                    "differs-from-description", f"the bundle says that {name} is {value}, the proof shows another one"
                )


def _family(proof: AnyEnvelope) -> tuple[object, ...]:
    """What all proofs of a bundle have in common."""
    kind = proof.kind if isinstance(proof, ProofEnvelope) else None
    return proof.statement, kind, proof.n, proof.key


def scalar_signals(statement: StatementName) -> Sequence[str]:
    """The signals of a proof that are one number, which a bundle may name."""
    return [name for name, shape in STATEMENTS[statement].proof_signals if shape is Shape.SCALAR]


def _expectations(value: object, where: str) -> dict[str, int]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object")
    return {name: parse_natural(number, f"{where}.{name[:40]}") for name, number in value.items()}
