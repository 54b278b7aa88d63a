"""Rank-1 constraint systems as circom writes them (.r1cs version 1), and their exact evaluation."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Self

from prover.formats._iden3 import ELEMENT_BYTES, Section, read_bytes, read_sections
from verifier import SCALAR_MODULUS, InputError

_HEADER: Final = 1
_CONSTRAINTS: Final = 2
_LABELS: Final = 3
_COUNTS: Final = struct.Struct("<IIIIQI")  # wires, outputs, public inputs, private inputs, labels, constraints
_LABEL: Final = struct.Struct("<Q")
_SMALLEST_CONSTRAINT: Final = 12  # three empty forms, a 32-bit count each

ONE: Final = 0
"""The wire that carries the constant 1."""

LinearForm = Mapping[int, int]
"""Coefficients by wire, each in [1, r)."""


class Constraint(NamedTuple):
    """a * b = c modulo r, where a, b and c are linear forms in the wires."""

    a: LinearForm
    b: LinearForm
    c: LinearForm

    @property
    def wires(self) -> set[int]:
        """Every wire that occurs, without the constant."""
        return {*self.a, *self.b, *self.c} - {ONE}


@dataclass(frozen=True, slots=True)
class R1csHeader:
    """The size of a constraint system.

    Attributes:
        wires: length of the witness, the constant 1 included.
        outputs: public outputs.
        public_inputs: public inputs.
        private_inputs: private inputs.
        labels: signals before the compiler dropped some.
        constraints: how many.
    """

    wires: int
    outputs: int
    public_inputs: int
    private_inputs: int
    labels: int
    constraints: int

    @property
    def public(self) -> int:
        """Public signals: outputs and public inputs."""
        return self.outputs + self.public_inputs

    @property
    def domain_log2(self) -> int:
        """log2 of the evaluation domain that snarkjs takes: constraints, public signals and 1 must fit in it."""
        return (self.constraints + self.public).bit_length()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the header of an .r1cs file.

        Raises:
            InputError: the file cannot be read, is malformed, or over another field.
        """
        return cls.parse(_sections(read_bytes(path), str(path))[_HEADER])

    @classmethod
    def parse(cls, section: Section) -> Self:
        """Read a header section. Raises as `load`."""
        section.scalar_field()
        header = cls(*section.unpack(_COUNTS))
        section.end()
        return header


@dataclass(frozen=True)
class R1CS:
    """A rank-1 constraint system over the scalar field of BN254.

    Wire 0 is the constant 1; then come the outputs, the public inputs, the private inputs, and the rest. A private
    input that no constraint uses has no wire.

    Attributes:
        wires: how many, the constant included.
        outputs: public outputs.
        public_inputs: public inputs.
        private_inputs: private inputs, those without a wire included.
        constraints: in the order of the file.
        labels: the compiler's own number of the signal on each wire, as in the .sym file.
    """

    wires: int
    outputs: int
    public_inputs: int
    private_inputs: int
    constraints: Sequence[Constraint] = field(repr=False)
    labels: Sequence[int] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an .r1cs file.

        Raises:
            InputError: it cannot be read, or is malformed.
        """
        return cls.parse(read_bytes(path), str(path))

    @classmethod
    def parse(cls, data: bytes, source: str = "r1cs") -> Self:
        """Read the content of an .r1cs file.

        Args:
            data: the whole file.
            source: what to call it in an error.

        Raises:
            InputError: it is malformed, over another field, or uses custom gates.
        """
        sections = _sections(data, source)
        header, body, label_section = R1csHeader.parse(sections[_HEADER]), sections[_CONSTRAINTS], sections[_LABELS]
        wires = header.wires
        if 1 + header.public > wires:
            raise InputError(f"{source}: more public signals than wires")

        label_section.expect(wires * _LABEL.size)
        labels = [label for _ in range(wires) for label in label_section.unpack(_LABEL)]
        if labels[ONE] != 0 or len(set(labels)) != wires or max(labels) >= header.labels:
            raise InputError(f"{source}: labels are not distinct numbers in range with 0 for the constant")

        body.require(header.constraints * _SMALLEST_CONSTRAINT)
        constraints = [Constraint(*(_read_form(body, wires, source) for _ in "abc")) for _ in range(header.constraints)]
        body.end()
        return cls(wires, header.outputs, header.public_inputs, header.private_inputs, constraints, labels)

    @property
    def public(self) -> range:
        """Wires of the public signals, in the order in which a verifier takes them."""
        return range(1, 1 + self.outputs + self.public_inputs)

    @property
    def input_labels(self) -> range:
        """Labels of the inputs, public and then private."""
        return range(1 + self.outputs, 1 + self.outputs + self.public_inputs + self.private_inputs)

    @property
    def inputs(self) -> list[int]:
        """Wires of the inputs that have one, public and then private."""
        return [wire for wire, label in enumerate(self.labels) if label in self.input_labels]

    @cached_property
    def touching(self) -> Sequence[Sequence[int]]:
        """Indices of the constraints in which each wire occurs; none for the constant."""
        touching: list[list[int]] = [[] for _ in range(self.wires)]
        for index, constraint in enumerate(self.constraints):
            for wire in constraint.wires:
                touching[wire].append(index)
        return touching

    def violated(self, values: Sequence[int]) -> list[int]:
        """Indices of the constraints that do not hold.

        Args:
            values: one value a wire, modulo r.

        Raises:
            InputError: not one value a wire, or wire 0 is not 1.
        """
        if len(values) != self.wires or values[ONE] != 1:
            raise InputError(f"witness: {self.wires} values are needed, the first of them 1")
        return [
            index
            for index, (a, b, c) in enumerate(self.constraints)
            if (dot(a, values) * dot(b, values) - dot(c, values)) % SCALAR_MODULUS
        ]


def _sections(data: bytes, source: str) -> Mapping[int, Section]:
    return read_sections(data, b"r1cs", 1, (_HEADER, _CONSTRAINTS, _LABELS), source)


def dot(form: LinearForm, values: Sequence[int]) -> int:
    """The value of a linear form, not yet reduced modulo r."""
    return sum([coefficient * values[wire] for wire, coefficient in form.items()])


def _read_form(body: Section, wires: int, source: str) -> dict[int, int]:
    count = body.u32()
    body.require(count * (4 + ELEMENT_BYTES))
    form = {wire: coefficient for wire, coefficient in _read_terms(body, count) if coefficient}
    if len(form) != count or any(wire >= wires for wire in form):
        raise InputError(f"{source}: a constraint names a wire twice, out of range, or with coefficient 0")
    return form


def _read_terms(body: Section, count: int) -> Iterator[tuple[int, int]]:
    for _ in range(count):
        yield body.u32(), body.element()
