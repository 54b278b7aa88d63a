"""The audit: every check in turn."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from prover.audit._attack import attack, plan_attack
from prover.audit._circuit import Circuit
from prover.audit._declaration import Declaration
from prover.audit._finding_collector import FindingCollector
from prover.audit._jacobian import check_jacobian
from prover.audit._mutations import check_pair_changes, check_single_changes
from prover.audit._report import AuditReport, Check
from prover.audit._structure import check_structure
from prover.formats import R1CS, Symbols, Witness
from verifier import InputError


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to try on each witness, in addition to every change of a single wire.

    Attributes:
        pairs: changes of two wires that share a constraint.
        attacks: changes of one unproven wire, of one input and of two, each so many, with everything else solved for.
    """

    pairs: int = 20_000
    attacks: int = 200


DEFAULT_EFFORT: Final = Effort()


def audit(
    r1cs: R1CS,
    symbols: Symbols,
    witnesses: Sequence[Witness],
    declaration: Declaration,
    rng: random.Random,
    effort: Effort = DEFAULT_EFFORT,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> AuditReport:
    """Look for witnesses that a statement should not have.

    Args:
        r1cs: the constraints of the statement.
        symbols: the names of its wires.
        witnesses: valid witnesses, at least one. What they have in common is not explored as well as what differs.
        declaration: what the wires mean.
        rng: source of every choice: an audit with the same seed finds the same.
        effort: how much to try.
        on_stage: receives the name of each stage.

    Returns:
        The report; the statement is clean when its `failures` are empty. When a declared signal has no wire, it holds
        what the structure shows and nothing else, since no witness can then be judged.

    Raises:
        InputError: files of different circuits, a declared name that the circuit lacks, an invalid witness or none.
    """
    circuit = Circuit(r1cs, symbols, declaration)
    findings = FindingCollector(circuit, declaration)
    findings.sizes |= {"constraints": len(r1cs.constraints), "wires": r1cs.wires - 1, "witnesses": len(witnesses)}
    if not witnesses:
        raise InputError("audit: at least one valid witness is needed")
    on_stage("structure")
    check_structure(circuit, findings)
    if circuit.is_unverifiable:
        return findings.report()
    on_stage("uniqueness")
    plan = plan_attack(circuit, findings)
    for number, witness in enumerate(witnesses, start=1):
        base = witness.values
        if violated := r1cs.violated(base):
            raise InputError(f"audit: witness {number} violates constraint {violated[0]}")
        if not circuit.holds(base):
            findings.add(Check.REFERENCE, (), f"the reference calls the statement of witness {number} false")
        of = f"witness {number} of {len(witnesses)}"
        on_stage(f"{of}: jacobian")
        check_jacobian(circuit, base, findings)
        on_stage(f"{of}: mutations")
        check_single_changes(circuit, base, rng, findings)
        check_pair_changes(circuit, base, effort.pairs, rng, findings)
        on_stage(f"{of}: attacks")
        attack(circuit, plan, base, effort.attacks, rng, findings)
    findings.add_unused_exemptions()
    return findings.report()
