"""The binary container of iden3's tools: a magic word, a version, numbered sections, little-endian throughout.

Source: iden3/binfileutils, and the r1csfile and wtns packages. Every length is checked before it is used.
"""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from verifier import SCALAR_MODULUS, InputError, read_input_file

ELEMENT_BYTES: Final = 32

MAX_SECTIONS: Final = 64
"""No format has more than a dozen."""

_PREAMBLE: Final = struct.Struct("<II")  # version, number of sections
_SECTION: Final = struct.Struct("<IQ")  # kind, size


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises as `read_input_file`."""
    return read_input_file(path, str(path))


def read_sections(data: bytes, magic: bytes, version: int, kinds: Iterable[int], source: str) -> dict[int, "Section"]:
    """Take a container apart.

    Args:
        data: the whole file.
        magic: its four first bytes.
        version: the one version that is understood.
        kinds: the sections it must have, each once, and no other.
        source: what to call the file in an error.

    Raises:
        InputError: another magic word, version or set of sections, a section cut short, bytes left over.
    """
    preamble = Section(data, source)
    if preamble.take(len(magic)) != magic:
        raise InputError(f"{source}: not a {magic.decode()} file")
    found_version, count = preamble.unpack(_PREAMBLE)
    if found_version != version:
        raise InputError(f"{source}: version {found_version}; only {version} is understood")
    if count > MAX_SECTIONS:
        raise InputError(f"{source}: {count} sections; at most {MAX_SECTIONS} are understood")
    sections: dict[int, Section] = {}
    for _ in range(count):
        kind, size = preamble.unpack(_SECTION)
        if kind in sections:
            raise InputError(f"{source}: section {kind} occurs twice")
        sections[kind] = Section(preamble.take(size), f"{source}, section {kind}")
    preamble.end()
    if set(sections) != set(kinds):
        raise InputError(f"{source}: sections {sorted(sections)}; {sorted(kinds)} are needed and no other understood")
    return sections


class Section:
    """Reads a run of bytes from front to back and never past its end."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._offset = 0

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            InputError: fewer are left.
        """
        taken = self._data[self._offset : self._offset + size]
        if len(taken) != size:
            raise InputError(f"{self._name}: cut short")
        self._offset += size
        return taken

    def unpack(self, layout: struct.Struct) -> tuple[int, ...]:
        """The next fields of a fixed layout. Raises as `take`."""
        return layout.unpack(self.take(layout.size))

    def u32(self) -> int:
        """The next 32-bit integer. Raises as `take`."""
        return int.from_bytes(self.take(4), "little")

    def element(self) -> int:
        """The next field element.

        Raises:
            InputError: it is not below r, or fewer bytes are left.
        """
        value = int.from_bytes(self.take(ELEMENT_BYTES), "little")
        if value >= SCALAR_MODULUS:
            raise InputError(f"{self._name}: a number is not below the scalar modulus")
        return value

    def scalar_field(self) -> None:
        """Skip the declaration of the field: size in bytes and prime.

        Raises:
            InputError: it is not the scalar field of BN254.
        """
        if self.u32() != ELEMENT_BYTES or int.from_bytes(self.take(ELEMENT_BYTES), "little") != SCALAR_MODULUS:
            raise InputError(f"{self._name}: not over the scalar field of BN254")

    def expect(self, size: int) -> None:
        """Check how many bytes are left, before memory is taken for them.

        Raises:
            InputError: more or fewer.
        """
        left = len(self._data) - self._offset
        if left != size:
            raise InputError(f"{self._name}: {left} bytes where {size} are needed")

    def require(self, size: int) -> None:
        """Check that at least so many bytes are left, before memory is taken for them.

        Raises:
            InputError: fewer.
        """
        if len(self._data) - self._offset < size:
            raise InputError(f"{self._name}: cut short")

    def end(self) -> None:
        """Check that nothing is left. Raises as `expect`."""
        self.expect(0)
