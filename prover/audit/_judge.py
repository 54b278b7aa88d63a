"""The judge of every witness that the constraints accept and that circom did not make."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prover.audit._circuit import Circuit
from prover.audit._declaration import Declaration
from prover.audit._report import AuditReport, Check, Finding


class Judge:
    """Collects what the checks find, each finding once."""

    def __init__(self, circuit: Circuit, declaration: Declaration) -> None:
        self.sizes: Counter[str] = Counter()
        self._circuit = circuit
        self._reasons = declaration.harmless
        self._failures: dict[Finding, None] = {}
        self._harmless: dict[str, str] = {}  # pattern by name
        self._other_statements: Counter[str] = Counter()

    def fail(self, check: Check, names: Iterable[str], message: str) -> None:
        """Record a failure that no declaration can excuse."""
        self._failures.setdefault(Finding(check, tuple(names), message))

    def object_to(self, check: Check, names: Iterable[str], message: str) -> None:
        """Record a failure, unless every signal is declared harmless."""
        names = list(names)
        excuses = {name: self._circuit.excuse(name) for name in names}
        if None in excuses.values():
            self.fail(check, names, message)
        else:
            self._harmless |= {name: pattern for name, pattern in excuses.items() if pattern is not None}

    def accepted(self, check: Check, base: Sequence[int], values: Sequence[int], cause: Iterable[int]) -> None:
        """Judge a second witness that satisfies every constraint.

        Args:
            check: what found it.
            base: values of the witness it was made from.
            values: its own values.
            cause: the wires that were changed by will; others may have followed.
        """
        moved = [wire for wire in self._circuit.meaning if values[wire] != base[wire]]
        names = self._circuit.names(cause)
        if not moved:
            self.object_to(check, names, "free to change while every public signal and the state stay")
        elif self._circuit.holds(values):
            self._other_statements.update({name.split("[", 1)[0] for name in self._circuit.names(moved)})
        else:
            self.fail(check, names, "a change is accepted that makes the statement false")

    def object_to_unused_excuses(self) -> None:
        """Declarations must not outlive what they excuse. To be called last."""
        for pattern in sorted(self._reasons.keys() - set(self._harmless.values())):
            self.fail(Check.DECLARATION, [pattern], "declared harmless, but excuses nothing")

    def report(self) -> AuditReport:
        """Everything found so far."""
        harmless = {name: self._reasons[pattern] for name, pattern in self._harmless.items()}
        return AuditReport(dict(self.sizes), tuple(self._failures), harmless, dict(self._other_statements))
