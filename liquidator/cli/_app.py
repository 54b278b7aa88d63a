"""The group of commands."""

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Watch accounts, and act when one misses its margin.",
)


@app.callback()
def group() -> None:
    """Typer takes a group without commands only with a callback."""
