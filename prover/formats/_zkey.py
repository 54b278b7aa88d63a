"""What a Groth16 proving key of snarkjs (.zkey) says of its circuit and of its verifying key.

Source: snarkjs, zkey_utils.js and zkey_new.js. Coordinates are in Montgomery form, times 2^256; coefficients are stored
times 2^512. The points that only a prover needs are passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from prover.formats._iden3 import ELEMENT_BYTES, Section, read_bytes, read_sections
from prover.formats._r1cs import ONE, R1CS, LinearForm
from verifier import BASE_MODULUS, SCALAR_MODULUS, G1Point, G2Point, InputError, VerifyingKey

_SECTIONS: Final = range(1, 11)
_PROTOCOL, _HEADER, _IC, _COEFFICIENTS = 1, 2, 3, 4
_GROTH16: Final = 1
_COEFFICIENT_BYTES: Final = 12 + ELEMENT_BYTES
_FROM_MONTGOMERY: Final = pow(1 << 256, -1, BASE_MODULUS)
_FROM_DOUBLE_MONTGOMERY: Final = pow(1 << 512, -1, SCALAR_MODULUS)

Row = Mapping[int, int]
"""One row of a matrix: coefficients by wire."""


@dataclass(frozen=True)
class ProvingKeyFile:
    """The part of a proving key that identifies its circuit.

    Attributes:
        wires: length of the witness, the constant included.
        public: how many public signals.
        alpha, beta, gamma, delta, ic: the points of the verifying key.
        matrices: the rows of A and of B by number, those without coefficients left out. The matrix C is nowhere in the
            file but in the points.
    """

    wires: int
    public: int
    alpha: G1Point
    beta: G2Point
    gamma: G2Point
    delta: G2Point
    ic: tuple[G1Point, ...]
    matrices: tuple[Mapping[int, Row], Mapping[int, Row]] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a .zkey file.

        Raises:
            InputError: it cannot be read, is malformed, or is no Groth16 key on BN254.
        """
        source = str(path)
        sections = read_sections(read_bytes(path), b"zkey", 1, _SECTIONS, source)
        if sections[_PROTOCOL].u32() != _GROTH16:
            raise InputError(f"{source}: no Groth16 key")
        header = sections[_HEADER]
        if header.u32() != ELEMENT_BYTES or int.from_bytes(header.take(ELEMENT_BYTES), "little") != BASE_MODULUS:
            raise InputError(f"{source}: not on the curve BN254")
        header.scalar_field()
        wires, public, _ = header.u32(), header.u32(), header.u32()
        alpha, _ = _g1(header), _g1(header)
        beta, gamma = _g2(header), _g2(header)
        _, delta = _g1(header), _g2(header)
        header.end()
        body = sections[_IC]
        body.expect((public + 1) * 2 * ELEMENT_BYTES)
        ic = tuple(_g1(body) for _ in range(public + 1))
        return cls(wires, public, alpha, beta, gamma, delta, ic, _matrices(sections[_COEFFICIENTS], source))

    def has(self, key: VerifyingKey) -> bool:
        """Whether a verifying key has the very points of this proving key."""
        ours = (self.alpha, self.beta, self.gamma, self.delta, self.ic)
        return ours == (key.alpha, key.beta, key.gamma, key.delta, key.ic)

    def is_of(self, system: R1CS) -> bool:
        """Whether the sizes and the matrices A and B are those of a constraint system."""
        public = [ONE, *system.public]
        # snarkjs adds a row to A for the constant and for each public signal, so that each is bound.
        bound: list[LinearForm] = [{wire: 1} for wire in public]
        left = _rows([*(constraint.a for constraint in system.constraints), *bound])
        right = _rows([constraint.b for constraint in system.constraints])
        return (self.wires, self.public, *self.matrices) == (system.wires, len(public) - 1, left, right)


def _rows(forms: Sequence[LinearForm]) -> dict[int, Row]:
    return {number: form for number, form in enumerate(forms) if form}


def _matrices(section: Section, source: str) -> tuple[Mapping[int, Row], Mapping[int, Row]]:
    count = section.u32()
    section.expect(count * _COEFFICIENT_BYTES)
    matrices: tuple[dict[int, dict[int, int]], dict[int, dict[int, int]]] = {}, {}
    for _ in range(count):
        matrix, number, wire = section.u32(), section.u32(), section.u32()
        value = section.element() * _FROM_DOUBLE_MONTGOMERY % SCALAR_MODULUS
        if matrix >= len(matrices) or wire in matrices[matrix].setdefault(number, {}):
            raise InputError(f"{source}: a coefficient of no matrix, or one that occurs twice")
        matrices[matrix][number][wire] = value
    return matrices


def _g1(section: Section) -> G1Point:
    return G1Point(_coordinate(section), _coordinate(section))


def _g2(section: Section) -> G2Point:
    x, y = ((_coordinate(section), _coordinate(section)) for _ in "xy")
    return G2Point(x, y)


def _coordinate(section: Section) -> int:
    return int.from_bytes(section.take(ELEMENT_BYTES), "little") * _FROM_MONTGOMERY % BASE_MODULUS
