"""Collecting the findings of an audit, and judging other witnesses that the constraints accept."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prover.audit._circuit import Circuit
from prover.audit._declaration import Declaration
from prover.audit._report import AuditReport, Check, Finding


class FindingCollector:
    """Collects findings, each once."""

    def __init__(self, circuit: Circuit, declaration: Declaration) -> None:
        self.sizes: Counter[str] = Counter()
        self._circuit = circuit
        self._reasons = declaration.harmless
        self._failures: dict[Finding, None] = {}
        self._harmless: dict[str, str] = {}  # pattern by name
        self._other_statements: Counter[str] = Counter()

    def add(self, check: Check, names: Iterable[str], message: str) -> None:
        """Add a failure that no declaration exempts."""
        self._failures.setdefault(Finding(check, tuple(names), message))

    def add_unless_harmless(self, check: Check, names: Iterable[str], message: str) -> None:
        """Add a failure, unless every signal is declared harmless."""
        names = list(names)
        exemptions = {name: self._circuit.exemption(name) for name in names}
        if None in exemptions.values():
            self.add(check, names, message)
        else:
            self._harmless |= {name: pattern for name, pattern in exemptions.items() if pattern is not None}

    def add_witness(self, check: Check, base: Sequence[int], values: Sequence[int], cause: Iterable[int]) -> None:
        """Judge a second witness that satisfies every constraint.

        Args:
            check: that found it.
            base: values of the witness that it was made from.
            values: its own values.
            cause: wires that the check changed; others may have followed.
        """
        moved = [wire for wire in self._circuit.meaning if values[wire] != base[wire]]
        names = self._circuit.names(cause)
        if not moved:
            self.add_unless_harmless(check, names, "free to change while every public signal and the state stay")
        elif self._circuit.holds(values):
            self._other_statements.update({name.split("[", 1)[0] for name in self._circuit.names(moved)})
        else:
            self.add(check, names, "a change is accepted that makes the statement false")

    def add_unused_exemptions(self) -> None:
        """Add a failure for each harmless pattern that was not needed. To be called last."""
        for pattern in sorted(self._reasons.keys() - set(self._harmless.values())):
            self.add(Check.DECLARATION, [pattern], "declared harmless, but not needed")

    def report(self) -> AuditReport:
        """Everything found so far."""
        harmless = {name: self._reasons[pattern] for name, pattern in self._harmless.items()}
        return AuditReport(dict(self.sizes), tuple(self._failures), harmless, dict(self._other_statements))
