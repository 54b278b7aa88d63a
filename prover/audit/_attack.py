"""Making false witnesses on purpose: change what a prover may choose, and solve for everything else.

The wires are computed from the constraints alone, as a dishonest prover would, and not by circom's witness code, so
what the code asserts but no constraint enforces does not stand in the way.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from prover.audit._circuit import Circuit
from prover.audit._judge import Judge
from prover.audit._mutations import other_values
from prover.audit._propagation import Plan, make_plan
from prover.audit._report import Check
from prover.audit._steps import Contradiction, residual


def plan_attack(circuit: Circuit, judge: Judge) -> Plan:
    """Find what the inputs force, and object to every wire that nothing proves unique."""

    def reluctance(wire: int) -> int:
        # What is excused anyway goes first; a claim goes last, so that what it depends on is named instead.
        return 0 if circuit.excuse(circuit.name(wire)) else 2 if wire in circuit.meaning else 1

    plan = make_plan(circuit.r1cs, circuit.inputs, reluctance)
    judge.sizes["wires proven unique"] = len(circuit.derived) - len(plan.guessed)
    for name in circuit.names(plan.guessed):
        judge.object_to(Check.UNIQUENESS, [name], "not proven to be unique once the inputs are set")
    return plan


def attack(circuit: Circuit, plan: Plan, base: Sequence[int], count: int, rng: random.Random, judge: Judge) -> None:
    """Change a wire that no rule settles, or an input, or two inputs, and solve for the rest.

    Args:
        circuit: the circuit.
        plan: how to solve for the rest.
        base: values of a valid witness.
        count: at most so many changes of each of the three kinds.
        rng: source of the choices.
        judge: is told of every witness found.
    """
    guesses = _changes(plan.guessed, base, rng)
    inputs = _changes(sorted(circuit.inputs), base, rng)
    changes = [dict([change]) for kind in (guesses, inputs) for change in rng.sample(kind, min(count, len(kind)))]
    if len(circuit.inputs) > 1:
        changes += [dict(rng.sample(inputs, 2)) for _ in range(count)]
    solver = _Solver(circuit, plan, base)
    for change in changes:
        _attempt(circuit, solver, base, change, judge)


def _changes(wires: Iterable[int], base: Sequence[int], rng: random.Random) -> list[tuple[int, int]]:
    return [(wire, value) for wire in wires for value in other_values(base[wire], rng)]


def _attempt(
    circuit: Circuit, solver: "_Solver", base: Sequence[int], changes: Mapping[int, int], judge: Judge
) -> None:
    judge.sizes["attacks tried"] += 1
    try:
        values = solver.solve(changes)
    except Contradiction:
        return
    moved = [wire for wire, value in enumerate(base) if values[wire] != value]
    # The rows that no changed wire touches hold as they did.
    touched = {index for wire in moved for index in circuit.r1cs.touching[wire]}
    if moved and not any(residual(circuit.r1cs.constraints[index], values) for index in touched):
        judge.sizes["attacks that made a witness"] += 1
        judge.accepted(Check.ATTACK, base, values, changes)


class _Solver:
    """Finds every wire again where a few are changed: a step that sees no change finds what it found."""

    def __init__(self, circuit: Circuit, plan: Plan, base: Sequence[int]) -> None:
        self._circuit = circuit
        self._plan = plan
        self._base = base
        self._looking: defaultdict[int, list[int]] = defaultdict(list)  # steps by the wires that they look at
        for number, step in enumerate(plan.steps):
            for wire in {*step.wires, *step.settles}:
                self._looking[wire].append(number)
        self._found = self._run({}, set(range(len(plan.steps))))

    def solve(self, changes: Mapping[int, int]) -> list[int]:
        """The values of all wires. Raises Contradiction: a step has no solution."""
        due = {number for wire in changes for number in self._looking[wire]}
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
                due.update(later for wire in moved for later in self._looking[wire])
        return values
