"""Checks that need no witness: does every signal take part, and do all signals meet?"""

from collections.abc import Iterator

from prover.audit._circuit import Circuit
from prover.audit._finding_collector import FindingCollector
from prover.audit._report import Check
from prover.formats import ONE, R1CS, Constraint
from verifier import SCALAR_MODULUS


def check_structure(circuit: Circuit, findings: FindingCollector) -> None:
    """Public signals as declared; no wire unconstrained; no group of wires that never meets the rest."""
    r1cs = circuit.r1cs
    if list(r1cs.public) != circuit.declared_public:
        names = circuit.names(r1cs.public)
        findings.add(Check.STRUCTURE, names, "these public signals are not the declared ones in order")
    for name in circuit.lost:
        findings.add_unless_harmless(
            Check.STRUCTURE, [name], "no wire: unused, or replaced by a linear form in other signals"
        )
    for wire in range(1, r1cs.wires):
        if not any(depends_on(r1cs.constraints[index], wire) for index in r1cs.touching[wire]):
            findings.add_unless_harmless(Check.STRUCTURE, [circuit.name(wire)], "no constraint depends on it")
    # A claim in one group says nothing of a state in another. The group with the most declared signals is the circuit.
    groups = sorted(_connected(r1cs), key=lambda group: (len(group & circuit.meaning), len(group)))
    for group in groups[:-1]:
        names = circuit.names(group & circuit.meaning or group)
        findings.add_unless_harmless(Check.STRUCTURE, names, "no chain of constraints ties it to the other signals")


def depends_on(constraint: Constraint, wire: int) -> bool:
    """Whether the polynomial a * b - c really contains a wire: its derivative, a linear form, is not zero."""
    a, b, c = constraint
    derivative = {ONE: -c.get(wire, 0)}
    for slope, form in ((a.get(wire, 0), b), (b.get(wire, 0), a)):
        for other, coefficient in form.items():
            derivative[other] = derivative.get(other, 0) + slope * coefficient
    return any(coefficient % SCALAR_MODULUS for coefficient in derivative.values())


def _connected(r1cs: R1CS) -> Iterator[set[int]]:
    """Groups of wires that are tied by chains of constraints; wires that no constraint names are left out."""
    left = {wire for wire in range(1, r1cs.wires) if r1cs.touching[wire]}
    while left:
        group: set[int] = set()
        reached = {left.pop()}
        while reached:
            wire = reached.pop()
            group.add(wire)
            reached |= {other for index in r1cs.touching[wire] for other in r1cs.constraints[index].wires} - group
        left -= group
        yield group
