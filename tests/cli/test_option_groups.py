"""Options that several commands share."""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from prover.cli._commands import new_app
from prover.cli._option_groups import with_option_groups


@dataclass(frozen=True)
class Reading:
    url: Annotated[str, typer.Option("--url")]
    tries: Annotated[int, typer.Option("--tries", min=1)] = 3


@dataclass(frozen=True)
class Sending(Reading):
    key: Annotated[Path | None, typer.Option("--key")] = None


def command(
    name: Annotated[str, typer.Argument()], *, node: Sending, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    typer.echo(f"{name} {node} {as_json}")


def test_a_group_is_expanded_where_it_is_and_handed_on_whole() -> None:
    assert list(inspect.signature(with_option_groups(command)).parameters) == ["name", "url", "tries", "key", "as_json"]
    app = new_app()
    app.command()(command)
    given = CliRunner().invoke(app, ["x", "--url", "u", "--key", "k", "--json"])
    assert given.output == f"x {Sending('u', 3, Path('k'))} True\n"
    assert "--url" in CliRunner().invoke(app, ["x"]).output  # an option without a default is required
    assert "--tries" in CliRunner().invoke(app, ["x", "--url", "u", "--tries", "0"]).output


def test_a_command_without_a_group_is_left_as_it_is() -> None:
    def plain(name: str) -> str:
        return name

    assert with_option_groups(plain) is plain


def test_two_options_of_one_name_are_refused() -> None:
    def twice(*, node: Reading, url: Annotated[str, typer.Option("--other")]) -> None: ...

    with pytest.raises(ValueError, match="duplicate parameter name: 'url'"):
        with_option_groups(twice)
