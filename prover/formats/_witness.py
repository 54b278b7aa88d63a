"""Witnesses as circom and snarkjs write them (.wtns version 2)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from prover.formats._iden3 import ELEMENT_BYTES, read_bytes, read_sections
from verifier import InputError

_HEADER: Final = 1
_VALUES: Final = 2


@dataclass(frozen=True, slots=True)
class Witness:
    """One value a wire. Secret, so the values are left out of the repr and of every error.

    Attributes:
        values: by wire, each in [0, r); values[0] is 1.
    """

    values: tuple[int, ...] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a .wtns file.

        Raises:
            InputError: it cannot be read, or is malformed.
        """
        return cls.parse(read_bytes(path), str(path))

    @classmethod
    def parse(cls, data: bytes, source: str = "witness") -> Self:
        """Read the content of a .wtns file.

        Args:
            data: the whole file.
            source: what to call it in an error.

        Raises:
            InputError: it is malformed, or over another field.
        """
        sections = read_sections(data, b"wtns", 2, (_HEADER, _VALUES), source)
        header, body = sections[_HEADER], sections[_VALUES]
        header.scalar_field()
        count = header.u32()
        header.end()
        body.expect(count * ELEMENT_BYTES)
        values = tuple([body.element() for _ in range(count)])
        if values[:1] != (1,):
            raise InputError(f"{source}: wire 0 is not the constant 1")
        return cls(values)
