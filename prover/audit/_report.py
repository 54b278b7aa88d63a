"""The result of an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_SHOWN_WIRES: Final = 6
_SHOWN_FAILURES: Final = 40


class Check(StrEnum):
    """The parts of an audit, each of which can fail."""

    DECLARATION = "declaration"
    STRUCTURE = "structure"
    REFERENCE = "reference"
    MUTATION = "mutation"
    JACOBIAN = "jacobian"
    UNIQUENESS = "uniqueness"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to change a circuit or its declaration.

    Attributes:
        check: that found it.
        wires: names of the wires concerned, as in the source.
        message: what is wrong. Holds no value of a witness.
    """

    check: Check
    wires: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.check, _shortened(self.wires), self.message)))


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of an audit. It holds names and counts, and no value of a witness.

    Attributes:
        sizes: numbers that describe the circuit and the work that was done, by what they count.
        failures: empty when the circuit is clean.
        harmless: reason by wire, for each wire that is free, unproven or unconnected, and declared so.
        other_statements: how many accepted changes moved each public signal or state signal to another statement
            that the reference calls true: expected of inputs, and no failure.
    """

    sizes: Mapping[str, int]
    failures: tuple[Finding, ...]
    harmless: Mapping[str, str]
    other_statements: Mapping[str, int]

    def __str__(self) -> str:
        width = max(map(len, self.sizes))
        lines = [f"{label:<{width}}  {number:>9,}" for label, number in self.sizes.items()]
        if self.other_statements:
            moved = ", ".join(f"{name} ({count})" for name, count in sorted(self.other_statements.items()))
            lines += ["", f"changed to another true statement: {moved}"]
        by_reason: dict[str, list[str]] = {}
        for name, reason in sorted(self.harmless.items()):
            by_reason.setdefault(reason, []).append(name)
        if by_reason:
            lines += ["", "declared harmless:"]
            lines += [f"  {_shortened(names)}: {reason}" for reason, names in sorted(by_reason.items())]
        lines += ["", f"failures: {len(self.failures)}"]
        lines += [f"  {failure}" for failure in self.failures[:_SHOWN_FAILURES]]
        if len(self.failures) > _SHOWN_FAILURES:
            lines.append(f"  and {len(self.failures) - _SHOWN_FAILURES} more")
        return "\n".join(lines)


def _shortened(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_WIRES} more" if len(names) > _SHOWN_WIRES else ""
    return ", ".join(names[:_SHOWN_WIRES]) + more
