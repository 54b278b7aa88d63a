"""Names of wires as circom writes them (.sym)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from prover.formats._iden3 import read_bytes
from prover.formats._r1cs import R1CS
from verifier import InputError


@dataclass(frozen=True)
class Symbols:
    """Names of the signals of a circuit, without `main.`, and the wire of each.

    Attributes:
        wires: wire by name. Several names may share a wire.
        labels: label by name: the compiler's own number of the signal.
        eliminated: signals without a wire: the compiler wrote a linear form of others in their place.
    """

    wires: Mapping[str, int]
    labels: Mapping[str, int]
    eliminated: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a .sym file.

        Raises:
            InputError: it cannot be read, or is malformed.
        """
        try:
            return cls.parse(read_bytes(path).decode(), str(path))
        except UnicodeDecodeError:
            raise InputError(f"{path}: not a text file") from None

    @classmethod
    def parse(cls, text: str, source: str = "symbols") -> Self:
        """Read the content of a .sym file: lines of label, wire (-1: eliminated), component, name.

        Args:
            text: the whole file.
            source: what to call it in an error.

        Raises:
            InputError: it is malformed, or names a signal twice.
        """
        wires: dict[str, int] = {}
        labels: dict[str, int] = {}
        eliminated: set[str] = set()
        for number, line in enumerate(text.splitlines(), start=1):
            *numbers, name = line.split(",")
            try:
                label, wire, _ = map(int, numbers)
            except ValueError:
                raise InputError(f"{source}: line {number} is not label,wire,component,name") from None
            name = name.removeprefix("main.")
            if name in labels:
                raise InputError(f"{source}: line {number} names a signal for the second time")
            labels[name] = label
            if wire < 0:
                eliminated.add(name)
            else:
                wires[name] = wire
        return cls(wires, labels, frozenset(eliminated))

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The first name of each wire that has one."""
        names: dict[int, str] = {}
        for name, wire in self.wires.items():
            names.setdefault(wire, name)
        return names

    def require_same_circuit(self, r1cs: R1CS) -> None:
        """Check that these names belong to a constraint system: the labels of both agree on every wire.

        Raises:
            InputError: they do not.
        """
        named = set()
        for name, wire in self.wires.items():
            if not 0 < wire < r1cs.wires:
                raise InputError("symbols: they name a wire that the constraint system does not have")
            if r1cs.labels[wire] == self.labels[name]:
                named.add(wire)
        if len(named) != r1cs.wires - 1:
            raise InputError("symbols: they belong to another circuit than the constraint system")
