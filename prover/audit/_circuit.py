"""A constraint system with its declaration: the role of each wire."""

import re
from collections.abc import Iterable, Mapping, Sequence

from prover.audit._declaration import Declaration, Signals
from prover.formats import R1CS, Symbols
from verifier import InputError


class Circuit:
    """Roles of the wires.

    Attributes:
        r1cs: the constraints.
        declared_public: wires of the signals declared public, in order.
        meaning: wires of public signals and state.
        inputs: wires that the prover sets as it likes: inputs, except those declared determined.
        derived: every other wire but the constant: the inputs must leave no choice in them.
        lost: names of inputs and declared signals without a wire: no constraint uses them, or the compiler wrote a
            linear form in other signals in their place.
        is_unverifiable: whether a declared signal is among them, so that no witness can be judged.
    """

    def __init__(self, r1cs: R1CS, symbols: Symbols, declaration: Declaration) -> None:
        """Raises InputError: the symbols are another circuit's, or the circuit has no signal of a declared name."""
        symbols.require_same_circuit(r1cs)
        self.r1cs = r1cs
        self._symbols = symbols
        self._declaration = declaration
        declared = _elements_by_signal(symbols, (*declaration.public, *declaration.state))
        if unknown := set(declaration.determined) - set(declared):
            raise InputError(f"declaration: determined, but neither public nor state: {', '.join(sorted(unknown))}")
        inputs = {name for name, label in symbols.labels.items() if label in r1cs.input_labels}
        self.lost = sorted(symbols.eliminated & inputs.union(*declared.values()))
        self.is_unverifiable = not symbols.eliminated.isdisjoint(
            element for found in declared.values() for element in found
        )
        self._wires = {
            name: [symbols.wires[element] for element in elements if element in symbols.wires]
            for name, elements in declared.items()
        }

        self.declared_public = [wire for name in declaration.public for wire in self._wires[name]]
        self.meaning = frozenset(wire for wires in self._wires.values() for wire in wires)
        determined = {wire for name in declaration.determined for wire in self._wires[name]}
        self.inputs = frozenset(r1cs.inputs) - determined
        self.derived = frozenset(range(1, r1cs.wires)) - self.inputs
        self._patterns = {
            pattern: re.compile(".*".join(map(re.escape, pattern.split("*")))) for pattern in declaration.harmless
        }
        self._exemptions: dict[str, str | None] = {}

    def name(self, wire: int) -> str:
        """Name of a wire, as in the source."""
        return self._symbols.names[wire]

    def names(self, wires: Iterable[int]) -> list[str]:
        """Names of wires, in the order of the wires."""
        return [self.name(wire) for wire in sorted(wires)]

    def exemption(self, name: str) -> str | None:
        """The pattern that declares a signal harmless, if one does."""
        if name not in self._exemptions:
            found = (pattern for pattern, expression in self._patterns.items() if expression.fullmatch(name))
            self._exemptions[name] = next(found, None)
        return self._exemptions[name]

    def holds(self, values: Sequence[int]) -> bool:
        """Whether the reference calls the statement true of the public signals and the state in these values."""
        return self._declaration.holds(self.signals(values))

    def signals(self, values: Sequence[int]) -> Signals:
        """The public signals and the state, by name. Secret."""
        return {name: tuple(values[wire] for wire in wires) for name, wires in self._wires.items()}


def _elements_by_signal(symbols: Symbols, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    elements: dict[str, list[str]] = {name: [] for name in names}
    for element in symbols.labels:
        signal = element.split("[", 1)[0]
        if signal in elements:
            elements[signal].append(element)
    for name, found in elements.items():
        if not found:
            raise InputError(f"declaration: the circuit has no signal {name}")
    return elements
