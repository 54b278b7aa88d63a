"""Which findings there are, and which are answered."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_ROW = re.compile(r"^\| `([a-z0-9-]+)` \|[^|]*\| ([^|]+) \|")
_NAME = re.compile(r"`([\w.]+)`")


class Finding(NamedTuple):
    """What a detector says of a place.

    Attributes:
        detector: its name.
        impact: High, Medium, Low, Informational or Optimization.
        place: the contract, a dot, and the function; or the contract alone.
    """

    detector: str
    impact: str
    place: str

    def __str__(self) -> str:
        """One line of the report."""
        return f"{self.impact}: {self.detector} in {self.place}"


class Answer(NamedTuple):
    """A detector and a place that docs/slither.md says something about."""

    detector: str
    place: str

    def is_for(self, finding: Finding) -> bool:
        """Whether it answers a finding: one about a contract answers for all of its functions."""
        return self.detector == finding.detector and self.place in (finding.place, finding.place.split(".")[0])


def findings_of(report: Mapping[str, Any]) -> list[Finding]:
    """The findings of a report in JSON, each once."""
    found = (
        Finding(item["check"], item["impact"], _place(item["elements"][0]))
        for item in report["results"].get("detectors", [])
    )
    return sorted(set(found))


def answers_of(page: str) -> list[Answer]:
    """The answers of a page: rows of `detector`, impact, places."""
    rows = (match for line in page.splitlines() if (match := _ROW.match(line)))
    return [Answer(row[1], place) for row in rows for place in _NAME.findall(row[2])]


def unanswered(findings: Iterable[Finding], answers: Iterable[Answer]) -> list[Finding]:
    """The findings without an answer."""
    answered = list(answers)
    return [finding for finding in findings if not any(answer.is_for(finding) for answer in answered)]


def obsolete(findings: Iterable[Finding], answers: Iterable[Answer]) -> list[Answer]:
    """The answers to what is found no longer."""
    present = list(findings)
    return [answer for answer in answers if not any(answer.is_for(finding) for finding in present)]


def _place(element: Mapping[str, Any]) -> str:
    names = []
    item: Mapping[str, Any] | None = element
    while item is not None:
        if item["type"] in ("contract", "function"):
            names.append(item["name"])
        item = item.get("type_specific_fields", {}).get("parent")
    return ".".join(reversed(names)) or element["name"]
