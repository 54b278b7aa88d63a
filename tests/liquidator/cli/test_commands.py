"""The commands of the engine keep the rules of the program's own."""

from typing import Any

import pytest
from cli.harness import Run, invoke
from typer.main import get_command

from liquidator.cli import app
from liquidator.engine import load_settings

COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
each = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture
def run() -> Run:
    return invoke


@each
def test_help_fits_80_columns_and_shows_examples(run: Run, name: str) -> None:
    result = run("liquidator", name, "--help")
    assert result.code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert f"zksolvency liquidator {name}" in result.stdout.partition("Examples:")[2]


def test_the_list_of_commands_cuts_nothing_off(run: Run) -> None:
    result = run("liquidator", "--help")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "..." not in result.stdout.partition("Commands:")[2]


@each
def test_every_option_is_explained_and_machines_are_answered(name: str) -> None:
    params = COMMANDS[name].params
    assert [param.name for param in params if not param.help] == []
    assert "--json" in {option for param in params for option in param.opts}


@pytest.mark.parametrize("roles", [["guardian"], ["guardian", "liquidator", "housekeeper", "reporter"]])
def test_what_init_writes_is_read_again(run: Run, tmp_path: Any, roles: list[str]) -> None:
    path = tmp_path / "liquidator.toml"
    words = [word for role in roles for word in ("--role", role)]
    assert run("liquidator", "init", "--out", path, *words).code == 0
    assert load_settings(path).roles == set(roles)
    assert run("liquidator", "init", "--out", path, *words).code == 3


def test_an_unknown_role_is_named(run: Run, tmp_path: Any) -> None:
    result = run("liquidator", "init", "--out", tmp_path / "x.toml", "--role", "king", "--json")
    assert (result.code, "king" in result.error["message"]) == (3, True)


def test_the_status_of_no_engine_is_an_error(run: Run) -> None:
    result = run("liquidator", "status", "--port", 1, "--once", "--json")
    assert (result.code, "no engine answers" in result.error["message"]) == (3, True)
