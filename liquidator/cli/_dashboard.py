"""The status of an engine as a picture in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_MOST: Final = 12
"""Rows of a list."""


def dashboard(status: Mapping[str, Any]) -> RenderableType:
    """The picture.

    Args:
        status: as the engine serves it.
    """
    word = Text("healthy", style="green") if status["healthy"] else Text("not healthy", style="bold red")
    looked = status["seconds_since_look"]
    facts = Table.grid(padding=(0, 2))
    facts.add_row("state", word)
    facts.add_row("roles", ", ".join(status["roles"]))
    facts.add_row("chain", f"{status['chain']}, block {status.get('block', '-')}, round {status.get('round', '-')}")
    facts.add_row("last look", "none" if looked is None else f"{looked:.1f} s ago")
    facts.add_row(
        "accounts",
        f"{status.get('accounts', 0)} watched, {status.get('below', 0)} below a line, "
        f"{len(status.get('auctions', []))} flagged, {status.get('left_out', 0)} left out by the node",
    )
    parts: list[RenderableType] = [Panel(facts, title="engine", title_align="left")]
    if status["alarms"]:
        rows = [[kind, detail] for kind, detail in status["alarms"].items()]
        parts.append(Panel(_table(["alarm", "what"], rows), title="alarms", title_align="left", style="red"))
    stages = [[name, f"{one['count']:.0f}", f"{1000 * one['mean']:.1f}"] for name, one in status["stages"].items()]
    parts.append(Panel(_table(["stage", "times", "mean [ms]"], stages), title="stages", title_align="left"))
    auctions = [[one["account"], one["ground"]] for one in status.get("auctions", [])[:_MOST]]
    jobs = [[job["statement"], job["account"] or "-"] for job in status["in_flight"][:_MOST]]
    if auctions:
        parts.append(Panel(_table(["account", "ground"], auctions), title="auctions", title_align="left"))
    if jobs:
        parts.append(Panel(_table(["job", "account"], jobs), title="in flight", title_align="left"))
    recent = [[_when(one), one["event"], _about(one)] for one in status["recent"][-_MOST:]]
    if recent:
        parts.append(Panel(_table(["time", "event", "about"], recent), title="recent", title_align="left"))
    return Group(*parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _when(event: Mapping[str, Any]) -> str:
    seconds = int(event["time"]) % 86_400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _about(event: Mapping[str, Any]) -> str:
    return ", ".join(f"{value}" for name, value in event.items() if name not in {"time", "event"})
