"""Steps of a plan: each finds the value of some wires from the values of wires before them.

While a plan runs, a wire without a value yet counts as 0 in every form.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from prover.audit._forms import Bit
from prover.audit._roots import roots
from prover.formats import Constraint, LinearForm, dot
from verifier import SCALAR_MODULUS, from_field

Choose = Callable[[int, Sequence[int] | None], int]
"""Called with a wire and its possible values (None: any). Returns one of them, or raises `Contradiction`."""


class Contradiction(Exception):  # noqa: N818  it steers the search; it is no error
    """No value fits: the changes that were made do not extend to a witness."""


class Step(Protocol):
    """One step of a plan."""

    @property
    def settles(self) -> Sequence[int]:
        """The wires whose values it finds."""
        ...

    @property
    def wires(self) -> set[int]:
        """Every wire whose value it may look at."""
        ...

    def solve(self, values: list[int], choose: Choose) -> None:
        """Write the values that this step finds. Raises Contradiction: there are none."""
        ...


@dataclass(frozen=True, slots=True)
class SolveLinear:
    """An unknown, or a sum of unknowns, that a constraint holds with a coefficient that is the same for every witness.

    Attributes:
        wire: the unknown, or the number of the sum.
        constraint: its residual without the unknown is minus the unknown times its coefficient.
        multiplier: inverse of the coefficient.
    """

    wire: int
    constraint: Constraint
    multiplier: int

    @property
    def settles(self) -> Sequence[int]:
        return (self.wire,)

    @property
    def wires(self) -> set[int]:
        return self.constraint.wires

    def solve(self, values: list[int], choose: Choose) -> None:
        values[self.wire] = -residual(self.constraint, values) * self.multiplier % SCALAR_MODULUS


@dataclass(frozen=True, slots=True)
class Divide:
    """An unknown in a factor of a product that is a constant other than 0: the other factor is then not 0 either.

    Attributes:
        wire: the unknown.
        factor: the factor in which it occurs.
        known: the other factor.
        product: the constant.
    """

    wire: int
    factor: LinearForm
    known: LinearForm
    product: int

    @property
    def settles(self) -> Sequence[int]:
        return (self.wire,)

    @property
    def wires(self) -> set[int]:
        return {*self.factor, *self.known}

    def solve(self, values: list[int], choose: Choose) -> None:
        divisor = dot(self.known, values) % SCALAR_MODULUS
        if not divisor:
            raise Contradiction
        quotient = self.product * pow(divisor, -1, SCALAR_MODULUS)
        values[self.wire] = (quotient - dot(self.factor, values)) * pow(self.factor[self.wire], -1, SCALAR_MODULUS)
        values[self.wire] %= SCALAR_MODULUS


@dataclass(frozen=True, slots=True)
class Digit:
    """An unknown that can have two values, since a form in it and in known wires is a bit.

    Attributes:
        wire: the unknown.
        bit: the form.
        step: change of the unknown when the bit goes from 0 to 1.
        weight: coefficient of the bit in the equation that is taken apart.
    """

    wire: int
    bit: LinearForm
    step: int
    weight: int

    @classmethod
    def of(cls, wire: int, bit: Bit, coefficient: int) -> Self:
        """The digit of an unknown that has a coefficient in the equation."""
        step = pow(bit.form[wire], -1, SCALAR_MODULUS)
        return cls(wire, bit.form, step, coefficient * step % SCALAR_MODULUS)


@dataclass(frozen=True, slots=True)
class Decompose:
    """Bits whose weighted sum is known, with weights that make every sum different.

    Attributes:
        equation: its residual is linear in the unknowns.
        digits: the unknowns.
        spare: weight of one more bit that is not an unknown, or 0.
        scale: factor that turns the weights into integers, each larger in size than all smaller ones together.
    """

    equation: Constraint
    digits: tuple[Digit, ...]
    spare: int
    scale: int

    @property
    def settles(self) -> Sequence[int]:
        return [digit.wire for digit in self.digits]

    @property
    def wires(self) -> set[int]:
        return self.equation.wires.union(*(digit.bit for digit in self.digits))

    def solve(self, values: list[int], choose: Choose) -> None:
        # unknown = (bit - rest of its form) * step, so coefficient * unknown = (bit - rest of its form) * weight
        rests = [dot(digit.bit, values) for digit in self.digits]
        weights = [digit.weight for digit in self.digits]
        total = sum(map(int.__mul__, rests, weights)) - residual(self.equation, values)
        bits = _distinct_sum(total * self.scale, [weight * self.scale for weight in (*weights, self.spare)])
        for digit, rest, bit in zip(self.digits, rests, bits, strict=False):
            values[digit.wire] = (bit - rest) * digit.step % SCALAR_MODULUS


@dataclass(frozen=True, slots=True)
class ZeroTest:
    """An unknown that one constraint settles where a known form is 0, and another where it is not.

    Attributes:
        wire: the unknown.
        tested: the known form, as the factor of the second constraint.
        if_zero: a form in the unknown that is 0 where `tested` is 0.
        otherwise: the other factor of the second constraint, in which the unknown occurs.
        product: the known form that the second constraint equals.
    """

    wire: int
    tested: LinearForm
    if_zero: LinearForm
    otherwise: LinearForm
    product: LinearForm

    @property
    def settles(self) -> Sequence[int]:
        return (self.wire,)

    @property
    def wires(self) -> set[int]:
        return {*self.tested, *self.if_zero, *self.otherwise, *self.product}

    def solve(self, values: list[int], choose: Choose) -> None:
        tested = dot(self.tested, values) % SCALAR_MODULUS
        form, target = self.if_zero, 0
        if tested:
            form, target = self.otherwise, dot(self.product, values) * pow(tested, -1, SCALAR_MODULUS)
        values[self.wire] = (target - dot(form, values)) * pow(form[self.wire], -1, SCALAR_MODULUS) % SCALAR_MODULUS


@dataclass(frozen=True, slots=True)
class Guess:
    """An unknown that no rule settles: an attacker chooses it.

    Attributes:
        wire: the unknown.
        constraints: those in which everything else is known, which may leave it few values or one.
    """

    wire: int
    constraints: tuple[Constraint, ...]

    @property
    def settles(self) -> Sequence[int]:
        return (self.wire,)

    @property
    def wires(self) -> set[int]:
        return {self.wire}.union(*(constraint.wires for constraint in self.constraints))

    def solve(self, values: list[int], choose: Choose) -> None:
        options: Sequence[int] | None = None
        for a, b, c in self.constraints:
            slope_a, slope_b, slope_c = (form.get(self.wire, 0) for form in (a, b, c))
            at_a, at_b, at_c = (dot(form, values) for form in (a, b, c))
            found = roots(slope_a * slope_b, slope_a * at_b + at_a * slope_b - slope_c, at_a * at_b - at_c)
            if found is not None:
                options = found if options is None else [value for value in options if value in found]
        if options is not None and not options:
            raise Contradiction
        values[self.wire] = choose(self.wire, options)


def residual(constraint: Constraint, values: Sequence[int]) -> int:
    """a * b - c, modulo r."""
    a, b, c = constraint
    return (dot(a, values) * dot(b, values) - dot(c, values)) % SCALAR_MODULUS


def _distinct_sum(total: int, weights: Sequence[int]) -> list[int]:
    """The bits under which weights, scaled as `distinct_sums` says, add up to a total modulo r."""
    sizes = [from_field(weight % SCALAR_MODULUS) for weight in weights]
    # A bit of negative weight is 1 less a bit of positive weight.
    rest = (total - sum(size for size in sizes if size < 0)) % SCALAR_MODULUS
    bits = [0] * len(sizes)
    for position in sorted(range(len(sizes)), key=lambda position: -abs(sizes[position])):
        taken = rest >= abs(sizes[position])
        rest -= abs(sizes[position]) * taken
        bits[position] = int(taken == (sizes[position] > 0))
    if rest:
        raise Contradiction
    return bits
