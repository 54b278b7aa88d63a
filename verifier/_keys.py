"""Groth16 verifying keys: reading, identity, sanity."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from verifier._errors import InputError, VerificationError
from verifier._json import as_list, as_object, read_json
from verifier._proof import G1Point, G2Point, require_groth16

Origin = Literal["development", "ceremony"]


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The verifying key of one statement instance.

    Attributes:
        alpha, beta, gamma, delta: the points of the Groth16 equation.
        ic: nPublic + 1 points; ic[0] stands for the constant 1.
        origin: "ceremony" only when the file says so; anything else is a development key, under which anybody can
            forge proofs.
    """

    alpha: G1Point
    beta: G2Point
    gamma: G2Point
    delta: G2Point
    ic: tuple[G1Point, ...]
    origin: Origin

    @classmethod
    def from_json(cls, value: object, where: str = "verifying key") -> Self:
        """Read the verification_key.json of snarkjs, with our `origin` beside its fields.

        Raises:
            InputError: not of that form.
            VerificationError: `key-without-contribution`, when gamma = delta.
        """
        fields = as_object(
            value,
            where,
            ["protocol", "curve", "nPublic", "vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "IC"],
            optional=["vk_alphabeta_12", "origin", "contributions"],
        )
        require_groth16(fields, where)
        points = as_list(fields["IC"], f"{where}.IC")
        if not isinstance(fields["nPublic"], int) or fields["nPublic"] + 1 != len(points):
            raise InputError(f"{where}: nPublic and the number of IC points do not fit")
        origin = fields.get("origin", "development")
        if origin not in ("development", "ceremony"):
            raise InputError(f"{where}.origin: expected 'development' or 'ceremony'")
        key = cls(
            alpha=G1Point.from_json(fields["vk_alpha_1"], f"{where}.vk_alpha_1"),
            beta=G2Point.from_json(fields["vk_beta_2"], f"{where}.vk_beta_2"),
            gamma=G2Point.from_json(fields["vk_gamma_2"], f"{where}.vk_gamma_2"),
            delta=G2Point.from_json(fields["vk_delta_2"], f"{where}.vk_delta_2"),
            ic=tuple(G1Point.from_json(point, f"{where}.IC[{i}]") for i, point in enumerate(points)),
            origin="ceremony" if origin == "ceremony" else "development",
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
                "the verifying key has gamma = delta: nobody contributed to its phase 2, so it accepts forged proofs",
            )

    def digest(self) -> str:
        """SHA-256 over the points, in hex: the name by which proofs and contracts refer to this key.

        The origin is left out: it says who made the key, not what the key accepts.
        """
        points: Sequence[object] = [
            self.alpha.to_json(),
            self.beta.to_json(),
            self.gamma.to_json(),
            self.delta.to_json(),
            [point.to_json() for point in self.ic],
        ]
        return hashlib.sha256(json.dumps(points, separators=(",", ":")).encode()).hexdigest()
