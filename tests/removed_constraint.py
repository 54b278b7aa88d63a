"""Audits of a circuit that lacks one of its constraints."""

import random
from collections.abc import Sequence
from dataclasses import replace

from prover.audit import Declaration, Effort, audit
from prover.audit._attack import plan_attack
from prover.audit._circuit import Circuit
from prover.audit._finding_collector import FindingCollector
from prover.audit._structure import check_structure
from prover.formats import R1CS, Symbols, Witness


def audit_detects_removal(
    index: int, r1cs: R1CS, symbols: Symbols, witnesses: Sequence[Witness], declaration: Declaration, effort: Effort
) -> bool:
    """Whether the audit fails without one of the constraints. Checks that need no witness run first: they are fast."""
    remaining = replace(r1cs, constraints=[row for place, row in enumerate(r1cs.constraints) if place != index])
    circuit = Circuit(remaining, symbols, declaration)
    findings = FindingCollector(circuit, declaration)
    check_structure(circuit, findings)
    plan_attack(circuit, findings)
    if findings.report().failures:
        return True
    return bool(audit(remaining, symbols, witnesses, declaration, random.Random(1), effort).failures)
