"""Groth16 verifying keys: what they are keys of, reading, identity, sanity."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, get_args

from verifier._errors import InputError, VerificationError
from verifier._formats import require_format
from verifier._json import as_list, as_object, read_json
from verifier._proof import G1Point, G2Point, require_groth16
from verifier._statements import STATEMENTS, StatementName, instance_name

Origin = Literal["development", "ceremony"]

FORMAT: Final = "zksolvency/key/1"

_SNARKJS_NAMES: Final = (
    "protocol",
    "curve",
    "nPublic",
    "vk_alpha_1",
    "vk_beta_2",
    "vk_gamma_2",
    "vk_delta_2",
    "IC",
)

_HOW_TO_IMPORT: Final = (
    "the file does not say what it is a key of: check it against the statement with "
    "`zksolvency key import --statement NAME --book BOOK --key FILE --zkey FILE --out FOLDER`"
)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The verifying key of one statement instance.

    Attributes:
        statement: what a proof that it accepts is a proof of.
        n: slots of the book.
        origin: "ceremony" only when the file says so; anything else is a development key, for which anyone can
            forge proofs.
        alpha, beta, gamma, delta: the points of the Groth16 equation.
        ic: nPublic + 1 points; ic[0] belongs to the constant 1.
    """

    statement: StatementName
    n: int
    origin: Origin
    alpha: G1Point
    beta: G2Point
    gamma: G2Point
    delta: G2Point
    ic: tuple[G1Point, ...]

    @classmethod
    def from_json(cls, value: object, where: str = "verifying key") -> Self:
        """Read a key file: the verification_key.json of snarkjs, and what the key is one of.

        Raises:
            InputError: not of that form. For a key as snarkjs writes it the message says how to import it.
            VerificationError: `key-without-contribution`, when gamma = delta.
        """
        if isinstance(value, dict) and "format" not in value and _SNARKJS_NAMES[-1] in value:
            raise InputError(f"{where}: {_HOW_TO_IMPORT}")
        require_format(value, FORMAT, where)
        names = ["format", "statement", "n", "origin", *_SNARKJS_NAMES]
        fields = as_object(value, where, names, optional=["contributions"])
        statement = next((name for name in STATEMENTS if name == fields["statement"]), None)
        if statement is None:
            raise InputError(f"{where}.statement: expected one of {', '.join(STATEMENTS)}")
        n = fields["n"]
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise InputError(f"{where}.n: expected a number from 1")
        origin = next((name for name in get_args(Origin) if name == fields["origin"]), None)
        if origin is None:
            raise InputError(f"{where}.origin: expected 'development' or 'ceremony'")
        return cls._read_points(fields, where, statement, n, origin)

    @classmethod
    def from_snarkjs(
        cls, value: object, statement: StatementName, n: int, origin: Origin, where: str = "verifying key"
    ) -> Self:
        """Read a key as snarkjs writes it. The caller vouches for what it is a key of: nothing in it says so.

        Args:
            value: the JSON value. An origin in it is passed over.
            statement: what a proof that it accepts is a proof of.
            n: slots of the book.
            origin: "ceremony" only for a key that was checked against one.
            where: what to call it in an error.

        Raises:
            InputError, VerificationError: as `from_json`.
        """
        fields = as_object(value, where, _SNARKJS_NAMES, optional=["vk_alphabeta_12", "origin", "contributions"])
        return cls._read_points(fields, where, statement, n, origin)

    @classmethod
    def _read_points(
        cls, fields: Mapping[str, object], where: str, statement: StatementName, n: int, origin: Origin
    ) -> Self:
        require_groth16(fields, where)
        points = as_list(fields["IC"], f"{where}.IC")
        if not isinstance(fields["nPublic"], int) or fields["nPublic"] + 1 != len(points):
            raise InputError(f"{where}: nPublic and the number of IC points do not fit")
        key = cls(
            statement=statement,
            n=n,
            origin=origin,
            alpha=G1Point.from_json(fields["vk_alpha_1"], f"{where}.vk_alpha_1"),
            beta=G2Point.from_json(fields["vk_beta_2"], f"{where}.vk_beta_2"),
            gamma=G2Point.from_json(fields["vk_gamma_2"], f"{where}.vk_gamma_2"),
            delta=G2Point.from_json(fields["vk_delta_2"], f"{where}.vk_delta_2"),
            ic=tuple(G1Point.from_json(point, f"{where}.IC[{i}]") for i, point in enumerate(points)),
        )
        key.require_contribution()
        return key

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a verifying key from a file. Raises as `from_json`."""
        return cls.from_json(read_json(path, "verifying key"), f"verifying key {path}")

    @property
    def public_count(self) -> int:
        """How many public signals the statement has."""
        return len(self.ic) - 1

    def require_contribution(self) -> None:
        """Refuse a key without a phase-2 contribution.

        With gamma = delta the proof A = alpha, B = beta, C = -vk_x satisfies the equation for every statement.

        Raises:
            VerificationError: `key-without-contribution`.
        """
        if self.gamma == self.delta:
            raise VerificationError(
                "key-without-contribution",
                "the verifying key has gamma = delta: its phase 2 has no contribution, so it accepts forged proofs",
            )

    @property
    def instance(self) -> str:
        """What it is a key of, such as "margin-13"."""
        return instance_name(self.statement, self.n)

    def require(self, statement: StatementName, n: int) -> None:
        """Refuse a key of anything but one statement at one size.

        Args:
            statement: what has to be proven.
            n: slots of the book.

        Raises:
            VerificationError: `wrong-key`.
        """
        if (self.statement, self.n) != (statement, n):
            needed = instance_name(statement, n)
            raise VerificationError("wrong-key", f"a key of {needed} is needed, this is one of {self.instance}")

    def to_json(self) -> dict[str, object]:
        """The JSON form. snarkjs takes it too: it passes over the names that it does not know."""
        return {
            "format": FORMAT,
            "statement": self.statement,
            "n": self.n,
            "origin": self.origin,
            "protocol": "groth16",
            "curve": "bn128",
            "nPublic": self.public_count,
            "vk_alpha_1": self.alpha.to_json(),
            "vk_beta_2": self.beta.to_json(),
            "vk_gamma_2": self.gamma.to_json(),
            "vk_delta_2": self.delta.to_json(),
            "IC": [point.to_json() for point in self.ic],
        }

    def digest(self) -> str:
        """SHA-256 over what it is a key of, its origin and its points, in hex (spec ZS-36).

        Proofs and contracts refer to the key by this name.
        """
        content: Sequence[object] = [
            FORMAT,
            self.statement,
            self.n,
            self.origin,
            self.alpha.to_json(),
            self.beta.to_json(),
            self.gamma.to_json(),
            self.delta.to_json(),
            [point.to_json() for point in self.ic],
        ]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
