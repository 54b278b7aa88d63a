"""Making false witnesses on purpose: change what a prover may choose, and solve for everything else.

The wires are computed from the constraints alone, as a dishonest prover would, and not by circom's witness code, so
assertions of that code which no constraint enforces have no effect.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from prover.audit._circuit import Circuit
from prover.audit._finding_collector import FindingCollector
from prover.audit._mutations import other_values
from prover.audit._propagation import Plan, make_plan
from prover.audit._report import Check
from prover.audit._steps import Contradiction, residual


def plan_attack(circuit: Circuit, findings: FindingCollector) -> Plan:
    """Find the order in which the inputs force the other wires; a wire that is not proven unique is a finding."""

    def cost(wire: int) -> int:
        # Exempt wires are guessed first, claims last, so that the findings name what a claim depends on.
        return 0 if circuit.exemption(circuit.name(wire)) else 2 if wire in circuit.meaning else 1

    plan = make_plan(circuit.r1cs, circuit.inputs, cost)
    findings.sizes["wires proven unique"] = len(circuit.derived) - len(plan.guessed)
    for name in circuit.names(plan.guessed):
        findings.add_unless_harmless(Check.UNIQUENESS, [name], "not proven to be unique once the inputs are set")
    return plan


def attack(
    circuit: Circuit, plan: Plan, base: Sequence[int], count: int, rng: random.Random, findings: FindingCollector
) -> None:
    """Change a wire that no rule settles, or an input, or two inputs, and solve for the rest.

    Args:
        circuit: the circuit.
        plan: how to solve for the rest.
        base: values of a valid witness.
        count: maximum number of changes of each of the three kinds.
        rng: source of the choices.
        findings: receives every witness found.
    """
    guesses = _changes(plan.guessed, base, rng)
    inputs = _changes(sorted(circuit.inputs), base, rng)
    changes = [dict([change]) for kind in (guesses, inputs) for change in rng.sample(kind, min(count, len(kind)))]
    if len(circuit.inputs) > 1:
        changes += [dict(rng.sample(inputs, 2)) for _ in range(count)]
    solver = _Solver(circuit, plan, base)
    for change in changes:
        _attempt(circuit, solver, base, change, findings)


def _changes(wires: Iterable[int], base: Sequence[int], rng: random.Random) -> list[tuple[int, int]]:
    return [(wire, value) for wire in wires for value in other_values(base[wire], rng)]


def _attempt(
    circuit: Circuit, solver: "_Solver", base: Sequence[int], changes: Mapping[int, int], findings: FindingCollector
) -> None:
    findings.sizes["attacks tried"] += 1
    try:
        values = solver.solve(changes)
    except Contradiction:
        return
    moved = [wire for wire, value in enumerate(base) if values[wire] != value]
    # The rows that no changed wire touches hold as they did.
    touched = {index for wire in moved for index in circuit.r1cs.touching[wire]}
    if moved and not any(residual(circuit.r1cs.constraints[index], values) for index in touched):
        findings.sizes["attacks that made a witness"] += 1
        findings.add_witness(Check.ATTACK, base, values, changes)


class _Solver:
    """Solves for all wires after a few were changed; a step without a changed input keeps its result."""

    def __init__(self, circuit: Circuit, plan: Plan, base: Sequence[int]) -> None:
        self._circuit = circuit
        self._plan = plan
        self._base = base
        self._steps_by_wire: defaultdict[int, list[int]] = defaultdict(list)
        for number, step in enumerate(plan.steps):
            for wire in {*step.wires, *step.settles}:
                self._steps_by_wire[wire].append(number)
        self._found = self._run({}, set(range(len(plan.steps))))

    def solve(self, changes: Mapping[int, int]) -> list[int]:
        """The values of all wires. Raises Contradiction: a step has no solution."""
        due = {number for wire in changes for number in self._steps_by_wire[wire]}
        return self._run(changes, due)[: self._circuit.r1cs.wires]

    def _run(self, changes: Mapping[int, int], due: set[int]) -> list[int]:
        base, steps = self._base, self._plan.steps
        values = [1] + [0] * (self._circuit.r1cs.wires - 1 + self._plan.sums)
        for wire in self._circuit.inputs:
            values[wire] = changes.get(wire, base[wire])

        def choose(wire: int, options: Sequence[int] | None) -> int:
            if options is None:
                return changes.get(wire, base[wire])
            if wire in changes:
                others = [option for option in options if option != base[wire]]
                if not others:
                    raise Contradiction
                return others[0]
            return base[wire] if base[wire] in options else options[0]

        for number, step in enumerate(steps):
            if number not in due:
                for wire in step.settles:
                    values[wire] = self._found[wire]
                continue
            step.solve(values, choose)
            if changes:
                moved = [wire for wire in step.settles if values[wire] != self._found[wire]]
                due.update(later for wire in moved for later in self._steps_by_wire[wire])
        return values
