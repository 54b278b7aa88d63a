"""Patterns in constraints: bits, and what is left of a constraint once some wires are known."""

from collections.abc import Collection
from dataclasses import dataclass

from prover.formats import ONE, Constraint, LinearForm
from verifier import SCALAR_MODULUS, from_field


@dataclass(frozen=True, slots=True)
class Bit:
    """A linear form that some constraint allows only the values 0 and 1.

    The form need not be a wire: the compiler replaces one bit of each decomposition by a form in the others.
    """

    form: LinearForm

    @classmethod
    def of(cls, constraint: Constraint) -> "Bit | None":
        """Read a constraint as L (L - 1) = 0 up to factors; None when it is not of that kind."""
        factors = _product(constraint)
        if factors is None:
            return None
        first, second = factors
        wires = first.keys() - {ONE}
        if not wires or wires != second.keys() - {ONE}:
            return None
        some = min(wires)
        ratio = first[some] * pow(second[some], -1, SCALAR_MODULUS) % SCALAR_MODULUS
        if any((first[wire] - ratio * second[wire]) % SCALAR_MODULUS for wire in wires):
            return None
        # first = ratio * second + gap, so the product is zero where second is 0 and where it is -gap / ratio.
        gap = (first.get(ONE, 0) - ratio * second.get(ONE, 0)) % SCALAR_MODULUS
        if gap == 0:
            return None
        scale = -ratio * pow(gap, -1, SCALAR_MODULUS) % SCALAR_MODULUS
        return cls({wire: coefficient * scale % SCALAR_MODULUS for wire, coefficient in second.items()})


def _product(constraint: Constraint) -> tuple[LinearForm, LinearForm] | None:
    """A constraint as a product that is zero; None when it is not one. `b * b === b` counts: (b - 1) * b = 0."""
    a, b, c = constraint
    if not c:
        return a, b
    for factor, other in ((a, b), (b, a)):
        some, coefficient = next(iter(c.items()))
        if some in factor:
            multiple = coefficient * pow(factor[some], -1, SCALAR_MODULUS) % SCALAR_MODULUS
            if scaled(factor, multiple) == c:
                shifted = {**other, ONE: (other.get(ONE, 0) - multiple) % SCALAR_MODULUS}
                return factor, {wire: value for wire, value in shifted.items() if value}
    return None


def scaled(form: LinearForm, factor: int) -> dict[int, int]:
    """A linear form times a number other than zero."""
    return {wire: value * factor % SCALAR_MODULUS for wire, value in form.items()}


def substituted(form: LinearForm, wire: int, value: LinearForm) -> LinearForm:
    """A linear form with another one substituted for a wire."""
    factor = form.get(wire, 0)
    if not factor:
        return form
    result = {other: coefficient for other, coefficient in form.items() if other != wire}
    for other, coefficient in value.items():
        total = (result.pop(other, 0) + factor * coefficient) % SCALAR_MODULUS
        if total:
            result[other] = total
    return result


def linear_part(constraint: Constraint, known: Collection[int]) -> dict[int, int] | None:
    """The unknown part of a * b - c, when it is linear with coefficients that hold for every witness.

    Args:
        constraint: the constraint.
        known: wires with a known value, the constant among them.

    Returns:
        Coefficients by unknown wire; None when an unknown is multiplied by another wire.
    """
    a, b, c = constraint
    part = {wire: -value for wire, value in c.items() if wire not in known}
    for factor, other in ((a, b), (b, a)):
        unknown = {wire: value for wire, value in factor.items() if wire not in known}
        if unknown and other.keys() - {ONE}:
            return None
        for wire, value in unknown.items():
            part[wire] = part.get(wire, 0) + value * other.get(ONE, 0)
    return {wire: value % SCALAR_MODULUS for wire, value in part.items() if value % SCALAR_MODULUS}


def distinct_sums(coefficients: Collection[int]) -> int | None:
    """A scale under which no two sums of some of the coefficients are equal modulo r.

    That holds where, as signed integers of size below r / 2, each exceeds in size the sum of all smaller ones. Together
    they stay below r then, and two different sums differ by an integer that is neither 0 nor a multiple of r.

    Returns:
        The factor that makes the coefficients such integers, or None when none of their inverses does.
    """
    for coefficient in coefficients:
        scale = pow(coefficient, -1, SCALAR_MODULUS)
        total = 0
        for size in sorted(abs(from_field(scale * other % SCALAR_MODULUS)) for other in coefficients):
            if size <= total:
                break
            total += size
        else:
            return scale
    return None
