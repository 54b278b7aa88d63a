"""Curve points and Groth16 proofs, in the JSON form of snarkjs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from verifier._errors import InputError
from verifier._json import as_list, as_object, parse_natural


@dataclass(frozen=True, slots=True)
class G1Point:
    """An affine point of G1 as read: coordinates may still be out of range or off the curve."""

    x: int
    y: int

    @classmethod
    def from_json(cls, value: object, where: str) -> Self:
        """Read snarkjs' [x, y, z] with z = 1.

        Raises:
            InputError: wrong shape, not decimal strings, or z other than 1 (z = 0 is the point at infinity).
        """
        x, y, z = (parse_natural(item, where) for item in as_list(value, where, 3))
        if z != 1:
            raise InputError(f"{where}: expected an affine point with z = 1")
        return cls(x, y)

    def to_json(self) -> list[str]:
        """The [x, y, "1"] of snarkjs."""
        return [str(self.x), str(self.y), "1"]


@dataclass(frozen=True, slots=True)
class G2Point:
    """An affine point of G2; each coordinate is (c0, c1) for c0 + c1 u, the order of snarkjs."""

    x: tuple[int, int]
    y: tuple[int, int]

    @classmethod
    def from_json(cls, value: object, where: str) -> Self:
        """Read snarkjs' [[x0, x1], [y0, y1], [1, 0]].

        Raises:
            InputError: wrong shape, not decimal strings, or not affine.
        """
        x, y, z = (tuple(parse_natural(c, where) for c in as_list(row, where, 2)) for row in as_list(value, where, 3))
        if z != (1, 0):
            raise InputError(f"{where}: expected an affine point with z = [1, 0]")
        return cls((x[0], x[1]), (y[0], y[1]))

    def to_json(self) -> list[list[str]]:
        """The [[x0, x1], [y0, y1], ["1", "0"]] of snarkjs."""
        return [[str(c) for c in self.x], [str(c) for c in self.y], ["1", "0"]]


@dataclass(frozen=True, slots=True)
class Proof:
    """A Groth16 proof (A, B, C). Nothing is known of it until `verify` has accepted it."""

    a: G1Point
    b: G2Point
    c: G1Point

    @classmethod
    def from_json(cls, value: object, where: str = "proof") -> Self:
        """Read the proof.json of snarkjs.

        Raises:
            InputError: not of that form, or of another protocol or curve.
        """
        fields = as_object(value, where, ["pi_a", "pi_b", "pi_c", "protocol", "curve"])
        require_groth16(fields, where)
        return cls(
            a=G1Point.from_json(fields["pi_a"], f"{where}.pi_a"),
            b=G2Point.from_json(fields["pi_b"], f"{where}.pi_b"),
            c=G1Point.from_json(fields["pi_c"], f"{where}.pi_c"),
        )

    def to_json(self) -> dict[str, object]:
        """The proof.json of snarkjs."""
        return {
            "pi_a": self.a.to_json(),
            "pi_b": self.b.to_json(),
            "pi_c": self.c.to_json(),
            "protocol": "groth16",
            "curve": "bn128",
        }


def require_groth16(fields: Mapping[str, object], where: str) -> None:
    """Refuse a proof or key of another protocol or curve.

    Raises:
        InputError: `protocol` is not groth16, or `curve` not bn128.
    """
    for name, expected in (("protocol", "groth16"), ("curve", "bn128")):
        if fields[name] != expected:
            raise InputError(f"{where}.{name}: expected {expected!r}")
