"""What a report is made of: sections with a table each, and what to draw of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Cell = str | int | float | None


class Column(NamedTuple):
    """Of a table.

    Attributes:
        title: what it has.
        kind: "text", "count", "percent", "ratio" or "seconds".
    """

    title: str
    kind: str


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        key: names it for machines.
        title: for people.
        says: how to read it.
        columns: of its table.
        rows: of its table.
        drawn: what its picture has beside the table.
        left_out: why there is no table; empty where there is one.
    """

    key: str
    title: str
    says: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    drawn: Mapping[str, Any] | None = None
    left_out: str = ""

    def to_json(self) -> dict[str, Any]:
        """Its table, for machines."""
        if self.left_out:
            return {"left_out": self.left_out}
        titles = [column.title for column in self.columns]
        return {"rows": [dict(zip(titles, row, strict=True)) for row in self.rows]}


@dataclass(frozen=True)
class Report:
    """A whole one.

    Attributes:
        about: round, book and how many accounts.
        sections: in the order of the page.
    """

    about: Mapping[str, Cell]
    sections: tuple[Section, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "format": "zksolvency/risk-report/1",
            "about": dict(self.about),
            "sections": {section.key: section.to_json() for section in self.sections},
        }


def left_out(section: Section, reason: str) -> Section:
    """A section without a table."""
    return Section(section.key, section.title, section.says, left_out=reason)
