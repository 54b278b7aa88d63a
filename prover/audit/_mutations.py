"""Changing one wire, or two, of a valid witness."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prover.audit._circuit import Circuit
from prover.audit._finding_collector import FindingCollector
from prover.audit._report import Check
from prover.audit._roots import roots
from prover.formats import R1CS, dot
from verifier import SCALAR_MODULUS

_SHIFTS: Final = (4, 32, 64, 80, 128, 144, 152, 252)
"""x + 2^k: the widths of the project's ranges, a few below, and one just inside the field."""


def other_values(value: int, rng: random.Random) -> Iterator[int]:
    """Values that an attacker would try in place of a field element; `value` itself is not among them."""
    tried = {value}
    shifts = ((value + (1 << shift)) % SCALAR_MODULUS for shift in _SHIFTS)
    steps = ((value + step) % SCALAR_MODULUS for step in (1, -1))
    for candidate in (0, 1, *steps, -value % SCALAR_MODULUS, *shifts, rng.randrange(SCALAR_MODULUS)):
        if candidate not in tried:
            tried.add(candidate)
            yield candidate


def check_single_changes(circuit: Circuit, base: Sequence[int], rng: random.Random, findings: FindingCollector) -> None:
    """Change every wire, one at a time; the findings receive each change that the constraints accept."""
    neighbourhood = Neighbourhood(circuit.r1cs, base)
    for wire in range(1, circuit.r1cs.wires):
        for value in other_values(base[wire], rng):
            findings.sizes["single changes tried"] += 1
            if neighbourhood.accepts({wire: value}):
                findings.add_witness(Check.MUTATION, base, _changed(base, {wire: value}), [wire])


def check_pair_changes(
    circuit: Circuit, base: Sequence[int], count: int, rng: random.Random, findings: FindingCollector
) -> None:
    """Change two wires at once.

    Two wires that share no constraint can change together exactly when each can alone, so both are drawn from one
    constraint. The second takes the value that keeps that constraint true, or any other value where there is no such
    value: two independent values would almost never do.

    Args:
        circuit: the circuit.
        base: values of a valid witness.
        count: how many pairs to try.
        rng: source of the choices.
        findings: receives accepted changes.
    """
    neighbourhood = Neighbourhood(circuit.r1cs, base)
    shared = [(index, sorted(row.wires)) for index, row in enumerate(circuit.r1cs.constraints) if len(row.wires) > 1]
    for _ in range(count if shared else 0):
        index, wires = rng.choice(shared)
        first, second = rng.sample(wires, 2)
        value = rng.choice(list(other_values(base[first], rng)))
        answers = neighbourhood.compensate(index, first, value, second) or list(other_values(base[second], rng))
        answer = rng.choice(answers)
        findings.sizes["pair changes tried"] += 1
        changes = {first: value, second: answer}
        # A wire that can change alone is known from the single changes.
        if neighbourhood.accepts(changes) and not any(neighbourhood.accepts({w: changes[w]}) for w in changes):
            findings.add_witness(Check.MUTATION, base, _changed(base, changes), changes)


class Neighbourhood:
    """Witnesses that differ from a valid one in a few wires: only the constraints they touch are evaluated."""

    def __init__(self, r1cs: R1CS, base: Sequence[int]) -> None:
        self._r1cs = r1cs
        self._base = base
        self._forms = [(dot(a, base), dot(b, base), dot(c, base)) for a, b, c in r1cs.constraints]

    def accepts(self, changes: Mapping[int, int]) -> bool:
        """Whether every constraint holds once some wires have new values."""
        steps = [(wire, value - self._base[wire]) for wire, value in changes.items()]
        for wire, _ in steps:
            for index in self._r1cs.touching[wire]:
                a, b, c = self._moved(index, steps)
                if (a * b - c) % SCALAR_MODULUS:
                    return False
        return True

    def compensate(self, index: int, first: int, value: int, second: int) -> list[int]:
        """The new values of a second wire that keep one constraint true after a first wire changed.

        Returns:
            At most two; none also when every value would do.
        """
        constraint = self._r1cs.constraints[index]
        a, b, c = self._moved(index, [(first, value - self._base[first])])
        slope_a, slope_b, slope_c = (form.get(second, 0) for form in constraint)
        steps = roots(slope_a * slope_b, slope_a * b + a * slope_b - slope_c, a * b - c) or []
        return [(self._base[second] + step) % SCALAR_MODULUS for step in steps if step]

    def _moved(self, index: int, steps: Sequence[tuple[int, int]]) -> tuple[int, int, int]:
        a, b, c = self._forms[index]
        constraint = self._r1cs.constraints[index]
        for wire, step in steps:
            a += constraint.a.get(wire, 0) * step
            b += constraint.b.get(wire, 0) * step
            c += constraint.c.get(wire, 0) * step
        return a, b, c


def _changed(base: Sequence[int], changes: Mapping[int, int]) -> list[int]:
    return [changes.get(wire, value) for wire, value in enumerate(base)]
