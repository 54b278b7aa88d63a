"""Uniqueness for every witness at once: which wires do the inputs force, and in which order?

A wire is forced when a rule settles it from wires that are already known, whatever their values:

1. linear: a constraint in which it alone is unknown, with a coefficient that is the same for every witness;
2. division: a factor of a product that is a constant other than 0;
3. decomposition: bits with a known weighted sum, when no two sums of the weights are equal modulo r;
4. zero test: settled by one constraint where a known form is 0, by another where it is not.

Several unknowns in one linear constraint settle none of them, but their sum: it becomes a wire of its own, and one
of the unknowns is replaced by that sum less the others, everywhere. This is Gaussian elimination among quadratic
constraints, and undoes what the compiler's own elimination of linear constraints mixed.

Where no rule applies a wire is guessed: taken as known, and reported, since nothing proves it unique.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from prover.audit._forms import Bit, distinct_sums, linear_part, scaled, substituted
from prover.audit._steps import Decompose, Digit, Divide, Guess, SolveLinear, Step, ZeroTest
from prover.formats import ONE, R1CS, Constraint, LinearForm
from verifier import SCALAR_MODULUS

_Unit = frozenset[tuple[int, int]]
"""A linear form, scaled so that forms that are multiples of each other are equal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make a whole witness out of the inputs.

    Attributes:
        steps: in order; together they settle every wire that is not an input.
        guessed: the wires that no rule settles.
        sums: how many values the steps need in addition to the wires; their numbers follow the wires'.
    """

    steps: tuple[Step, ...]
    guessed: tuple[int, ...]
    sums: int


def make_plan(r1cs: R1CS, inputs: Iterable[int], cost: Callable[[int], int]) -> Plan:
    """Find the order in which the inputs force the other wires.

    Args:
        r1cs: the constraints.
        inputs: wires that are known from the start.
        cost: when a wire must be guessed, one with the least cost is.
    """
    propagation = _Propagation(r1cs, inputs)
    propagation.run()
    while unknown := propagation.unknown():
        propagation.guess(unknown, cost)
        propagation.run()
    return Plan(tuple(propagation.steps), tuple(propagation.guessed), propagation.sums)


class _Propagation:
    def __init__(self, r1cs: R1CS, inputs: Iterable[int]) -> None:
        self.steps: list[Step] = []
        self.guessed: list[int] = []
        self.sums = 0
        self._wires = r1cs.wires
        self._known = {ONE, *inputs}
        self._two_valued: dict[int, Bit] = {}
        self._rows = list(r1cs.constraints)
        self._bits = [Bit.of(row) for row in self._rows]
        self._touching = defaultdict(set, {wire: set(rows) for wire, rows in enumerate(r1cs.touching)})
        self._unknowns = [row.wires - self._known for row in self._rows]
        self._open = set(range(len(self._rows)))  # rows that still hold an unknown
        self._definitions: set[int] = set()  # open rows that define an unknown which occurs in no other row
        self._sums: dict[int, LinearForm] = {}  # unknown part of the open rows that are linear and not settled
        # Open rows by known factor, and the factors of which something has changed since they were looked at.
        self._uses: defaultdict[_Unit, dict[int, list[Constraint]]] = defaultdict(dict)
        self._factors: defaultdict[int, list[_Unit]] = defaultdict(list)
        self._stale: set[int] = set()
        self._untested: dict[_Unit, None] = {}
        self._queue = deque(self._open)
        self._queued = set(self._open)

    def unknown(self) -> set[int]:
        return set(range(self._wires)) - self._known

    def run(self) -> None:
        """Apply the rules until none applies."""
        while self._queue or self._test_zero() or self._substitute():
            while self._queue:
                index = self._queue.popleft()
                self._queued.remove(index)
                if index in self._open:
                    self._visit(index)

    def guess(self, unknown: Iterable[int], cost: Callable[[int], int]) -> None:
        """Take one wire as known: of those with the least cost, one in a row with few unknowns."""

        # Bits come late: once the rest of a sum is known, its bits are forced together.
        def order(wire: int) -> tuple[int, bool]:
            return cost(wire), wire in self._two_valued

        def crowd(wire: int) -> int:
            return min((len(self._unknowns[index]) for index in self._touching[wire]), default=self._wires)

        orders = {wire: order(wire) for wire in unknown}
        first = min(orders.values())
        wire = min((wire for wire in orders if orders[wire] == first), key=lambda wire: (crowd(wire), wire))
        alone = tuple(self._rows[index] for index in sorted(self._touching[wire]) if self._unknowns[index] == {wire})
        self.guessed.append(wire)
        self._settle([wire], Guess(wire, alone))

    def _settle(self, wires: Iterable[int], step: Step) -> None:
        self.steps.append(step)
        for wire in wires:
            self._known.add(wire)
            for index in self._touching[wire]:
                self._unknowns[index].discard(wire)
            self._wake(self._touching[wire])

    def _wake(self, rows: Iterable[int]) -> None:
        for index in rows:
            if index in self._open and index not in self._queued:
                self._queued.add(index)
                self._queue.append(index)

    def _visit(self, index: int) -> None:
        row, bit = self._rows[index], self._bits[index]
        unknowns = self._unknowns[index]
        self._stale.add(index)
        self._sums.pop(index, None)
        if not unknowns:
            self._open.remove(index)
            return
        if bit is not None and len(unknowns) == 1:
            self._note_two_valued(min(unknowns), bit)
        part = linear_part(row, self._known)
        if part:
            self._sums[index] = part
        if part is not None and len(part) == 1:
            ((wire, coefficient),) = part.items()
            self._settle([wire], SolveLinear(wire, row, pow(coefficient, -1, SCALAR_MODULUS)))
        elif part is not None:
            self._decompose(row, part, spare=0)
        elif bit is not None:
            form = {wire: value for wire, value in bit.form.items() if wire in unknowns}
            self._decompose(Constraint(bit.form, {ONE: 1}, {}), form, spare=SCALAR_MODULUS - 1)
        else:
            self._divide(row)

    def _note_two_valued(self, wire: int, bit: Bit) -> None:
        if wire not in self._two_valued:
            self._two_valued[wire] = bit
            self._wake(self._touching[wire])

    def _decompose(self, equation: Constraint, part: LinearForm, spare: int) -> None:
        if not part or not self._two_valued.keys() >= part.keys():
            return
        digits = tuple(Digit.of(wire, self._two_valued[wire], coefficient) for wire, coefficient in part.items())
        scale = distinct_sums([digit.weight for digit in digits] + [spare] * bool(spare))
        if scale is not None:
            self._settle(part, Decompose(equation, digits, spare, scale))

    def _divide(self, constraint: Constraint) -> None:
        a, b, c = constraint
        if set(c) != {ONE}:
            return
        for factor, other in ((a, b), (b, a)):
            unknowns = factor.keys() - self._known
            if len(unknowns) == 1 and other.keys() <= self._known:
                (wire,) = unknowns
                self._settle([wire], Divide(wire, factor, other, c[ONE]))
                return

    def _test_zero(self) -> bool:
        """Apply the rule of the zero test once; False when it does not apply."""
        self._sort_by_factor()
        while self._untested:
            unit = next(iter(self._untested))
            del self._untested[unit]
            if_zero = {}  # unknown -> product, where product = 0 settles it
            otherwise = {}  # unknown -> (tested, factor, product), where factor = product / tested settles it
            for tested, factor, product in chain.from_iterable(self._uses[unit].values()):
                in_product, in_factor = product.keys() - self._known, factor.keys() - self._known
                if len(in_product) == 1:
                    if_zero[min(in_product)] = product
                elif not in_product and len(in_factor) == 1:
                    otherwise[min(in_factor)] = (tested, factor, product)
            for wire in if_zero.keys() & otherwise.keys():
                tested, factor, product = otherwise[wire]
                self._settle([wire], ZeroTest(wire, tested, if_zero[wire], factor, product))
                return True
        return False

    def _sort_by_factor(self) -> None:
        """Read the rows that changed as known factor, other factor, product, by the factor up to a multiple."""
        for index in sorted(self._stale):
            for unit in self._factors.pop(index, ()):
                self._uses[unit].pop(index, None)
            if index not in self._open:
                continue
            a, b, c = self._rows[index]
            for factor, other in ((a, b), (b, a)):
                if factor.keys() - {ONE} and factor.keys() <= self._known:
                    unit = frozenset(scaled(factor, pow(factor[max(factor)], -1, SCALAR_MODULUS)).items())
                    self._uses[unit].setdefault(index, []).append(Constraint(factor, other, c))
                    self._factors[index].append(unit)
                    self._untested[unit] = None
        self._stale.clear()

    def _substitute(self) -> bool:
        """Name the sum of the unknowns of a linear row, and replace one of them; False when there is no such row."""
        index = min(self._sums.keys() - self._definitions, default=None)
        if index is None:
            return False
        self._define(index, self._sums[index])
        return True

    def _define(self, index: int, part: LinearForm) -> None:
        total = self._wires + self.sums
        self.sums += 1
        self.steps.append(SolveLinear(total, self._rows[index], 1))
        self._known.add(total)
        self._replace(index, Constraint({ONE: 1}, part, {total: 1}))
        self._definitions.add(index)

        # A bit is worth more as a wire than as a form.
        wire = min(part, key=lambda wire: (wire in self._two_valued, len(self._touching[wire])))
        scale = -pow(part[wire], -1, SCALAR_MODULUS)
        value = scaled({other: factor for other, factor in part.items() if other != wire} | {total: -1}, scale)
        rewritten = (self._touching[wire] & self._open) - self._definitions
        for other in rewritten:
            self._replace(other, Constraint(*(substituted(form, wire, value) for form in self._rows[other])))
        self._wake({index, *rewritten})

    def _replace(self, index: int, row: Constraint) -> None:
        for wire in self._rows[index].wires:
            self._touching[wire].discard(index)
        for wire in row.wires:
            self._touching[wire].add(index)
        self._rows[index] = row
        self._unknowns[index] = row.wires - self._known
        self._bits[index] = Bit.of(row)
