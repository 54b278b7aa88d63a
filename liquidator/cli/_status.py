"""`zksolvency liquidator status`."""

import time
from typing import Annotated, Final

import typer

from liquidator.cli._options import JsonFlag, examples
from liquidator.cli._output import print_json

EXAMPLES: Final = examples(
    "zksolvency liquidator status",
    "zksolvency liquidator status --port 9465 --once",
    "zksolvency liquidator status --json",
)

_PORT: Final = 9464


def status(
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1, max=65_535, help="Of the engine's status: `status.port`.")
    ] = _PORT,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.2, help="How often the screen is drawn again.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Show it once, and end.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what a running engine of this machine does.

    Accounts, auctions, jobs, the time of each stage, the node and the alarms, until Ctrl-C. Exit code 1 with --once or
    --json when the engine is not healthy.
    """
    from liquidator.cli._dashboard import dashboard  # noqa: PLC0415 - slow to import
    from liquidator.engine import read_status  # noqa: PLC0415

    shown = read_status(port)
    if as_json:
        print_json(shown)
    elif once:
        from rich.console import Console  # noqa: PLC0415

        Console().print(dashboard(shown))
    else:
        from rich.live import Live  # noqa: PLC0415

        with Live(dashboard(shown), screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(interval)
                live.update(dashboard(read_status(port)), refresh=True)
    if not shown["healthy"]:
        raise typer.Exit(1)
