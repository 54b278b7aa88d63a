"""The command tree: commands imported when they are used, help with examples, errors told in one place."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from prover.cli._exits import run
from prover.cli._heartbeat import heartbeat
from prover.cli._option_groups import with_option_groups

PROGRAM: Final = "zksolvency"

ENTRY_POINTS: Final = "zksolvency.commands"
"""Of other distributions whose commands join the program: the name of a command, and a module with its `app`."""

Command = TypeVar("Command", bound=Callable[..., Any])


class LazyCommand(TyperCommand):
    """A command in lists and help, whose module is imported when the command is called."""

    def __init__(self, name: str, summary: str, module: str) -> None:
        super().__init__(name, short_help=summary)
        self._module = module

    def load(self) -> Any:
        """The command itself."""
        return get_command(import_module(self._module).app)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the command itself."""
        return self.load().make_context(info_name, args, parent, **extra)


class Group(TyperGroup):
    """A group that shows its help when called without a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, or show help: as wrong a use as any other, but one that help answers."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(2)
        return super().parse_args(ctx, args)


class LazyGroup(Group):
    """A group with commands that are imported when they are called: slow imports are paid for by those who need them.

    Attributes:
        COMMANDS: their summaries by name.
        MODULES: where they are, with {} for the name.
    """

    COMMANDS: Mapping[str, str] = {}
    MODULES = "prover.cli.{}"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, summary in self.COMMANDS.items():
            self.add_command(LazyCommand(name, summary, self.MODULES.format(name.replace("-", "_"))))


class Root(LazyGroup):
    """The program: every error of every command ends here. Other distributions may add commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._joined = {entry.name for entry in entry_points(group=ENTRY_POINTS)}
        for entry in sorted(entry_points(group=ENTRY_POINTS)):
            self.add_command(LazyCommand(entry.name, _summary(entry), entry.module))

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run the program and exit."""
        words = list(sys.argv[1:] if args is None else args)
        extra |= {"prog_name": PROGRAM, "standalone_mode": False}

        def command() -> object:
            tells = words[:1] and words[0] in self._joined  # what another distribution runs says itself how it goes
            with nullcontext() if tells else heartbeat():
                return super(Root, self).main(words, **extra)

        sys.exit(run(command, as_json="--json" in words))


def _summary(entry: EntryPoint) -> str:
    """What a distribution says of itself, so that lists of commands import none of it."""
    return "" if entry.dist is None else entry.dist.metadata["Summary"]


class App(typer.Typer):
    """An application whose commands may take groups of options."""

    def command(self, *args: Any, **settings: Any) -> Callable[[Command], Command]:
        """As of typer."""
        register = super().command(*args, **settings)

        def decorate(function: Command) -> Command:
            register(with_option_groups(function))
            return function

        return decorate


def new_app(help: str | None = None, cls: type[Group] = Group) -> typer.Typer:  # noqa: A002 - typer's own name
    """An application for one module of commands."""
    return App(cls=cls, help=help, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def examples(*lines: str) -> str:
    """The end of a help page: what to type."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
