"""The dashboard for Grafana shows what the engine measures: all of it, and nothing that there is not."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

from liquidator.engine._metrics import Metrics

FILE = Path(__file__).parents[3] / "liquidator" / "grafana.json"
BOARD: dict[str, Any] = json.loads(FILE.read_text())
EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
VARIABLES = list(BOARD["templating"]["list"])
ADDED_BY_PROMETHEUS = {"instance", "le"}
"""Labels that the scraper adds, and those of the buckets of a histogram."""


def series() -> dict[str, set[str]]:
    """The labels of every time series that the engine exposes, by its name."""
    found: dict[str, set[str]] = {}
    for family in Metrics().registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        labels = {name for sample in family.samples for name in sample.labels}
        found |= {f"{family.name}{suffix}": set(labels) for suffix in suffixes}
    metrics = vars(Metrics())
    for metric in metrics.values():
        for name in found:
            if getattr(metric, "_name", None) and name.startswith(metric._name):
                found[name] |= set(metric._labelnames)
    return found


def named(text: str) -> set[str]:
    return set(re.findall(r"\bzksolvency_\w+", text))


def test_every_metric_of_the_dashboard_is_one_of_the_engine() -> None:
    queries = [json.dumps(variable.get("query", "")) for variable in VARIABLES]
    assert named(" ".join([*EXPRESSIONS, *queries])) <= series().keys()


def test_every_metric_of_the_engine_is_on_the_dashboard() -> None:
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in named(" ".join(EXPRESSIONS))}
    assert shown == {re.sub(r"_(bucket|count|sum)$", "", name) for name in series()}


def test_labels_of_the_dashboard_are_those_of_its_metrics() -> None:
    known = series()
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            (name,) = named(target["expr"])
            grouped = re.findall(r"by \(([^)]*)\)", target["expr"])
            used = {label.strip() for group in grouped for label in group.split(",")}
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert used <= known[name] | ADDED_BY_PROMETHEUS, target
            assert shown <= used, target


def test_the_source_is_chosen_by_who_imports_it() -> None:
    assert {variable["name"] for variable in VARIABLES} == {"datasource", "instance"}
    places = [panel["datasource"]["uid"] for panel in BOARD["panels"]]
    places += [target["datasource"]["uid"] for panel in BOARD["panels"] for target in panel["targets"]]
    assert set(places) == {"${datasource}"}


def test_panels_do_not_overlap_and_say_what_they_show() -> None:
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["description"] for panel in panels)
    spots = [panel["gridPos"] for panel in panels]
    assert all(spot["x"] + spot["w"] <= 24 for spot in spots)
    for one, other in combinations(spots, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
