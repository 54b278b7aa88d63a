"""Determinacy to first order: is there a direction in which a valid witness can drift?

At a valid witness, a drift v of the wires keeps every constraint a * b = c to first order when
a(v) b + a b(v) - c(v) = 0. If only v = 0 does, no curve of witnesses passes through this one. Second solutions at a
distance, as b = 0 and b = 1 of a bit, are not seen here: the other checks look for them.
"""

from collections.abc import Iterator, Sequence

from prover.audit._circuit import Circuit
from prover.audit._finding_collector import FindingCollector
from prover.audit._linear import SparseRow, kernel
from prover.audit._report import Check
from prover.formats import R1CS, dot


def check_jacobian(circuit: Circuit, base: Sequence[int], findings: FindingCollector) -> None:
    """With the inputs fixed nothing may drift. Also counts the hidden directions: those that no public signal stops.

    Args:
        circuit: the circuit.
        base: values of a valid witness.
        findings: receives wires that can drift together. All must be declared harmless: a wire that
            is free at this witness does harm where another follows it.
    """
    gradients = list(gradient_rows(circuit.r1cs, base))
    for drift in kernel(gradients, circuit.derived):
        findings.add_unless_harmless(
            Check.JACOBIAN, circuit.names(drift), "free to drift together while the inputs stay"
        )
    hidden = len(kernel(gradients, range(circuit.r1cs.public.stop, circuit.r1cs.wires)))
    findings.sizes["hidden directions (largest)"] = max(findings.sizes["hidden directions (largest)"], hidden)


def gradient_rows(r1cs: R1CS, values: Sequence[int]) -> Iterator[SparseRow]:
    """The derivative of each constraint, a * b - c, by each wire in it; not yet reduced modulo r."""
    for constraint in r1cs.constraints:
        a, b, c = constraint
        at_a, at_b = dot(a, values), dot(b, values)
        yield {wire: a.get(wire, 0) * at_b + at_a * b.get(wire, 0) - c.get(wire, 0) for wire in constraint.wires}
