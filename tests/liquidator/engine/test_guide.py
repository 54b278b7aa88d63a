"""The operator's guide names every setting, metric and alarm, as the engine has them."""

import re

import pytest
from snippets import GUIDES

from liquidator.engine import setting_rows
from liquidator.engine._alarms import AlarmKind
from liquidator.engine._metrics import Metrics
from liquidator.engine._settings import Role

GUIDE = (GUIDES / "operating-the-liquidator.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first title this is."""
    table = GUIDE.split(f"| {heading} |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_every_setting_is_in_the_table() -> None:
    found = [tuple(row) for row in rows("setting")]
    expected = [
        (f"`{table}.{key}`", default if default in {"none", "required"} else f"`{default}`", text)
        for table, key, default, text in setting_rows()
    ]
    assert found == expected


def test_every_alarm_is_in_the_table() -> None:
    assert [row[0] for row in rows("alarm")] == [f"`{kind}`" for kind in AlarmKind]
    assert all(row[2] for row in rows("alarm"))


def test_every_metric_is_in_the_table() -> None:
    counters = {"jobs_done", "jobs_refused", "notices", "margin_calls", "alarms"}
    names = {metric.name for metric in Metrics().registry.collect()}
    whole = {f"{name}_total" if name.removeprefix("zksolvency_") in counters else name for name in names}
    assert {row[0].strip("`") for row in rows("metric")} == whole


def test_every_role_is_in_the_table() -> None:
    assert [row[0] for row in rows("role")] == list(Role)


@pytest.mark.parametrize("name", re.findall(r"ZKSOLVENCY_LIQUIDATOR_(\w+__\w+)", GUIDE))
def test_variables_on_the_page_are_those_of_settings(name: str) -> None:
    assert name in {f"{table}__{key}".upper() for table, key, _, _ in setting_rows()}
