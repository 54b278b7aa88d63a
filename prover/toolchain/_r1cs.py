"""The header of a circom .r1cs file."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from verifier import SCALAR_MODULUS, ToolError

_HEADER_SECTION: Final = 1
_FIELD_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class R1csHeader:
    """The size of a constraint system.

    Attributes:
        wires: length of the witness, the constant 1 included.
        public: public signals: outputs and public inputs.
        private: private inputs.
        constraints: how many.
    """

    wires: int
    public: int
    private: int
    constraints: int

    @property
    def domain_log2(self) -> int:
        """log2 of the evaluation domain that snarkjs takes: constraints, public signals and 1 must fit in it."""
        return (self.constraints + self.public).bit_length()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the header. Format: iden3's r1csfile, version 1.

        Raises:
            ToolError: not such a file, or over another field.
        """
        try:
            return cls._parse(path.read_bytes())
        except (struct.error, ValueError) as error:
            raise ToolError(f"{path}: not an R1CS file of BN254 ({error})") from None

    @classmethod
    def _parse(cls, data: bytes) -> Self:
        magic, version, sections = struct.unpack_from("<4sII", data)
        if (magic, version) != (b"r1cs", 1):
            raise ValueError("wrong magic number or version")
        offset = 12
        for _ in range(sections):
            kind, size = struct.unpack_from("<IQ", data, offset)
            offset += 12
            if kind == _HEADER_SECTION:
                return cls._parse_header(data, offset)
            offset += size
        raise ValueError("no header section")

    @classmethod
    def _parse_header(cls, data: bytes, offset: int) -> Self:
        (field_bytes,) = struct.unpack_from("<I", data, offset)
        prime = int.from_bytes(data[offset + 4 : offset + 4 + _FIELD_BYTES], "little")
        if field_bytes != _FIELD_BYTES or prime != SCALAR_MODULUS:
            raise ValueError("another prime")
        wires, outputs, inputs, private, _, constraints = struct.unpack_from("<IIIIQI", data, offset + 4 + _FIELD_BYTES)
        return cls(wires=wires, public=outputs + inputs, private=private, constraints=constraints)
